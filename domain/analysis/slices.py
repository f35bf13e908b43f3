"""How orders are cut by those who need no skill: the share of each order for each step, [orders, steps]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.analysis.backtest import Table
from domain.analysis.names import ARRIVAL, TWAP, VWAP
from domain.analysis.series import Series, Times

_BUCKET = np.timedelta64(15, "m")
"""Of the time of day: fine enough for the shape of a day, and wide enough to be counted soon."""


def baselines(times: Times, volumes: Series | None, begins: NDArray[np.int64], steps: int) -> dict[str, Table]:
    """Of orders that begin at these places in the times. Without volumes there is no VWAP."""
    found = {TWAP: np.full((len(begins), steps), 1.0 / steps)}
    if volumes is not None:
        found[VWAP] = by_volume(usual_volumes(times, volumes, begins, steps))
    return found | {ARRIVAL: at_once(len(begins), steps)}


def at_once(orders: int, steps: int) -> Table:
    shares = np.zeros((orders, steps))
    shares[:, 0] = 1.0
    return shares


def by_volume(expected: Table) -> Table:
    """In proportion; evenly where nothing is expected."""
    whole = expected.sum(axis=1, keepdims=True)
    even = np.full_like(expected, 1.0 / expected.shape[1])
    return np.asarray(np.divide(expected, whole, out=even, where=whole > 0.0))


def usual_volumes(times: Times, volumes: Series, begins: NDArray[np.int64], steps: int) -> Table:
    """What a bar has on average in that quarter of an hour of the day, as the bars before each order had it; of a
    quarter that was not there yet, what all bars before had; 0 where nothing is known."""
    known = np.isfinite(volumes)
    quarter = (times - times.astype("datetime64[D]")) // _BUCKET
    at = begins[:, None] + np.arange(steps)
    count, total = _before(quarter[at], begins[:, None], quarter, known, volumes)
    nothing = np.zeros_like(quarter)
    all_count, all_total = _before(nothing[begins], begins, nothing, known, volumes)
    overall = np.divide(all_total, all_count, out=np.zeros_like(all_total), where=all_count > 0)
    usual = np.repeat(overall[:, None], steps, axis=1)
    return np.asarray(np.divide(total, count, out=usual, where=count > 0))


def _before(
    wanted: NDArray[np.int64],
    begins: NDArray[np.int64],
    groups: NDArray[np.int64],
    known: NDArray[np.bool_],
    values: Series,
) -> tuple[Series, Series]:
    """How many values of the wanted group there are before each begin, and their sum."""
    count, total = np.zeros(wanted.shape, dtype=np.int64), np.zeros(wanted.shape)
    before = np.broadcast_to(begins, wanted.shape)
    for group in np.unique(wanted):
        places, rows = np.flatnonzero(known & (groups == group)), wanted == group
        count[rows] = np.searchsorted(places, before[rows])
        total[rows] = np.concatenate(([0.0], np.cumsum(values[places])))[count[rows]]
    return count.astype(np.float64), total
