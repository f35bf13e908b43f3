"""The rows of a file on a grid of times and symbols: prices, gaps filled with the past only, returns, features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE, SPLIT, SYMBOL, TIME, ColumnKind, kind_of
from workers.engines.embedded.features import Array, computed
from workers.engines.embedded.shapes import BadInput

Only = Literal["one", "all"]
Times = npt.NDArray[np.datetime64]
_GONE_AFTER = 10
"""Bars without a price of its own: holidays are shorter, and whoever is silent for longer has left the market."""


@dataclass(frozen=True, slots=True)
class Bars:
    """T times, N symbols, F features, before anything is normalised."""

    times: Times
    symbols: tuple[str, ...]
    prices: dict[str, Array]
    quoted: npt.NDArray[np.bool_]
    returns: Array
    features: Array
    names: tuple[str, ...]


def bars_of(frame: pl.DataFrame, times: pl.Series, only: Only) -> Bars:
    symbols = tuple(frame.get_column(SYMBOL).cast(pl.String).unique().sort())
    if only == "one" and len(symbols) != 1:
        message = f"The data has {len(symbols):,} symbols; this task trades one. Say which."
        raise BadInput("MANY_SYMBOLS", message)
    grid = _on_grid(frame, times)
    columns = [name for name in grid.columns if name not in {TIME, SYMBOL, SPLIT}]
    values = {name: grid.get_column(name).to_numpy().reshape(len(symbols), len(times)).T for name in columns}
    given = _given(values)
    prices = {name: _filled(value) for name, value in given.items()}
    _check(prices["close"], only)
    paid = _filled(values[ADJUSTED_CLOSE]) if ADJUSTED_CLOSE in values else prices["close"]
    features = {name: values[name] for name in columns if kind_of(name) is ColumnKind.FEATURE} | computed(prices)
    stamps = times.dt.replace_time_zone(None).to_numpy()
    stacked = np.stack(list(features.values()), axis=2)
    return Bars(stamps, symbols, prices, _quoted(given["close"]), _returns(paid), stacked, tuple(features))


def _on_grid(frame: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """One row for each symbol and time, by symbol and time; empty where a symbol has no bar."""
    symbols = frame.get_column(SYMBOL).unique().sort()
    every = pl.DataFrame({SYMBOL: symbols}).join(pl.DataFrame({TIME: times}), how="cross")
    if every.height == frame.height:
        return frame
    return every.join(frame, on=(SYMBOL, TIME), how="left", maintain_order="left")


def _given(values: dict[str, Array]) -> dict[str, Array]:
    """The prices as they stand in the data, with gaps; without a close, it is half way between best bid and ask."""
    given = {name: value for name, value in values.items() if kind_of(name) is ColumnKind.MARKET}
    if "close" not in given and {"bid_price_1", "ask_price_1"} <= given.keys():
        given["close"] = (_filled(given["bid_price_1"]) + _filled(given["ask_price_1"])) / 2
    if "close" not in given:
        raise BadInput("NO_PRICES", "The data has no column close and no order book. Say which column is the price.")
    return given


def _check(close: Array, only: Only) -> None:
    # One of many symbols may begin later than the others; it has no price until then.
    unknown = np.isnan(close) if only == "all" else np.zeros(close.shape, bool)
    if not (unknown | (close > 0)).all():
        message = "Some prices are 0, negative, or missing at the start. Drop those rows or fill the gaps."
        raise BadInput("BAD_PRICES", message)


def _quoted(close: Array) -> npt.NDArray[np.bool_]:
    """Whether there is a price to trade at, or was one a few bars ago; nothing later is looked at."""
    rows = np.arange(len(close))[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(close), -len(close), rows), axis=0)
    return (last >= 0) & (rows - last <= _GONE_AFTER)


def _filled(values: Array) -> Array:
    """Empty ones take the last known value: what could have been known then."""
    place = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    return np.take_along_axis(values, np.maximum.accumulate(place, axis=0), axis=0)


def _returns(price: Array) -> Array:
    returns = np.zeros_like(price)
    with np.errstate(divide="ignore", invalid="ignore"):
        returns[1:] = price[1:] / price[:-1] - 1
    return np.nan_to_num(returns, nan=0.0, posinf=0.0, neginf=0.0)
