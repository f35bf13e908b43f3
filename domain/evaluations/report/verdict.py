"""What came out, in plain sentences: the headline, and what supports it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from domain.analysis.names import BUY_AND_HOLD, EQUAL_WEIGHT, RANDOM
from domain.evaluations.model import EntryWarning
from domain.evaluations.report import orders, words
from domain.evaluations.told import Told
from domain.evaluations.walk import so_it_holds
from domain.pictures.data import Stressed
from domain.pictures.stress import heading

_SURE = 0.95
_PROSE = {BUY_AND_HOLD: "buying and holding", EQUAL_WEIGHT: "equal weights", RANDOM: "a random trader"}
_MOST = 3
"""Models of which each is spoken of."""


def headline(told: Told) -> str:
    if caught := told.warned(EntryWarning.LOOKS_AHEAD):
        return f"Do not trust these figures: {_names(told, caught)} knew what came afterwards."
    if told.execution:
        return orders.headline(told, told.execution["comparison"])
    if len(told.models) > 1:
        return _of_several(told)
    return _of_one(told, told.models[0])


def sentences(told: Told) -> Iterator[str]:
    if told.execution:
        yield from orders.sentences(told, told.execution)
        return
    yield from (_earned(told, key) for key in _best_first(told)[:_MOST])
    if len(told.models) == 1:
        yield _fell(told, told.models[0])
        yield _luck(told, told.models[0])
    yield from _stressed(told)
    yield from _walked(told)


def _of_one(told: Told, key: str) -> str:
    name, earned = told.spoken(key), told.figure(key, "total_return")
    held = told.figure(BUY_AND_HOLD, "total_return")
    if earned is None or held is None:
        return f"{name} has no figures: nothing can be said of it."
    if earned == 0.0:
        return f"{name} neither earned nor lost."
    if earned < 0.0:
        other = "as much" if math.isclose(held, earned) else "more" if held < earned else "less"
        held_too = f"; buying and holding lost {other}" if held < 0.0 else ", buying and holding did not"
        return f"{name} lost money{held_too}."
    if beaten := _beaten(told, key):
        return f"{name} earned, but not more than {words.listed([_PROSE[each] for each in beaten])}."
    return f"{name} earned more than everything that needs no skill{_doubt(told, key)}."


def _doubt(told: Told, key: str) -> str:
    sure = _likelihood(told, key)
    return ", but chance may explain that" if sure is not None and sure < _SURE else ""


def _beaten(told: Told, key: str) -> list[str]:
    """Those baselines that earned at least as much. Of a single symbol, equal weights are the same as holding it."""
    earned = told.figure(key, "total_return") or 0.0
    several = len(told.result.get("symbols") or ()) > 1
    found = ((other, told.figure(other, "total_return")) for other in _PROSE if several or other != EQUAL_WEIGHT)
    return [other for other, value in found if value is not None and value >= earned]


def _of_several(told: Told) -> str:
    compared = told.result.get("comparison")
    if not compared:
        return f"{len(told.models)} models were judged on the same bars."
    if compared["winner"]:
        return f"{told.spoken(compared['winner'])} is better than each other one, beyond chance."
    best = compared["ranking"][0]
    return f"Nobody is shown to be best. {told.spoken(best)} earned the most, but chance may explain that."


def _earned(told: Told, key: str) -> str:
    held, start = told.figure(BUY_AND_HOLD, "total_return"), told.parameters.get("setup", {}).get("start_capital")
    total, annual = told.figure(key, "total_return"), told.figure(key, "annual_return")
    grew = (
        f" turned {words.money(start)} into {words.money(told.figure(key, 'final_equity'))}:" if start else " came to"
    )
    return (
        f"{told.spoken(key)}{grew} {words.share(total)} in all, {words.share(annual)} a year, after "
        f"{words.money(told.figure(key, 'costs'))} of costs. Buying and holding came to {words.share(held)}."
    )


def _fell(told: Told, key: str) -> str:
    deepest = next(iter(told.entries.get(key, {}).get("drawdowns") or ()), None)
    if deepest is None:
        return "It never fell below a peak."
    back = "made good on " + words.day(deepest["recovery"]) if deepest["recovery"] else "not made good by the end"
    return (
        f"Its deepest fall was {words.share(deepest['depth'])}, from {words.day(deepest['peak'])} to "
        f"{words.day(deepest['trough'])}, {back}; buying and holding fell "
        f"{words.share(told.figure(BUY_AND_HOLD, 'max_drawdown'))}."
    )


def _luck(told: Told, key: str) -> str:
    ratio, sure = told.figure(key, "sharpe"), _likelihood(told, key)
    if ratio is None or sure is None:
        return "It has no Sharpe ratio, for its account hardly moved."
    verdict = "which chance hardly explains" if sure >= _SURE else "so it may well be chance"
    tried = told.result.get("trials") or 1
    among = f", and beyond what luck gives the best of {tried:,} tried," if tried > 1 else ""
    return (
        f"Its Sharpe ratio is {words.number(ratio)}. By the length and shape of its returns, the true one is above 0"
        f"{among} with a likelihood of {words.likelihood(sure)}, {verdict}."
    )


def _likelihood(told: Told, key: str) -> float | None:
    """That it is skill; where several were tried, beside the luck of so many."""
    deflated = told.figure(key, "deflated_sharpe")
    return told.figure(key, "probabilistic_sharpe") if deflated is None else deflated


def _stressed(told: Told) -> Iterator[str]:
    for key in _best_first(told)[:_MOST] if told.result.get("scenarios") else ():
        found = [
            (heading(Stressed(each["scenario"], each["strength"], ())), one["worst"])
            for each in told.result["scenarios"]
            for one in each["entries"]
            if one["key"] == key and one["worst"] is not None
        ]
        if found:
            scenario, worst = min(found, key=lambda each: float(each[1]))
            yield f"{told.spoken(key)} came to {words.share(worst)} at worst under stress ({scenario})."


def _walked(told: Told) -> Iterator[str]:
    walk: dict[str, Any] | None = told.result.get("walk")
    if walk:
        count = len(told.result.get("folds", ()))
        beaten = round(walk["beat_buy_and_hold"] * count)
        yield (
            f"Trained anew on each of {count} windows, it earned more than buying and holding in {beaten} of them; the "
            f"worst came to {words.share(walk['worst'])}, the best to {words.share(walk['best'])}."
        )
        ahead, verdict = round(walk["beat_all"] * count), so_it_holds(walk["beat_all"], walk.get("annual_return"))
        yield f"It was ahead of each baseline in {ahead} of them, so {verdict}"


def _best_first(told: Told) -> list[str]:
    return sorted(told.models, key=lambda key: -(told.figure(key, "total_return") or 0.0))


def _names(told: Told, keys: list[str]) -> str:
    return words.listed([told.name(key) for key in keys])
