"""Tables of other libraries turned into frames, without loading those libraries ourselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from workers.data.frames import UTC_TIME

_LENGTHS = {
    "1m": timedelta(minutes=1),
    "2m": timedelta(minutes=2),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
    "1mo": timedelta(days=31),
}


def bars(symbol: str, times: Any, columns: dict[str, Any]) -> pl.DataFrame:
    """A frame of one symbol, from times in UTC and arrays of numbers. Rows without a close are left out."""
    stamps = pl.Series(TIME, np.asarray(times).astype("datetime64[us]")).cast(pl.Datetime("us"))
    numbers = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    frame = pl.DataFrame({TIME: stamps.dt.replace_time_zone("UTC").cast(UTC_TIME), **numbers})
    close = pl.col("close")
    known = frame.filter(close.is_not_null() & close.is_not_nan() & pl.col(TIME).is_not_null())
    return known.select(TIME, pl.lit(symbol).alias(SYMBOL), *numbers)


def only_finished(frame: pl.DataFrame, period: str, now: datetime) -> pl.DataFrame:
    """Without a last bar that is still growing: its numbers would not be those of later."""
    return frame.filter(pl.col(TIME) <= now - _LENGTHS[period])
