"""The trades of a backtest, and what each position brought from its opening to its closing.

A trade through zero is two: one closes, one opens. The profit of a position stands at the trade that closes it, and is
all that was paid and received for it since it was opened, costs included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.analysis.backtest import Backtest
from domain.analysis.series import Series, Times

LEAST = 1e-9
"""A change of less than this share of the equity is rounding, and no trade."""


@dataclass(frozen=True, slots=True, eq=False)
class Trades:
    """By time, then by asset."""

    times: Times
    assets: NDArray[np.int64]
    quantities: Series
    """More than 0: bought; less: sold."""
    prices: Series
    costs: Series
    profits: Series
    """Of the position that this trade closes; not a number where it closes none."""

    @property
    def closed(self) -> Series:
        """The profits of positions that were closed."""
        return self.profits[np.isfinite(self.profits)]


def trades_of(run: Backtest) -> Trades:
    """Memory goes with the number of trades."""
    bars, assets = np.nonzero(np.abs(run.held - run.drifted) > LEAST)
    worth, price = run.equity[bars], run.prices[bars, assets]
    before, after = (_without_dust(table[bars, assets]) * worth / price for table in (run.drifted, run.held))
    turns = before * after < 0.0
    rows = np.repeat(np.arange(len(bars)), 1 + turns)
    second = np.concatenate(([False], rows[1:] == rows[:-1])) if len(rows) else np.zeros(0, bool)
    turned = turns[rows]
    start = np.where(second, 0.0, before[rows])
    end = np.where(turned & ~second, 0.0, after[rows])
    quantity, at = end - start, bars[rows]
    cost = np.abs(quantity) * price[rows] * run.rates[at]
    profit = _profits(assets[rows], start, end, -quantity * price[rows] - cost)
    return Trades(run.times[at], assets[rows], quantity, price[rows], cost, profit)


def _without_dust(held: Series) -> Series:
    return np.where(np.abs(held) > LEAST, held, 0.0)


def _profits(assets: NDArray[np.int64], start: Series, end: Series, flow: Series) -> Series:
    """Cash flows summed from each opening to its closing, asset by asset."""
    found = np.full(len(flow), np.nan)
    order = np.lexsort((np.arange(len(assets)), assets))
    if not len(order):
        return found
    opens = (start[order] == 0.0) | np.concatenate(([True], np.diff(assets[order]) != 0))
    sums = np.add.reduceat(flow[order], np.flatnonzero(opens))
    closes = end[order] == 0.0
    found[order[closes]] = sums[np.cumsum(opens)[closes] - 1]
    return found
