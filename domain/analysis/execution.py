"""What it costs to work off orders, against the price when each came (Perold 1988).

Orders of one evaluation are of one side and size, and last equally long. Tables are [orders, steps]: an order may be
filled at each step of its own time. What is not filled then is filled at the last price, and counts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.analysis.backtest import Table
from domain.analysis.comparison import Comparison, compare, mean_within
from domain.analysis.names import TWAP, VWAP
from domain.analysis.series import Series

BUY, SELL = 1, -1
BASIS = 1e4
"""Basis points in 1."""
WORST = 0.05
_NOTHING = 1e-5
"""Basis points: less is rounding."""
_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Orders:
    side: int
    """BUY or SELL."""
    quantity: float
    """Of each order."""
    fee: float
    """As a share of what is traded."""
    arrival: Series
    """The price when each order came: half way between best bid and best ask, or the close."""
    volumes: Table | None
    """What everybody traded at each step; None: nobody knows."""


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """How one who works orders off filled them."""

    quantities: Table
    prices: Table
    """Before fees."""
    last: Series
    """At which what is left of each order is filled in the end, before fees."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Figures of many orders; those of cost in basis points of the arrival price, less is better."""

    mean: float
    low: float | None
    """With `high`: where the true mean lies, as likely as 95 %; None: too few orders to tell."""
    high: float | None
    median: float
    deviation: float | None
    worst: float
    """The mean of the dearest 5 %, of one order at least."""
    cost: float
    """Of all orders, in money."""
    filled: float
    """The share that was filled before the end made it necessary."""
    participation: float | None
    """Its part of what was traded in the bars that it traded in, on average; None: volumes are not known."""
    beats_twap: float | None
    """The share of orders that cost less; None: it is that one, or that one is not there."""
    beats_vwap: float | None


def shortfalls(orders: Orders, fills: Fills) -> Series:
    """Implementation shortfall of each order, in basis points of what it was worth when it came:
    side * (sum(q * p) * (1 + side * fee) - Q * arrival) / (Q * arrival) * 10,000, the q adding up to Q."""
    value = (fills.quantities * fills.prices).sum(axis=1) + rest(orders, fills) * fills.last
    paid = value * (1.0 + orders.side * orders.fee)
    worth = orders.quantity * orders.arrival
    return np.asarray(orders.side * (paid - worth) / worth * BASIS)


def rest(orders: Orders, fills: Fills) -> Series:
    """What is left of each order at its end. Less than a billionth of it is rounding."""
    left = orders.quantity - fills.quantities.sum(axis=1)
    return np.where(left > 1e-9 * orders.quantity, left, 0.0)


def figures(orders: Orders, fills: Mapping[str, Fills], *, seed: int = 0) -> dict[str, Shortfall]:
    """Of each one who worked off the same orders, by name."""
    costs = {name: shortfalls(orders, each) for name, each in fills.items()}
    return {name: _figures(name, orders, fills[name], costs, seed) for name in fills}


def against_each_other(costs: Mapping[str, Series], *, seed: int = 0) -> Comparison:
    """Shortfalls of the same orders, by name. A difference is by how many basis points an order is cheaper on average.
    Counted from one of them, and with rounding cut off, so that it never looks like skill."""
    one = costs.get(TWAP, next(iter(costs.values())))
    saved = {name: np.round((one - each) / BASIS, _DIGITS) for name, each in costs.items()}
    return compare(saved, BASIS, seed=seed)


def _figures(name: str, orders: Orders, fills: Fills, costs: Mapping[str, Series], seed: int) -> Shortfall:
    own = costs[name]
    low, high = mean_within(own, seed=seed) or (None, None)
    dearest = math.ceil(len(own) * WORST)
    return Shortfall(
        mean=float(own.mean()),
        low=low,
        high=high,
        median=float(np.median(own)),
        deviation=float(own.std(ddof=1)) if len(own) > 1 else None,
        worst=float(np.sort(own)[-dearest:].mean()),
        cost=float((own / BASIS * orders.quantity * orders.arrival).sum()),
        filled=1.0 - float((rest(orders, fills) / orders.quantity).mean()),
        participation=participation(orders, fills),
        beats_twap=_beaten(name, TWAP, costs),
        beats_vwap=_beaten(name, VWAP, costs),
    )


def participation(orders: Orders, fills: Fills) -> float | None:
    """The mean over orders of Q / sum(volume of the steps with a fill); without those whose volumes are 0."""
    if orders.volumes is None:
        return None
    traded = fills.quantities > 0.0
    traded[:, -1] |= rest(orders, fills) > 0.0
    volume = np.where(traded, orders.volumes, 0.0).sum(axis=1)
    known = volume > 0.0
    return float((orders.quantity / volume[known]).mean()) if known.any() else None


def _beaten(name: str, other: str, costs: Mapping[str, Series]) -> float | None:
    if name == other or other not in costs:
        return None
    return float((costs[name] < costs[other] - _NOTHING).mean())
