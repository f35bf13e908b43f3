"""Falls from a peak: how deep, how long, and whether they were made good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series, known, wealth


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Places are in wealth, where 0 is the start and i is after the i-th period."""

    depth: float
    """Less than 0: wealth at the trough by wealth at the peak, less 1."""
    peak: int
    trough: int
    recovery: int | None
    """When wealth was back at its peak; None: not yet."""


def under_water(returns: Series) -> Series:
    """For the start and after each period: wealth by its highest so far, less 1. 0 at a peak."""
    line = wealth(np.nan_to_num(returns, nan=0.0))
    return line / np.maximum.accumulate(line) - 1.0


def max_drawdown(returns: Series) -> float | None:
    """min(wealth / highest wealth before - 1): 0 or less. None without a period."""
    return float(under_water(returns).min()) if len(known(returns)) else None


def drawdowns(returns: Series, most: int = 10) -> tuple[Drawdown, ...]:
    """The deepest falls, the deepest first, none overlapping another."""
    depth = under_water(returns)
    below = np.flatnonzero(np.diff(np.concatenate(([False], depth < 0.0, [False])).astype(np.int8)))
    found = [_fall(depth, first, after) for first, after in zip(below[::2], below[1::2], strict=True)]
    return tuple(sorted(found, key=lambda fall: (fall.depth, fall.peak))[:most])


def _fall(depth: Series, first: int, after: int) -> Drawdown:
    trough = first + int(np.argmin(depth[first:after]))
    return Drawdown(float(depth[trough]), int(first) - 1, trough, int(after) if after < len(depth) else None)
