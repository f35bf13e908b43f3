"""What a walk-forward says in its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.analysis.names import BUY_AND_HOLD
from domain.analysis.walk import Walked
from domain.evaluations.walk import holds, so_it_holds
from workers.engines.embedded.market import Market
from workers.engines.embedded.model import Card, about_split
from workers.engines.embedded.seeds import Best
from workers.engines.embedded.voice import Level
from workers.evaluations.windows import Window

if TYPE_CHECKING:
    from workers.evaluations.folds import Plan

Line = tuple[str, Level]


def introduction(plan: Plan, windows: Sequence[Window]) -> Iterator[Line]:
    epochs, how = plan.config["epochs"], "grow" if windows[0].start == windows[1].start else "roll on"
    yield (
        (
            f"{plan.algorithm} for {plan.task.replace('_', ' ')} is trained anew on {len(windows)} windows that {how}, "
            f"{epochs} epochs each, from seed {plan.seed}; each agent acts on the bars that come next."
        ),
        "info",
    )
    fewest = min(map(plan.steps, windows))
    if (warm_up := plan.config.get("warmup_steps", 0)) >= fewest:
        yield (
            (
                f"The warm-up of {warm_up:,} steps is longer than the training on a window, of {fewest:,}: nothing is "
                "learned there. Give it more epochs."
            ),
            "warning",
        )


def fold_begins(number: int, folds: int, market: Market) -> str:
    train, valid, test = (about_split(market, split) for split in ("train", "valid", "test"))
    return (
        f"Fold {number} of {folds}: learns from {train['bars']:,} bars, {train['first'][:10]} to {train['last'][:10]}, "
        f"is chosen on {valid['bars']:,} up to {valid['last'][:10]}, and acts on {test['bars']:,}, "
        f"{test['first'][:10]} to {test['last'][:10]}."
    )


def fold_ends(number: int, folds: int, score: str, best: Best) -> str:
    kept = f"kept is the agent of step {best.step:,}, which did best on valid: {score} {best.score:.2f}"
    return f"Fold {number} of {folds}: {kept}."


def fold_result(number: int, fold: Mapping[str, Any], own: str) -> str:
    earned = {each["key"]: each["total_return"] for each in fold["entries"]}
    return (
        f"Fold {number}, {fold['from'][:10]} to {fold['to'][:10]}: {earned[own]:+.2%}, buying and holding "
        f"{earned[BUY_AND_HOLD]:+.2%}; on valid it was {fold['valid']['total_return']:+.2%}."
    )


def verdict(found: Walked, sharpe: float | None, card: Card) -> Iterator[Line]:
    yield (
        (
            f"It earned more than buying and holding in {found.beat_buy_and_hold:.0%} of the folds, and more than each "
            f"baseline in {found.beat_all:.0%}."
        ),
        "info",
    )
    if found.annual_return is not None and found.valid_annual_return is not None:
        yield (
            (
                f"A year it earned {found.annual_return:+.1%} on bars that no agent had learned from, and "
                f"{found.valid_annual_return:+.1%} on those where the agents were chosen."
            ),
            "info",
        )
    own = card["measures"]["test"]["sharpe"]
    yield f"Over all folds its Sharpe ratio is {sharpe or 0.0:.2f}; the model itself had {own:.2f} on its test.", "info"
    level: Level = "info" if holds(found.beat_all, found.annual_return) else "warning"
    yield f"So {so_it_holds(found.beat_all, found.annual_return)}", level
