"""Small markets to work on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from domain.datasets.columns import BOOK, SYMBOL, TIME
from domain.datasets.recipes import Manifest, read_recipe
from workers.data.frames import ordered
from workers.data.preprocessing import apply
from workers.data.preprocessing.steps import run_step
from workers.data.preprocessing.work import Work

DAY_ONE = datetime(2024, 1, 1, tzinfo=UTC)


def days(count: int, first: datetime = DAY_ONE, step: timedelta = timedelta(days=1)) -> list[datetime]:
    return [first + place * step for place in range(count)]


def a_frame(symbol: str = "AAA", times: Sequence[datetime] | None = None, **columns: Any) -> pl.DataFrame:
    """Exactly these values, one row a day."""
    count = len(next(iter(columns.values())))
    stamps = pl.Series(TIME, list(times or days(count)), dtype=pl.Datetime("us", "UTC"))
    numbers = {name: pl.Series(name, list(values), dtype=pl.Float64) for name, values in columns.items()}
    return pl.DataFrame({TIME: stamps, SYMBOL: [symbol] * count, **numbers})


def bars(
    symbols: Sequence[str] = ("AAA", "BBB"),
    rows: int = 120,
    seed: int = 1,
    step: timedelta = timedelta(days=1),
    *,
    book: bool = False,
) -> pl.DataFrame:
    """Random bars with an adjusted close, and an order book if wanted."""
    rng = np.random.default_rng(seed)
    return ordered(pl.concat([_bars(symbol, days(rows, step=step), rng, book=book) for symbol in symbols]))


def _bars(symbol: str, times: list[datetime], rng: np.random.Generator, *, book: bool) -> pl.DataFrame:
    rows = len(times)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, rows)))
    opened = close * np.exp(rng.normal(0, 0.01, rows))
    columns: dict[str, Any] = {
        "open": opened,
        "high": np.maximum(opened, close) * 1.01,
        "low": np.minimum(opened, close) * 0.99,
        "close": close,
        "volume": rng.integers(1, 1_000, rows).astype(float),
        "adjusted_close": close * np.linspace(0.8, 1.0, rows),
        "mood": rng.normal(size=rows),
    }
    if book:
        columns |= {name: rng.uniform(1, 2, rows) + (100 if "price" in name else 0) for name in BOOK}
    return a_frame(symbol, times, **columns)


def done(frame: pl.DataFrame, *steps: dict[str, Any]) -> pl.DataFrame:
    """The frame after these steps, in memory."""
    return worked(frame, *steps).frame


def worked(frame: pl.DataFrame, *steps: dict[str, Any]) -> Work:
    work = Work(ordered(frame))
    for place, step in enumerate(read_recipe(list(steps), frame.columns).steps):
        work.step = place
        run_step(step.kind, work, step.values)
    return work


def applied(folder: Path, frame: pl.DataFrame, *steps: dict[str, Any]) -> tuple[pl.DataFrame, Manifest]:
    """The file after these steps, with its papers."""
    before, after = folder / "in.parquet", folder / "out.parquet"
    frame.with_columns(pl.col(SYMBOL).cast(pl.String)).write_parquet(before)
    manifest = apply(read_recipe(list(steps), frame.columns), before, after, lambda *_: None)
    return pl.read_parquet(after), manifest


def values(frame: pl.DataFrame, name: str, symbol: str = "AAA") -> list[Any]:
    return frame.filter(pl.col(SYMBOL).cast(pl.String) == symbol).get_column(name).to_list()
