"""Whether decisions know what comes after them.

Two looks. Where the decider can be asked again, it is asked with the future cut off, and must say the same: that is a
proof. Where there are only its positions, they are shifted: what knows the next bar earns hardly anything one bar
later, while an honest strategy on bars loses little by it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from domain.analysis.backtest import Table, backtest, delayed
from domain.analysis.series import Times
from domain.analysis.setup import Setup

TOLERANCE = 1e-6
SUSPICIOUS = 5.0
"""Standard errors by which a strategy may be worse one bar later before it is suspected."""


def first_leak(decide: Callable[[int], Table], whole: Table, places: Iterable[int]) -> int | None:
    """The first of these places at which the decision is another one when nothing after it is known.

    `decide(n)` are the decisions from the first n bars alone; `whole` those from all of them.
    """
    for place in places:
        alone = decide(place + 1)
        if not np.allclose(alone[place], whole[place], rtol=0.0, atol=TOLERANCE, equal_nan=True):
            return place
    return None


def knows_the_next_bar(times: Times, prices: Table, targets: Table) -> bool:
    """Whether the positions earn so much more than the same ones a bar later that chance and skill do not explain it.

    Without costs, so that dear trades hide nothing.
    """
    gap = edge_of_the_last_moment(times, prices, targets)
    return gap is not None and gap > SUSPICIOUS


def edge_of_the_last_moment(times: Times, prices: Table, targets: Table) -> float | None:
    """Mean by standard error of what each bar earns beyond what the positions of the bar before would. None where there
    is no difference."""
    now, later = (backtest(times, prices, each, Setup()).returns for each in (targets, delayed(targets, 1)))
    beyond = now - later
    spread = float(beyond.std(ddof=1)) if len(beyond) > 1 else 0.0
    return float(beyond.mean()) / spread * math.sqrt(len(beyond)) if spread > 0.0 else None
