"""Parquet, with its own types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from domain.datasets.report import Finding, FindingCode, Place, Severity
from workers.data.inspection.headers import renamed
from workers.data.inspection.limits import Limits
from workers.data.inspection.naming import cleaned
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.tables.refusals import no_rows, too_many_columns, too_many_rows
from workers.data.inspection.voice import Voice

_TEXTS = (pl.Categorical, pl.Enum, pl.Time, pl.Null)
_UNKNOWN = (pl.List, pl.Array, pl.Struct, pl.Binary, pl.Object)


def parquet_table(path: Path, limits: Limits, voice: Voice) -> Table:
    voice = voice.counting("row")
    with damage_told(voice):
        scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema, rows = scan.collect_schema(), int(scan.select(pl.len()).collect().item())
    if len(schema) > limits.columns:
        raise too_many_columns(limits, voice)
    if rows > limits.rows:
        raise too_many_rows(limits, voice)
    kept = [name for name, kind in schema.items() if not isinstance(kind, _UNKNOWN)]
    if not rows or not kept:
        raise no_rows(voice)
    columns = (_known(name, schema[name]).alias(f"c{number}") for number, name in enumerate(kept))
    return Table(
        frame=scan.select(*columns).with_row_index(PLACE, offset=1),
        names=tuple(cleaned(kept)),
        voice=voice,
        findings=(*renamed(tuple(kept), None, voice), *_left_out(schema, kept, voice)),
    )


@contextmanager
def damage_told(voice: Voice, *, may_be_damaged: bool = True) -> Iterator[None]:
    """Parquet is read piece by piece, so damage may come to light at any time; of other kinds it is our own fault."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        if not may_be_damaged:
            raise
        what = "it cannot be read as Parquet: it is damaged, cut off or of an unknown form. Save and upload it again."
        raise voice.bad(FindingCode.BROKEN_FILE, what) from error


def _known(name: str, kind: pl.DataType) -> pl.Expr:
    """Only types that text files have too, and the file's own numbers and times."""
    column = pl.col(name)
    if isinstance(kind, _TEXTS):
        return column.cast(pl.String)
    if isinstance(kind, pl.Duration):
        return column.dt.total_microseconds()
    if isinstance(kind, pl.Decimal) or kind in {pl.UInt64, pl.Int128, pl.Float32} or kind == pl.Float32:
        return column.cast(pl.Float64)
    return column.cast(pl.Int64) if kind.is_integer() else column


def _left_out(schema: pl.Schema, kept: list[str], voice: Voice) -> list[Finding]:
    left = [name for name in schema if name not in kept]
    if not left:
        return []
    what = "it holds lists, records or bytes, which cannot be trained on. Write their values into columns of their own."
    return [
        voice.finding(
            Severity.WARNING,
            FindingCode.COLUMN_LEFT_OUT,
            what,
            "Such columns were left out.",
            count=len(left),
            places=(Place(None, name) for name in left),
        )
    ]
