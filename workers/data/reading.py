"""Looks into canonical files: some rows, a series for a chart, a csv for spreadsheets. Reads only what is asked for."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from domain.analysis.looks import Analysis
from domain.catalogue.wording import hint
from domain.datasets.columns import SYMBOL, TIME, kind_of
from domain.datasets.reading import (
    MOST_COLUMNS,
    Line,
    PreviewWanted,
    Rows,
    Sampling,
    Series,
    SeriesWanted,
    ShownColumn,
    Slice,
)
from domain.datasets.report import ColumnType
from domain.errors import Code, Refused
from domain.text import readable
from workers.data.accounts import ISO, analysis
from workers.data.sampling import lttb, min_max

LONGEST_CELL = 500
# What spreadsheets take for the beginning of a formula, at the beginning of a cell.
_FORMULA = r"^[=+\-@\t\r]"


def preview(path: Path, wanted: PreviewWanted) -> Rows:
    """The rows as their slice says; of one symbol, if one is named."""
    lazy = pl.scan_parquet(path)
    schema = lazy.collect_schema()
    names = _chosen(schema, wanted.columns)
    rows = lazy if wanted.symbol is None else lazy.filter(pl.col(SYMBOL).cast(pl.String) == wanted.symbol)
    total = int(rows.select(pl.len()).collect(engine="streaming").item())
    offset = _offset(wanted, total)
    picked = _picked(rows, wanted, total, offset)
    frame = picked.select(_shown(name, schema[name]) for name in names).collect(engine="streaming")
    columns = tuple(ShownColumn(name, type_of(schema[name]), kind_of(name)) for name in names)
    return Rows(columns, [list(row) for row in frame.iter_rows()], offset, total)


def series(path: Path, wanted: SeriesWanted) -> Series:
    """Each column by itself, so that never more than two columns are in memory."""
    lazy = pl.scan_parquet(path)
    schema = lazy.collect_schema()
    names = _numbers(schema, _chosen(schema, wanted.columns))
    symbol = wanted.symbol if wanted.symbol is not None else _only_symbol(lazy)
    rows = lazy.filter(pl.col(SYMBOL).cast(pl.String) == symbol, *_within(wanted.since, wanted.until))
    total = int(rows.select(pl.len()).collect(engine="streaming").item())
    return Series(symbol, total, tuple(_line(rows, name, wanted) for name in names))


def write_csv(path: Path, out: Path) -> None:
    """In pieces, whatever the size. Texts that a spreadsheet would take for formulas begin with an apostrophe."""
    lazy = pl.scan_parquet(path)
    schema = lazy.collect_schema()
    cells = [_cell(name, kind).alias(_harmless(name)) for name, kind in schema.items()]
    lazy.select(cells).sink_csv(out, include_header=True)


def type_of(kind: pl.DataType) -> ColumnType:
    if kind.is_temporal():
        return ColumnType.TIME
    if kind.is_integer():
        return ColumnType.INTEGER
    if kind.is_numeric():
        return ColumnType.NUMBER
    return ColumnType.BOOLEAN if kind == pl.Boolean else ColumnType.TEXT


def _chosen(schema: pl.Schema, wanted: Sequence[str]) -> list[str]:
    for name in wanted:
        if name not in schema:
            message = f'There is no column "{readable(name)}".{hint(name, schema.names())}'
            raise Refused.because(Code.UNKNOWN, message, "columns")
    return list(dict.fromkeys(wanted)) or schema.names()[:MOST_COLUMNS]


def _numbers(schema: pl.Schema, names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if not (schema[name].is_numeric() or schema[name] == pl.Boolean):
            message = f"{readable(name)} has no numbers, so it cannot be drawn."
            raise Refused.because(Code.INVALID, message, "columns")
    return names


def _only_symbol(lazy: pl.LazyFrame) -> str:
    """The rows are sorted by symbol: if the first and the last are alike, all are."""
    ends = lazy.select(first=pl.col(SYMBOL).first().cast(pl.String), last=pl.col(SYMBOL).last().cast(pl.String))
    first, last = ends.collect(engine="streaming").row(0)
    if first != last:
        message = f"This dataset has several symbols, from {readable(first)} to {readable(last)}. Name one."
        raise Refused.because(Code.REQUIRED, message, "symbol")
    return str(first)


def _offset(wanted: PreviewWanted, total: int) -> int:
    if wanted.rows is Slice.LAST:
        return max(total - wanted.count, 0)
    return wanted.offset if wanted.rows is Slice.PAGE else 0


def _picked(rows: pl.LazyFrame, wanted: PreviewWanted, total: int, offset: int) -> pl.LazyFrame:
    count = min(wanted.count, total)
    match wanted.rows:
        case Slice.SAMPLE:
            # The same rows whenever it is asked of the same data, in their order.
            return _at(rows, sorted(random.Random(total).sample(range(total), count)))  # noqa: S311 - nothing secret
        case Slice.EVEN:
            return _at(rows, np.linspace(0, total - 1, count).round().astype(int).tolist() if count else [])
        case _:
            return rows.slice(offset, wanted.count)


def _at(rows: pl.LazyFrame, places: list[int]) -> pl.LazyFrame:
    return rows.with_row_index("__place").filter(pl.col("__place").is_in(places)).drop("__place")


def _within(since: datetime | None, until: datetime | None) -> Iterator[pl.Expr]:
    if since is not None:
        yield pl.col(TIME) >= pl.lit(since)
    if until is not None:
        yield pl.col(TIME) < pl.lit(until)


def _line(rows: pl.LazyFrame, name: str, wanted: SeriesWanted) -> Line:
    value = pl.col(name).cast(pl.Float64)
    lazy = rows.select(TIME, value.alias("value")).filter(pl.col("value").is_finite())
    frame = lazy.collect(engine="streaming")
    if frame.height > wanted.points:
        pick = lttb if wanted.sampling is Sampling.LTTB else min_max
        seconds = frame.get_column(TIME).cast(pl.Int64).to_numpy().astype(np.float64)
        frame = frame[pick(seconds, frame.get_column("value").to_numpy(), wanted.points)]
    times = frame.select(_shown(TIME, frame.schema[TIME])).to_series().to_list()
    return Line(name, times, frame.get_column("value").to_list())


def _shown(name: str, kind: pl.DataType) -> pl.Expr:
    """A value that JSON can say, of bounded length."""
    value = pl.col(name)
    if kind.is_temporal():
        return value.dt.strftime(ISO)
    if kind.is_float():
        return pl.when(value.is_finite()).then(value)
    if kind.is_numeric() or kind == pl.Boolean:
        return value
    return value.cast(pl.String).str.head(LONGEST_CELL)


def _cell(name: str, kind: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    if kind.is_temporal():
        return value.dt.strftime(ISO)
    if kind.is_numeric() or kind == pl.Boolean:
        return value
    text = value.cast(pl.String)
    return pl.when(text.str.contains(_FORMULA)).then(pl.lit("'") + text).otherwise(text)


def _harmless(name: str) -> str:
    return f"'{name}" if name[:1] in set("=+-@\t\r") else name


def answer(operation: str, given: dict[str, Any]) -> Rows | Series | Analysis | None:
    """One wish as it comes in from another process."""
    path = Path(given["path"])
    match operation:
        case "preview":
            return preview(path, given["wanted"])
        case "series":
            return series(path, given["wanted"])
        case "analysis":
            return analysis(given["account"], given["wanted"])
        case _:
            write_csv(path, Path(given["out"]))
            return None
