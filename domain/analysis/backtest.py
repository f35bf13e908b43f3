"""What an account becomes that follows positions bar by bar, with costs: exact, and for many bars at once.

At bar t the account wants to hold `targets[t]` of each asset, in multiples of its equity. What it holds already has
been moved by the market since the bar before; it trades the difference, at the price of bar t, and pays for that:

    gain[t] = sum(held[t] * move[t + 1]) - rate[t] * sum(|held[t] - drifted[t]|)

`move` is the change of price from one bar to the next, `rate` transaction cost and slippage together. A gain of -1 or
less closes the account. At the last bar nothing is traded: nothing would come of it.

Memory: about ten arrays of bars by assets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.analysis.series import Series, Times
from domain.analysis.setup import Drift, Setup

Table = NDArray[np.float64]
"""[bars, assets]"""
Spread = Callable[[Table], Series]
"""From changes of the holding at each bar, in multiples of the equity, to how far from the price of the bar they are
filled, as a share of it: what the order book has."""

_NEAR = 1e-14
_ROUNDS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """An account from its first bar to its last."""

    times: Times
    prices: Table
    """At which it trades and is valued: the closes, or with latency the opens."""
    equity: Series
    """In money, at each bar before it trades there; the first is the start capital."""
    returns: Series
    """From each bar to the next: one fewer than bars."""
    held: Table
    """Between each bar and the next, in multiples of the equity: one row fewer than bars."""
    drifted: Table
    """What it held when it came to the bar, before it traded there: in the rows of `held`."""
    rates: Series
    """What a trade costs at each of these bars, as a share of it."""
    turnover: Series = field(init=False)
    """What it traded at each of these bars, as a share of the equity."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "turnover", np.abs(self.held - self.drifted).sum(axis=1))

    @property
    def costs(self) -> Series:
        """In money, at each bar but the last."""
        return self.turnover * self.rates * self.equity[:-1]


def backtest(
    times: Times,
    prices: Table,
    targets: Table,
    setup: Setup,
    *,
    opens: Table | None = None,
    cost_factor: Series | None = None,
    spread: Spread | None = None,
) -> Backtest:
    """Prices that are not a number: the asset cannot be traded then, and earns nothing. `cost_factor` makes trades
    dearer at some bars, and so does `spread` by how much is traded there."""
    if not len(times) == len(prices) == len(targets) or prices.shape != targets.shape:
        raise ValueError("Times, prices and targets must be of the same bars and assets.")
    marks = opens if setup.latency_bars and opens is not None else prices
    wanted = np.where(np.isfinite(marks), limited(delayed(targets, setup.latency_bars), setup), 0.0)[:-1]
    moves = moves_of(marks)
    rates = _rates(wanted, moves, setup, spread)
    if cost_factor is not None:
        rates = rates * cost_factor[: len(wanted)]
    gain, drifted = _settled(wanted, moves, rates, setup.drift)
    gain, alive = _closed(gain)
    equity = setup.start_capital * np.concatenate(([1.0], np.cumprod(1.0 + gain)))
    return Backtest(times, marks, equity, gain, wanted * alive, drifted * alive, rates)


def _rates(wanted: Table, moves: Table, setup: Setup, spread: Spread | None) -> Series:
    """What a trade costs at each bar, as a share of it."""
    rates = np.full(len(wanted), setup.rate)
    if spread is None:
        return rates
    if setup.drift is Drift.NET:
        raise ValueError("With a spread, what is traded must not depend on what it costs.")
    return rates + spread(wanted - _drifted(wanted * (1.0 + moves), np.einsum("ij,ij->i", wanted, moves)))


def delayed(targets: Table, bars: int) -> Table:
    """Each decision so many bars later; before the first of them nothing is held."""
    if not bars:
        return targets
    late = np.zeros_like(targets)
    late[bars:] = targets[:-bars]
    return late


def limited(targets: Table, setup: Setup) -> Table:
    """The positions that come nearest to those within the limits."""
    if setup.max_position is not None:
        targets = np.clip(targets, -setup.max_position, setup.max_position)
    if setup.max_gross is not None:
        gross = np.abs(targets).sum(axis=1, keepdims=True)
        targets = targets * (setup.max_gross / np.maximum(gross, setup.max_gross))
    return targets


def moves_of(prices: Table) -> Table:
    """The change of each price to the next bar, as a share; 0 where one of the two is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = prices[1:] / prices[:-1] - 1.0
    return np.where(np.isfinite(moves), moves, 0.0)


def _settled(wanted: Table, moves: Table, rates: Series, drift: Drift) -> tuple[Series, Table]:
    """Gains, and what was held when each bar came. After costs, each gain depends on the one before by the square of
    the rate only: guessed, and computed anew until the guess comes true."""
    before_costs = np.einsum("ij,ij->i", wanted, moves)
    grown = wanted * (1.0 + moves)
    drifted = _drifted(grown, before_costs)
    gain = before_costs - rates * np.abs(wanted - drifted).sum(axis=1)
    if drift is Drift.GROSS or not rates.any():
        return gain, drifted
    for _ in range(_ROUNDS):
        drifted = _drifted(grown, gain)
        better = before_costs - rates * np.abs(wanted - drifted).sum(axis=1)
        done = float(np.max(np.abs(better - gain), initial=0.0)) < _NEAR
        gain = better
        if done:
            return gain, drifted
    return _one_by_one(wanted, grown, before_costs, rates)


def _drifted(grown: Table, gain: Series) -> Table:
    found = np.zeros_like(grown)
    left = 1.0 + gain[:-1, None]
    np.divide(grown[:-1], left, out=found[1:], where=left > 0.0)
    return found


def _one_by_one(wanted: Table, grown: Table, before_costs: Series, rates: Series) -> tuple[Series, Table]:
    """For costs so large that guessing does not come to an end."""
    gain, drifted = np.empty_like(before_costs), np.zeros_like(wanted)
    for bar in range(len(wanted)):
        if bar and gain[bar - 1] > -1.0:
            drifted[bar] = grown[bar - 1] / (1.0 + gain[bar - 1])
        gain[bar] = before_costs[bar] - rates[bar] * np.abs(wanted[bar] - drifted[bar]).sum()
    return gain, drifted


def _closed(gain: Series) -> tuple[Series, Table]:
    """Nobody loses more than he has, and after everything is lost nothing more happens."""
    lost = gain <= -1.0
    alive: NDArray[np.bool_] = np.cumsum(lost) - lost == 0
    return np.where(alive, np.maximum(gain, -1.0), 0.0), alive[:, None].astype(np.float64)
