"""What several generators are made of: times, slow random walks around zero, bars around closes."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.forms import Values
from domain.datasets.forms.checks import moment
from workers.data.frames import UTC_TIME

Array = npt.NDArray[np.float64]

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DAYS = {"always": 365, "weekdays": 252}
START_PRICE = 100.0


def seconds_of(period: str) -> int:
    return int(period[:-1]) * _SECONDS[period[-1]]


def rows_per_year(values: Values) -> float:
    return _DAYS[values["calendar"]] * 86_400 / seconds_of(values["period"])


def per_row(values: Values) -> float:
    """The standard deviation of one row's log return."""
    return float(values["volatility"] / math.sqrt(rows_per_year(values)))


def times(values: Values) -> pl.Series:
    step, rows = timedelta(seconds=seconds_of(values["period"])), values["rows"]
    spare = rows * 7 // 5 + 7 * 86_400 // seconds_of(values["period"]) if values["calendar"] == "weekdays" else rows
    first = moment(values["start"])
    every = pl.datetime_range(first, first + spare * step, step, time_unit="us", eager=True).alias(TIME)
    wanted = every.filter(every.dt.weekday() <= 5) if values["calendar"] == "weekdays" else every
    return wanted.head(rows).cast(UTC_TIME)


def swings(rng: np.random.Generator, rows: int, columns: int, persistence: float) -> Array:
    """Columns that swing around 0 with deviation 1: each value keeps `persistence` of the one before it."""
    shocks = rng.standard_normal((rows, columns))
    rest = 1.0 - persistence
    shocks[1:] *= math.sqrt(1 - persistence**2) / rest
    kept = [pl.Series(column).ewm_mean(alpha=rest, adjust=False).to_numpy() for column in shocks.T]
    return np.column_stack(kept) if kept else np.empty((rows, 0))


def bars(rng: np.random.Generator, symbol: str, stamps: pl.Series, returns: Array) -> pl.DataFrame:
    """Bars whose closes have these log returns. Opens, wicks and volume know nothing of what comes next."""
    close = START_PRICE * np.exp(np.cumsum(returns))
    opened = np.concatenate(([START_PRICE], close[:-1]))
    wick = float(returns.std()) / 2
    up, down = np.abs(rng.standard_normal((2, len(returns)))) * wick
    volume = np.round(np.exp(rng.normal(11.0, 0.3, len(returns))) * (1 + 10 * np.abs(returns)))
    return pl.DataFrame(
        {
            TIME: stamps,
            SYMBOL: pl.repeat(symbol, len(returns), eager=True),
            "open": opened,
            "high": np.maximum(opened, close) * np.exp(up),
            "low": np.minimum(opened, close) * np.exp(-down),
            "close": close,
            "volume": volume,
        }
    )


def named(prefix: str, columns: Array) -> list[pl.Series]:
    digits = len(str(max(columns.shape[1] - 1, 0)))
    return [pl.Series(f"{prefix}_{place:0{digits}d}", column) for place, column in enumerate(columns.T)]
