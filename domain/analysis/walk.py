"""What a walk-forward tells of a way of training: whether it holds on one window after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from domain.analysis.names import BUY_AND_HOLD
from domain.analysis.performance import annual_return, total_return
from domain.analysis.series import Series, finite, raised, ratio


@dataclass(frozen=True, slots=True)
class Walked:
    """Figures over all folds; those that have no meaning are None."""

    beat_buy_and_hold: float
    """Share of folds in which it earned more than buying and holding."""
    beat_all: float
    """Share of folds in which it earned more than each of the others."""
    annual_return: float | None
    """Of the whole account, on bars that no agent was trained on."""
    valid_annual_return: float | None
    """The steady yearly return over all valid parts, on which the agents were chosen."""
    efficiency: float | None
    """annual_return / valid_annual_return, where that is more than 0."""
    worst: float | None
    """With median, best and deviation: of the total returns by fold."""
    median: float | None
    best: float | None
    deviation: float | None
    """With n - 1."""


def walked(
    own: Series,
    others: Mapping[str, Series],
    edges: Sequence[int],
    valid: Sequence[tuple[float, int]],
    per_year: float,
) -> Walked:
    """Returns of whole accounts; fold i is from edges[i] up to edges[i + 1]. `valid` has the total return of each valid
    part, and how many returns that was."""
    mine = by_fold(own, edges)
    theirs = {key: by_fold(returns, edges) for key, returns in others.items()}
    beaten = {key: [one > other for one, other in zip(mine, each, strict=True)] for key, each in theirs.items()}
    annual, chosen = annual_return(own, per_year), _steady(valid, per_year)
    return Walked(
        beat_buy_and_hold=float(np.mean(beaten[BUY_AND_HOLD])),
        beat_all=float(np.mean(np.all(list(beaten.values()), axis=0))),
        annual_return=annual,
        valid_annual_return=chosen,
        efficiency=ratio(annual, chosen) if chosen is not None and chosen > 0.0 else None,
        worst=min(mine),
        median=float(np.median(mine)),
        best=max(mine),
        deviation=finite(float(np.std(mine, ddof=1))) if len(mine) > 1 else None,
    )


def by_fold(returns: Series, edges: Sequence[int]) -> list[float]:
    """The total return of each fold."""
    return [total_return(returns[start:stop]) or 0.0 for start, stop in pairwise(edges)]


def _steady(valid: Sequence[tuple[float, int]], per_year: float) -> float | None:
    """prod(1 + total)^(per_year / bars) - 1 over all parts together."""
    grown, bars = float(np.prod([1.0 + total for total, _ in valid])), sum(count for _, count in valid)
    if grown <= 0.0 or not bars:
        return None
    found = raised(grown, per_year / bars)
    return None if found is None else found - 1.0
