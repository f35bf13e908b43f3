"""Walk-forward: what may be asked of it, and what came of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from domain.evaluations.walk import WalkWish
from graph.fields import optional, plain


@strawberry.input(description="Over which windows to walk, and how to train there.")
class WalkInput:
    folds: int = optional("How many windows, 2 to 20. Their tests cover the later half of the bars.", 5)
    anchored: bool = optional("Whether windows grow from the same beginning; false: they roll on, equally long.", False)
    epochs: int | None = optional("Of each agent, 1 to 1,000. Left out: as many as the model had.")


@strawberry.type(description="What the agent that was kept earned on valid, where it was chosen.")
class FoldChoice:
    total_return: float | None = plain("From the first bar to the last.")
    annual_return: float | None = plain("A year.")
    sharpe: float | None = plain("Mean return by volatility, a year.")


@strawberry.type(description="What an entry earned in the test of one window.")
class FoldFigures:
    key: str = plain("Of the entry.")
    total_return: float | None = plain("From the first bar of the test to the first of the next one.")
    sharpe: float | None = plain("Mean return by volatility, a year.")


@strawberry.type(description="A window of a walk-forward: trained on it, and tested on the bars that come next.")
class WalkFold:
    from_: datetime = strawberry.field(name="from", description="The first bar of the test.")
    to: datetime = plain("The last bar of the test.")
    bars: int = plain("How many bars the test has.")
    trained_from: datetime = plain("The first bar to train on.")
    trained_to: datetime = plain("The last one; the later ones of these served to choose the best agent.")
    best_score: float = plain("Of the agent that was kept, where it was chosen.")
    valid: FoldChoice = plain("What that one earned there.")
    entries: list[FoldFigures] = plain("What each entry earned in the test.")


@strawberry.type(description="Whether the way of training holds from window to window.")
class WalkSummary:
    beat_buy_and_hold: float = plain("Share of folds in which it earned more than buying and holding.")
    beat_all: float = plain("Share of folds in which it earned more than each baseline.")
    annual_return: float | None = plain("A year, on bars that no agent had learned from.")
    valid_annual_return: float | None = plain("A year, over all parts on which agents were chosen.")
    efficiency: float | None = plain("The first by the second; null where the second is 0 or less.")
    worst: float | None = plain("The lowest total return of a fold.")
    median: float | None = plain("The one in the middle.")
    best: float | None = plain("The highest.")
    deviation: float | None = plain("How much they differ: their standard deviation.")


def walk_wish(input: WalkInput | None) -> WalkWish | None:
    return WalkWish(input.folds, input.anchored, input.epochs) if input else None


def walk_fold(told: Mapping[str, Any]) -> WalkFold:
    times = {name: datetime.fromisoformat(told[name]) for name in ("to", "trained_from", "trained_to")}
    return WalkFold(
        from_=datetime.fromisoformat(told["from"]),
        **times,
        bars=told["bars"],
        best_score=told["best_score"],
        valid=FoldChoice(**told["valid"]),
        entries=[FoldFigures(**each) for each in told["entries"]],
    )
