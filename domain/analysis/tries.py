"""How many were tried before one was chosen, and how much they differed: what luck is measured by. Without numpy, so
that a process that only asks starts fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev


@dataclass(frozen=True, slots=True)
class Tried:
    count: int
    spread: float
    """The deviation of their Sharpe ratios of one period, with n - 1; 0 for a single one."""


def tried_of(ratios: Sequence[float]) -> Tried:
    return Tried(len(ratios), stdev(ratios) if len(ratios) > 1 else 0.0)
