"""An order book of five levels around a price that swings around a hidden value."""

from __future__ import annotations

import numpy as np
import polars as pl

from domain.datasets.columns import BOOK_LEVELS, SYMBOL, TIME
from domain.datasets.forms import Values
from workers.data.sources.synthetic.parts import Array, swings, times

_PRESSURE_MEMORY = 0.85
_LOWEST = 50
"""Ticks. A price that would fall below it rises again, and never comes near zero."""


def order_book(values: Values, rng: np.random.Generator) -> pl.DataFrame:
    """A row is the book at its time, and the bar of the time since the row before."""
    tick = values["price"] * values["tick"] / 10_000
    pressure = swings(rng, values["rows"], 1, _PRESSURE_MEMORY)[:, 0]
    bid, ask = _best(values, rng, pressure)
    book = _levels(rng, bid, ask, np.tanh(pressure / 2), tick)
    trades = _trades(rng, pressure, (bid + ask) / 2 * tick, tick)
    facts = {TIME: times(values), SYMBOL: pl.repeat(values["symbol"], values["rows"], eager=True)}
    return pl.DataFrame(facts | trades | book)


def _best(values: Values, rng: np.random.Generator, pressure: Array) -> tuple[Array, Array]:
    """Best bid and ask in ticks: the deviation from the hidden value shrinks, pressure pushes it, chance does both."""
    rows, noise = values["rows"], values["noise"] / np.sqrt(2)
    hidden = np.cumsum(rng.standard_normal(rows)) * noise
    pushed = np.concatenate(([0.0], values["imbalance_effect"] * pressure[:-1])) + rng.standard_normal(rows) * noise
    keep = 1.0 - values["reversion"]
    deviation = _remembered(pushed, keep)
    middle = _LOWEST + np.abs(10_000 / values["tick"] + hidden + deviation - _LOWEST)
    width = rng.choice([1.0, 2.0, 3.0], rows, p=[0.6, 0.3, 0.1])
    bid = np.round(middle - width / 2)
    return bid, bid + width


def _remembered(shocks: Array, keep: float) -> Array:
    """The sum of all shocks so far, each shrunk by `keep` for every row since."""
    if keep >= 1:
        return np.cumsum(shocks)
    scaled = shocks / (1 - keep)
    scaled[0] = shocks[0]
    return pl.Series(scaled).ewm_mean(alpha=1 - keep, adjust=False).to_numpy()


def _levels(rng: np.random.Generator, bid: Array, ask: Array, lean: Array, tick: float) -> dict[str, Array]:
    """Deeper levels are thicker and lean less to the side that presses."""
    book: dict[str, Array] = {}
    for side, best, away, towards in (("bid", bid, -1, 1.0), ("ask", ask, 1, -1.0)):
        for level in range(1, BOOK_LEVELS + 1):
            usual = 200 * (1 + 0.4 * (level - 1)) * (1 + towards * lean * 0.8 / level)
            sizes = usual * np.exp(rng.normal(0, 0.25, len(best)))
            book[f"{side}_price_{level}"] = np.round((best + away * (level - 1)) * tick, 10)
            book[f"{side}_size_{level}"] = np.maximum(np.round(sizes), 1.0)
    return book


def _trades(rng: np.random.Generator, pressure: Array, middle: Array, tick: float) -> dict[str, Array]:
    opened = np.concatenate((middle[:1], middle[:-1]))
    up, down = rng.poisson(0.7, (2, len(middle))) * tick
    count = rng.poisson(20 + 10 * np.abs(pressure)).astype(np.float64)
    return {
        "open": opened,
        "high": np.maximum(opened, middle) + up,
        "low": np.minimum(opened, middle) - down,
        "close": middle,
        "volume": np.round(count * rng.uniform(5, 15, len(middle))),
        "trades": count,
    }
