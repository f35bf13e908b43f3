"""Cells that could not be read, and rows that have no place without them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import ColumnType, Finding, FindingCode, Place, Severity
from workers.data.inspection.plan import ColumnPlan
from workers.data.inspection.reading import Reading, counts_of, planned
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.tables.refusals import no_rows
from workers.data.inspection.timeforms import is_plausible
from workers.data.inspection.voice import quoted
from workers.data.inspection.zones import UTC

_MOST_ROWS = 5_000
_TIMES = "Correct it, or say how the times are written."


def about_cells(table: Table, reading: Reading) -> Iterator[Finding]:
    """One finding for each column and each reason."""
    for column in reading.plan.columns:
        if column.lost_role:
            what = f"most cells of this column are no numbers, so it cannot be the {column.lost_role}. Choose another."
            place = Place(table.header_row or None, column.original)
            yield table.voice.finding(
                Severity.ERROR, FindingCode.NOT_A_NUMBER, what, "It was kept as text.", places=[place]
            )
    if not reading.has_odd:
        return
    columns = [column for column in reading.plan.columns if column.type is not ColumnType.TEXT]
    counts = zip(columns, counts_of(table, reading.plan, columns), strict=True)
    wrong = [
        (column, mask, count, code)
        for column, (unreadable, infinite, _given) in counts
        for mask, count, code in (
            (column.is_unreadable(), unreadable, _code(column)),
            (column.is_infinite(), infinite, FindingCode.NOT_FINITE),
        )
        if count
    ]
    first = _first_rows(table, reading, [mask for _, mask, _, _ in wrong])
    for column, mask, count, code in wrong:
        yield _about_column(table, column, code, count, first.filter(mask).head(MOST_PLACES))


def _code(column: ColumnPlan) -> FindingCode:
    return FindingCode.BAD_TIME if column.type is ColumnType.TIME else FindingCode.NOT_A_NUMBER


def _first_rows(table: Table, reading: Reading, masks: list[pl.Expr]) -> pl.DataFrame:
    """Rows with odd cells, up to so many: one reading for all columns, as a thousand of them may be odd."""
    if not masks:
        return pl.DataFrame()
    return planned(table, reading.plan).filter(pl.any_horizontal(masks)).head(_MOST_ROWS).collect(engine="streaming")


def _about_column(table: Table, column: ColumnPlan, code: FindingCode, count: int, first: pl.DataFrame) -> Finding:
    """`first` is empty where all odd cells of the column come after very many of others."""
    cells = first.select(PLACE, pl.col(column.source).cast(pl.String).alias("text")).sort(PLACE)
    shown = quoted(cells.get_column("text")[0]) if cells.height else "a cell"
    what = {
        FindingCode.NOT_FINITE: f"{shown} is no finite number. Write a number, or leave the cell empty.",
        FindingCode.BAD_TIME: f"{shown} is no time like the others. Correct it, or leave the cell empty.",
    }.get(code, f"{shown} is no number. Correct it, or leave the cell empty.")
    places = [Place(place, column.original) for place in cells.get_column(PLACE)] or [Place(None, column.original)]
    action = "Such cells were left empty."
    return table.voice.finding(Severity.ERROR, code, what, action, count=count, places=places)


def without_unplaced(table: Table, reading: Reading) -> tuple[pl.DataFrame, list[Finding]]:
    """Only rows that have a time and a symbol. Rows with nothing in them go without a word."""
    frame = _within_range(reading.frame)
    if not (frame.get_column(TIME).null_count() or _lacks_symbols(frame)):
        return frame, []
    frame = frame.filter(~_says_nothing(table, reading))
    if frame.is_empty():
        raise no_rows(table.voice)
    findings = []
    untimed = frame.filter(pl.col(TIME).is_null())
    if not untimed.is_empty():
        findings.append(_about_times(table, reading, untimed, frame.height))
        frame = frame.filter(pl.col(TIME).is_not_null())
    if _lacks_symbols(frame):
        findings.append(_about_symbols(table, reading, frame.filter(_has_no_symbol())))
        frame = frame.filter(~_has_no_symbol())
    return frame, findings


def _says_nothing(table: Table, reading: Reading) -> pl.Expr:
    """Nothing was read, and no text stands there in place of a time either."""
    is_empty = pl.all_horizontal(pl.all().exclude(PLACE).is_null())
    if not reading.has_odd:
        return is_empty
    odd = planned(table, reading.plan).filter(reading.plan.time.is_odd()).select(PLACE).collect(engine="streaming")
    return is_empty & ~pl.col(PLACE).is_in(odd.get_column(PLACE).implode())


def _within_range(frame: pl.DataFrame) -> pl.DataFrame:
    """Years such as 20 or 9999 are no times of a market. Polars looks at them: Python cannot even count that far."""
    if frame.select(is_plausible(pl.col(TIME).min()) & is_plausible(pl.col(TIME).max())).item():
        return frame
    return frame.with_columns(pl.when(is_plausible(pl.col(TIME))).then(pl.col(TIME)))


def _has_no_symbol() -> pl.Expr:
    return pl.col(SYMBOL).is_null() | (pl.col(SYMBOL).str.strip_chars() == "")


def _lacks_symbols(frame: pl.DataFrame) -> bool:
    if SYMBOL not in frame.columns:
        return False
    names = frame.select(pl.col(SYMBOL).unique())
    return bool(names.select(_has_no_symbol().any()).item())


def _about_times(table: Table, reading: Reading, untimed: pl.DataFrame, rows: int) -> Finding:
    places = _places(untimed, reading.plan.time.original)
    what = _unread(table, reading, places[0])
    if untimed.height > rows / 2:
        raise table.voice.bad(FindingCode.BAD_TIME, what, *places)
    action = "Rows without a time were left out."
    return table.voice.finding(Severity.ERROR, FindingCode.BAD_TIME, what, action, count=untimed.height, places=places)


def _unread(table: Table, reading: Reading, place: Place) -> str:
    time = reading.plan.time
    cell, is_skipped = (
        planned(table, reading.plan)
        .filter(pl.col(PLACE) == place.row)
        .select(
            pl.col(time.source).cast(pl.String).first(),
            replace(time, zone=UTC).value().is_not_null().first().alias("skipped"),
        )
        .collect(engine="streaming")
        .row(0)
    )
    shown = quoted(cell) if cell else "an empty cell"
    if is_skipped and time.zone != UTC:
        return f"{shown} was shown by no clock in {time.zone}: they were set forward then. Correct it, or the zone."
    return f"{shown} is no time that can be read as {time.form_label}. {_TIMES}"


def _about_symbols(table: Table, reading: Reading, nameless: pl.DataFrame) -> Finding:
    original = reading.plan.symbol.original if reading.plan.symbol else SYMBOL
    what = "a row does not say its symbol. Fill the cell."
    action = "Rows without a symbol were left out."
    return table.voice.finding(
        Severity.ERROR,
        FindingCode.NO_SYMBOL,
        what,
        action,
        count=nameless.height,
        places=_places(nameless, original),
    )


def _places(frame: pl.DataFrame, column: str) -> list[Place]:
    return [Place(place, column) for place in frame.get_column(PLACE).unique().sort().head(MOST_PLACES)]
