"""What an evaluation says in its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from domain.analysis.backtest import Backtest
from domain.analysis.comparison import Comparison
from domain.analysis.performance import sharpe, total_return
from domain.analysis.report import iso
from workers.evaluations.field import Field
from workers.evaluations.request import Request, Stress


def introduction(request: Request, field: Field) -> str:
    setup, count = request.setup, len(request.models)
    bars = "bar" if setup.latency_bars == 1 else "bars"
    late = f", {setup.latency_bars} {bars} late" if setup.latency_bars else ""
    return (
        f"{count} {'model' if count == 1 else 'models'} on {len(field.times):,} bars of "
        f"{len(field.bars.symbols):,} {'symbol' if len(field.bars.symbols) == 1 else 'symbols'}, from "
        f"{iso(field.times[0])[:10]} to {iso(field.times[-1])[:10]}; costs {setup.transaction_cost:.3%}, slippage "
        f"{setup.slippage:.3%}{' beside what the order book takes' if field.spread else ''}{late}."
    )


def looked(name: str, places: int, leak: int | None) -> tuple[str, Literal["info", "warning"]]:
    if leak is None:
        return f"{name}: its decisions stay the same when the future is cut off, at each of {places} places.", "info"
    return f"{name}: its decisions change when the future is cut off. Do not trust any figure of it.", "warning"


def suspicion(name: str) -> str:
    return (
        f"{name} would earn so much less one bar later that it may know what it should not. See whether a column of "
        "the data tells the future."
    )


def trained_on(name: str, seen: int, bars: int) -> str:
    return (
        f"{name} was trained on {seen:,} of these {bars:,} bars, or chosen by them, which flatters it. Judge it on "
        "TEST, or on other data."
    )


def verdicts(names: Mapping[str, str], runs: Mapping[str, Backtest], per_year: float) -> Iterator[str]:
    others = [key for key in runs if key not in names]
    for key, name in names.items():
        beaten = [other for other in others if _score(runs[key], per_year) <= _score(runs[other], per_year)]
        ahead = f"not ahead of {', '.join(map(spoken, beaten))}" if beaten else "ahead of all baselines"
        yield (
            f"{name}: {total_return(runs[key].returns) or 0.0:+.2%}, Sharpe ratio "
            f"{_score(runs[key], per_year):.2f}, by that {ahead}."
        )


def compared(names: Mapping[str, str], found: Comparison) -> str:
    if found.winner is not None:
        return f"{names.get(found.winner, spoken(found.winner))} is better than each other one, beyond chance."
    best = found.ranking[0]
    return f"{names.get(best, spoken(best))} earned the most, but chance may explain that: nobody is shown to be best."


def under_stress(names: Mapping[str, str], wanted: Stress, entries: list[dict[str, Any]]) -> str:
    said = (f"{names[each['key']]} {each['median'] or 0.0:+.2%}" for each in entries if each["key"] in names)
    return f"Under {wanted.scenario.value} ({wanted.strength:g}): {', '.join(said)}."


def spoken(key: str) -> str:
    return key.replace("_", " ")


def _score(run: Backtest, per_year: float) -> float:
    return sharpe(run.returns, per_year) or 0.0
