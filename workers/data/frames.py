"""Market data as frames: how canonical files are read, ordered and written. Equal data gives equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from domain.datasets.columns import SPLIT, SYMBOL, TIME

UTC_TIME = pl.Datetime("us", "UTC")
SYNTHETIC = "trademaster.synthetic"
_OURS = "trademaster."
_LEAST = (TIME, SYMBOL)


def read_frame(path: Path) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The data in order, with its numbers as finite floats, and the names of columns that hold no numbers."""
    frame = pl.read_parquet(path)
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric() or kind == pl.Boolean]
    kept = [*_LEAST, *(name for name in frame.columns if name in numbers or name == SPLIT)]
    ignored = tuple(name for name in frame.columns if name not in kept)
    return ordered(frame.select(kept)), ignored


def ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Sorted by symbol and time, in the types that everything here works on."""
    symbols = pl.Enum(frame.get_column(SYMBOL).cast(pl.String).unique().sort())
    numbers = [name for name in frame.columns if name not in {*_LEAST, SPLIT}]
    typed = frame.with_columns(
        pl.col(TIME).cast(UTC_TIME), pl.col(SYMBOL).cast(pl.String).cast(symbols), *(_number(name) for name in numbers)
    )
    return typed if _is_sorted(typed) else typed.sort(SYMBOL, TIME, maintain_order=True)


def write_frame(frame: pl.DataFrame, path: Path, notes: Mapping[str, str]) -> None:
    """Whole or not at all. All that could differ between two runs is fixed here."""
    half = path.with_name(f"{path.name}.half")
    try:
        frame.with_columns(pl.col(SYMBOL).cast(pl.String)).rechunk().write_parquet(
            half,
            compression="zstd",
            compression_level=3,
            statistics=True,
            row_group_size=131_072,
            data_page_size=1 << 20,
            metadata={name: notes[name] for name in sorted(notes)},
        )
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def notes_of(path: Path) -> dict[str, str]:
    """What our own files say about themselves, such as that they are synthetic."""
    return {name: value for name, value in pl.read_parquet_metadata(path).items() if name.startswith(_OURS)}


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def finite(value: pl.Expr) -> pl.Expr:
    """The value where it is a number; empty in place of infinite and undefined ones."""
    return pl.when(value.is_finite()).then(value)


def _number(name: str) -> pl.Expr:
    return finite(pl.col(name).cast(pl.Float64)).alias(name)


def _is_sorted(frame: pl.DataFrame) -> bool:
    symbol, time = pl.col(SYMBOL).to_physical(), pl.col(TIME)
    before = (symbol < symbol.shift()) | ((symbol == symbol.shift()) & (time < time.shift()))
    return not frame.select(before.any()).item()
