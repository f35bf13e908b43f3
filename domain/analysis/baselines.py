"""Positions that need no skill: what every strategy has to be measured against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from domain.analysis.backtest import Backtest, Spread, Table, backtest
from domain.analysis.names import BUY_AND_HOLD, EQUAL_WEIGHT, FLAT, RANDOM
from domain.analysis.series import Series, Times
from domain.analysis.setup import Drift, Setup

_SEEDS = range(1, 10)
_KEPT = 10
"""How many bars a random trader keeps what it holds, on average. Who trades at each bar measures the costs only."""


def baselines(
    times: Times,
    prices: Table,
    setup: Setup,
    *,
    opens: Table | None = None,
    cost_factor: Series | None = None,
    quoted: NDArray[np.bool_] | None = None,
    spread: Spread | None = None,
) -> dict[str, Backtest]:
    """All of them under the same costs, latency and limits. `quoted`: whether an asset can be traded; without it, it
    can where it has a price."""
    marks = opens if setup.latency_bars and opens is not None else prices

    def run(targets: Table, own: Setup = setup) -> Backtest:
        return backtest(times, prices, targets, own, opens=opens, cost_factor=cost_factor, spread=spread)

    at_once = replace(setup, latency_bars=0, max_position=None, max_gross=None)
    kept = bought_once(marks, setup)
    return {
        BUY_AND_HOLD: backtest(times, marks, kept, at_once, cost_factor=cost_factor, spread=spread),
        EQUAL_WEIGHT: run(evenly(np.isfinite(prices) if quoted is None else quoted)),
        RANDOM: middling([run(by_chance(prices, setup, seed)) for seed in _SEEDS]),
        FLAT: run(np.zeros_like(prices)),
    }


def evenly(there: NDArray[np.bool_]) -> Table:
    """The same of each asset that is there, made even again at each bar."""
    return np.asarray(there / np.maximum(there.sum(axis=1, keepdims=True), 1), dtype=np.float64)


def bought_once(prices: Table, setup: Setup) -> Table:
    """The same of each asset that has a price when it begins, never touched again: what the market makes of it."""
    held = np.zeros_like(prices)
    first = setup.latency_bars
    if first >= len(prices):
        return held
    share = evenly(np.isfinite(prices[first : first + 1]))[0]
    if setup.max_position is not None:
        share = np.minimum(share, setup.max_position)
    with np.errstate(invalid="ignore"):
        worth = np.where(share > 0.0, share * _carried(prices[first:]) / prices[first], 0.0)
    paid = setup.rate * share.sum() if setup.drift is Drift.NET else 0.0
    grown = worth.sum(axis=1, keepdims=True)
    # Costs that there is no cash for are paid out of what is held, once they are due.
    held[first:] = worth / (max(1.0 - share.sum() - paid, 0.0) + grown)
    held[first] = share
    return held


def by_chance(prices: Table, setup: Setup, seed: int) -> Table:
    """Random shares of the account, kept for a while."""
    chance = np.random.default_rng(seed)
    bars, assets = prices.shape
    changes = chance.random(bars) < 1.0 / _KEPT
    latest = np.maximum.accumulate(np.where(changes, np.arange(bars), 0))
    most = 1.0 if setup.max_position is None else setup.max_position
    shares = chance.random((bars, assets)) * most / assets
    return np.asarray(shares[latest], dtype=np.float64)


def middling(runs: list[Backtest]) -> Backtest:
    """The one in the middle by what it came to."""
    return sorted(runs, key=lambda run: float(run.equity[-1]))[len(runs) // 2]


def _carried(prices: Table) -> Table:
    """The last known price where there is none."""
    place = np.where(np.isfinite(prices), np.arange(len(prices))[:, None], 0)
    return np.take_along_axis(prices, np.maximum.accumulate(place, axis=0), axis=0)
