"""Named stress: the same bars, with something bad done to them. Equal seeds, equal bars.

A scenario changes what lies from bar `first` on; what came before is left as it was. All prices of a bar move
together, so that lows stay below highs. Columns that are neither prices nor volumes stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.analysis.backtest import Table
from domain.analysis.names import USUAL, Scenario
from domain.analysis.series import Series
from domain.datasets.columns import ADJUSTED_CLOSE, BAR, BOOK, VOLUME

Bars = Mapping[str, Table]
"""[bars, assets] by the name of the column; `close` is among them."""

_PRICES = frozenset((*BAR, ADJUSTED_CLOSE, *(name for name in BOOK if "_price_" in name)))
_CLOSES = ("close", ADJUSTED_CLOSE)
_AMOUNTS = frozenset((VOLUME, *(name for name in BOOK if "_size_" in name)))
CRASH_BARS, DROUGHT_SHARE = 5, 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Stressed:
    bars: Bars
    cost_factor: Series
    """By how much trading is dearer at each bar."""


def stressed(scenario: Scenario, bars: Bars, first: int, strength: float | None = None, seed: int = 0) -> Stressed:
    size = USUAL[scenario] if strength is None else strength
    return _DOING[scenario](bars, first, size, np.random.default_rng(seed))


def _crash(bars: Bars, first: int, depth: float, _: np.random.Generator) -> Stressed:
    """In the middle, all prices fall by this share within five bars, and stay there."""
    count = _count(bars)
    start = (first + count) // 2
    fallen = np.clip((np.arange(count) - start + 1) / CRASH_BARS, 0.0, 1.0)
    return _multiplied(bars, (1.0 - depth) ** fallen)


def _gap(bars: Bars, first: int, size: float, _: np.random.Generator) -> Stressed:
    """In the middle, between one close and the next open, all prices fall by this share, and stay there."""
    count = _count(bars)
    return _multiplied(bars, np.where(np.arange(count) >= (first + count) // 2, 1.0 - size, 1.0))


def _costs(bars: Bars, first: int, factor: float, _: np.random.Generator) -> Stressed:
    """All trading costs so many times as much."""
    return Stressed(bars, np.where(np.arange(_count(bars)) >= first, factor, 1.0))


def _drought(bars: Bars, first: int, factor: float, _: np.random.Generator) -> Stressed:
    """For a fifth of the time, around the middle, trading costs so many times as much, and volumes are so much less."""
    count = _count(bars)
    place = (np.arange(count) - first) / max(count - first, 1)
    dry = np.abs(place - 0.5) <= DROUGHT_SHARE / 2
    dearer = np.where(dry, factor, 1.0)
    less = {name: table / dearer[:, None] for name, table in bars.items() if name in _AMOUNTS}
    return Stressed({**bars, **less}, dearer)


def _volatility(bars: Bars, first: int, factor: float, _: np.random.Generator) -> Stressed:
    """Moves around their mean, and ranges within bars, are so many times as large."""
    start = max(first, 1)
    moves = _moves(bars, start)
    mean = moves.mean(axis=0, keepdims=True) if len(moves) else moves
    return _rebuilt(bars, start, mean + factor * (moves - mean), np.arange(start, _count(bars)), factor)


def _reversal(bars: Bars, first: int, _strength: float, _: np.random.Generator) -> Stressed:
    """Each move is turned round: what rose falls as much, and the other way round."""
    before = max(first - 1, 0)
    anchor = bars["close"][before : before + 1] ** 2
    turned = {name: table.copy() for name, table in bars.items()}
    for name in _PRICES & bars.keys():
        turned[name][first:] = (anchor / bars[_opposite(name, bars)])[first:]
    return Stressed(turned, np.ones(_count(bars)))


def _bootstrap(bars: Bars, first: int, length: float, chance: np.random.Generator) -> Stressed:
    """The bars in another order: blocks of this length are drawn, some twice and some never. All assets alike."""
    start = max(first, 1)
    moves = _moves(bars, start)
    drawn = block_places(len(moves), int(length), chance)
    return _rebuilt(bars, start, moves[drawn], start + drawn)


_DOING: Mapping[Scenario, Callable[[Bars, int, float, np.random.Generator], Stressed]] = {
    Scenario.CRASH: _crash,
    Scenario.VOLATILITY: _volatility,
    Scenario.GAP: _gap,
    Scenario.DROUGHT: _drought,
    Scenario.COSTS: _costs,
    Scenario.REVERSAL: _reversal,
    Scenario.BOOTSTRAP: _bootstrap,
}


def block_places(count: int, length: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Places in a series, drawn in blocks that go round at its end."""
    if not count:
        return np.zeros(0, dtype=np.int64)
    starts = chance.integers(0, count, -(-count // length))
    return np.asarray(((starts[:, None] + np.arange(length)) % count).reshape(-1)[:count])


def _moves(bars: Bars, start: int) -> Table:
    """Of the logarithm of the closes, from the bar before `start` on; 0 where one is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.diff(np.log(bars["close"][start - 1 :]), axis=0))


def _rebuilt(bars: Bars, start: int, moves: Table, rows: NDArray[np.int64], power: float = 1.0) -> Stressed:
    """From `start` on closes that make these moves, and around each the shape of the bar in that row."""
    close = bars["close"]
    path = np.ones_like(close)
    path[start:] = np.exp(np.cumsum(moves - _moves(bars, start), axis=0))
    rebuilt = {name: table.copy() for name, table in bars.items()}
    for name in sorted(_PRICES & bars.keys(), key=lambda each: each not in _CLOSES):
        rebuilt[name][start:] = (bars[name] * path)[start:]
        if name not in _CLOSES:
            shape = bars[name][rows] / close[rows]
            rebuilt[name][start:] = rebuilt["close"][start:] * shape**power
    for name in _AMOUNTS & bars.keys():
        rebuilt[name][start:] = bars[name][rows]
    return Stressed(rebuilt, np.ones(len(close)))


def _multiplied(bars: Bars, by: Series) -> Stressed:
    prices = {name: table * by[:, None] for name, table in bars.items() if name in _PRICES}
    return Stressed({**bars, **prices}, np.ones(len(by)))


def _opposite(name: str, bars: Bars) -> str:
    """What the mirror makes of a price: the high of a bar is the low of the turned one."""
    swaps = (("high", "low"), ("low", "high"), ("bid_", "ask_"), ("ask_", "bid_"))
    found = next((name.replace(this, other, 1) for this, other in swaps if name.startswith(this)), name)
    return found if found in bars else name


def _count(bars: Bars) -> int:
    return len(bars["close"])
