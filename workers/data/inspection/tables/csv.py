"""Lines of cells.

A regular text, which most are, goes to polars as it is. One with ragged rows, blank lines, cells over several lines or
columns for each symbol is first written anew, cell by cell, where each fault is found with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import polars as pl

from domain.datasets.report import Correction, Finding, FindingCode, Place
from workers.data.inspection.dialect import Dialect, dialect_of
from workers.data.inspection.headers import about_header
from workers.data.inspection.limits import Limits
from workers.data.inspection.naming import cleaned
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.tables.rewriting import rewrite
from workers.data.inspection.tables.survey import check_first_line, survey
from workers.data.inspection.voice import Voice

Types = Mapping[str, type[pl.DataType]]
Scan = Callable[[Types], pl.LazyFrame]

_HEAD = 1 << 18
# A byte that stands in no text that people write, so that each line becomes one cell.
_NO_DELIMITER = "\x1f"
_WIDEST_PATTERN = 60


def csv_table(path: Path, correction: Correction, limits: Limits, scratch: Path, voice: Voice) -> Table:
    """`path` is UTF-8."""
    check_first_line(path, limits, voice)
    dialect = dialect_of(_head(path), correction, voice)
    if dialect.width > limits.columns:
        what = f"it has {dialect.width:,} columns; {limits.columns:,} are the most. Leave some out."
        raise voice.bad(FindingCode.TOO_MANY_COLUMNS, what, Place(dialect.header_line or dialect.data_line))
    scan, findings = _read(path, dialect, limits, scratch, voice)
    return Table(
        frame=scan({}),
        retyped=scan,
        names=tuple(cleaned(dialect.names)),
        voice=voice,
        delimiter=dialect.delimiter,
        header_row=dialect.header_line,
        findings=(*about_header(dialect, voice), *findings),
    )


def _head(path: Path) -> str:
    """Whole lines of the beginning; of a single long line all that was read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    end = head.rfind(b"\n") if len(head) == _HEAD else -1
    return head[: end + 1 or None].decode("utf-8", "ignore")


def _read(
    path: Path, dialect: Dialect, limits: Limits, scratch: Path, voice: Voice
) -> tuple[Scan, tuple[Finding, ...]]:
    seen = survey(path, dialect, limits, voice)
    if seen.is_empty:
        what = "it has a header line, but no rows of data below it. Add them and upload the file again."
        raise voice.bad(FindingCode.NO_ROWS, what)
    if seen.is_regular and dialect.layers is None:
        return partial(_scan, path, dialect, quoted=False, rows=seen.rows), ()
    if seen.has_quotes and dialect.layers is None and _is_quoted_plainly(path, dialect):
        return partial(_scan, path, dialect, quoted=True, rows=None), ()
    written = scratch / "rows.csv"
    findings = rewrite(path, dialect, written, limits, voice)
    return partial(_scan_written, written, dialect), findings


def _schema(dialect: Dialect, types: Types) -> dict[str, type[pl.DataType]]:
    return {name: types.get(name, pl.String) for name in (f"c{number}" for number in range(len(dialect.names)))}


def _scan_written(path: Path, dialect: Dialect, types: Types) -> pl.LazyFrame:
    return pl.scan_csv(path, schema={PLACE: pl.UInt32, **_schema(dialect, types)}, glob=False)


def _scan(path: Path, dialect: Dialect, types: Types, *, quoted: bool, rows: int | None) -> pl.LazyFrame:
    return pl.scan_csv(
        path,
        has_header=False,
        skip_lines=dialect.data_line - 1,
        n_rows=rows,
        separator=dialect.delimiter,
        quote_char='"' if quoted else None,
        schema=_schema(dialect, types),
        row_index_name=PLACE,
        row_index_offset=dialect.data_line,
        glob=False,
    )


def _is_quoted_plainly(path: Path, dialect: Dialect) -> bool:
    """Each line has all its cells, and each cell is wholly quoted or not at all."""
    if dialect.width > _WIDEST_PATTERN:
        return False
    delimiter = f"\\x{{{ord(dialect.delimiter):x}}}"
    cell = f'(?:"[^"]*"|[^"{delimiter}]*)'
    pattern = f"^{cell}(?:{delimiter}{cell}){{{dialect.width - 1}}}\r?$"
    lines = pl.scan_csv(
        path,
        has_header=False,
        skip_lines=dialect.data_line - 1,
        separator=_NO_DELIMITER,
        quote_char=None,
        schema={"line": pl.String},
        glob=False,
    )
    try:
        fits = pl.col("line").str.contains(pattern).fill_null(value=False).all()
        return bool(lines.select(fits).collect(engine="streaming").item())
    except pl.exceptions.PolarsError:
        return False
