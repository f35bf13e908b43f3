"""Which column holds the times, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from domain.datasets.columns import TIME
from domain.datasets.report import BadFile, Correction, Finding, FindingCode, Place, Severity
from workers.data.inspection.aliases import ranked
from workers.data.inspection.rounding import rounded
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.timeforms import TimeForm, form_of, form_of_label, is_clock, unsure_zone
from workers.data.inspection.voice import quoted
from workers.data.inspection.zones import are_days, check_zone, zone_of

_SAMPLES = 500
_SPEAKS_OF_TIME = re.compile(r"time|date|_at$|_ts$", re.IGNORECASE)
_TWO_NUMBERS = r"^\D*(\d{1,2})[-/.](\d{1,2})[-/.]"


@dataclass(frozen=True, slots=True)
class TimeColumn:
    sources: tuple[str, ...]
    """Two where days and clock times stand in columns of their own."""
    form: TimeForm
    zone: str
    zone_label: str
    findings: tuple[Finding, ...] = ()


def time_column(table: Table, sample: pl.DataFrame, correction: Correction) -> TimeColumn:
    check_zone(correction.zone, table.voice)
    forms = {source: form for source in table.sources if (form := column_form(table, sample, source))}
    source, others = _source(table, sample, correction, forms)
    form = _form(table, sample, source, correction, forms)
    sources = (source, *_clock(table, sample, source, forms.get(source, form)))
    if len(sources) == 2 and not form.has_clock:
        form = form_of(_texts(sample.select(joined(sources)).to_series()), is_named=True) or form
    ordered, findings = _ordered(table, sample, sources, form, correction)
    days = are_days(table, sample, ordered, joined(sources), correction)
    zone, label, about_zone = zone_of(table, sources, ordered, correction, are_days=days)
    about_others, about_rounding = _about_others(table, source, others), rounded(table, sources[-1], ordered)
    return TimeColumn(sources, ordered, zone, label, (*about_others, *findings, *about_zone, *about_rounding))


def joined(sources: tuple[str, ...]) -> pl.Expr:
    return pl.concat_str(map(pl.col, sources), separator=" ") if len(sources) > 1 else pl.col(sources[0])


def column_form(table: Table, sample: pl.DataFrame, source: str) -> TimeForm | None:
    """How the times of a column are written, if it holds times. Bare numbers need a name that speaks of time."""
    kind, name = sample.schema[source], table.name_of(source)
    if isinstance(kind, pl.Date | pl.Datetime):
        return TimeForm(typed=kind)
    if not (kind == pl.String or kind.is_numeric()):
        return None
    return form_of(_texts(sample.get_column(source)), is_named=speaks_of_time(name))


def speaks_of_time(name: str) -> bool:
    return bool(ranked(TIME, [name])) or _SPEAKS_OF_TIME.search(name) is not None


def _texts(values: pl.Series) -> list[str]:
    known = values.drop_nulls().cast(pl.String)
    return [*known.head(_SAMPLES), *known.tail(_SAMPLES)] if known.len() > 2 * _SAMPLES else known.to_list()


def _source(
    table: Table, sample: pl.DataFrame, correction: Correction, forms: dict[str, TimeForm]
) -> tuple[str, list[str]]:
    """The column, and others that might have been meant."""
    if correction.time_column is not None:
        return table.source_of(correction.time_column), []
    named = [table.source_of(name) for name in ranked(TIME, table.names)]
    if correction.time_format is not None and named:
        return named[0], []
    likely = [source for source in named if source in forms] or _unnamed(sample, forms) or _seconds(table, sample)
    if not likely:
        raise _none(table, sample, named)
    others = [source for source in forms if source != likely[0] and _is_sure(sample, forms[source], source)]
    return likely[0], others


def _unnamed(sample: pl.DataFrame, forms: dict[str, TimeForm]) -> list[str]:
    """Texts and types that can only be times come before numbers that only look like some."""
    return sorted(forms, key=lambda source: not _is_sure(sample, forms[source], source))


def _seconds(table: Table, sample: pl.DataFrame) -> list[str]:
    """The first column of a file without names, if it counts seconds: such numbers that only go one way."""
    if table.header_row != 0:
        return []
    column = sample.get_column(table.sources[0])
    form, numbers = form_of(_texts(column), is_named=True), column.cast(pl.Float64, strict=False)
    goes_one_way = numbers.n_unique() > 1 and (numbers.is_sorted() or numbers.is_sorted(descending=True))
    return [column.name] if form is not None and form.epoch == "s" and goes_one_way else []


def _is_sure(sample: pl.DataFrame, form: TimeForm, source: str) -> bool:
    if form.typed is not None:
        return True
    return bool(form.formats) and not sample.schema[source].is_numeric() and form.formats[0] != "%Y%m%d"


def _none(table: Table, sample: pl.DataFrame, named: list[str]) -> BadFile:
    if named:
        first = sample.get_column(named[0]).drop_nulls().head(1).cast(pl.String).to_list()
        shown = f"{quoted(first[0])} is no time that is understood" if first else "it is empty"
        place = Place(None if not first else int(sample.get_column(PLACE)[0]), table.name_of(named[0]))
        what = f"{shown}. Write times as 2024-01-31 14:30:00, say their format, or choose another column."
        if first and (zone := unsure_zone(first[0])):
            what = (
                f"{quoted(first[0])} does not say for certain where its clock stood: {quoted(zone)} may be of several "
                "places, or no zone. Write an offset such as -08:00 in its place, or leave it out and choose the zone."
            )
        return table.voice.bad(FindingCode.NO_TIME_COLUMN, what, place)
    if len(table.names) == 1 and table.delimiter:
        what = (
            f"it has a single column, {quoted(table.names[0])}. Choose the delimiter if it has more, or add the times."
        )
        return table.voice.bad(FindingCode.NO_TIME_COLUMN, what)
    names = ", ".join(map(quoted, table.names[:8])) + (" ..." if len(table.names) > 8 else "")
    what = f"none of its columns holds times: {names}. Choose the one that does, or add one."
    return table.voice.bad(FindingCode.NO_TIME_COLUMN, what)


def _form(
    table: Table, sample: pl.DataFrame, source: str, correction: Correction, forms: dict[str, TimeForm]
) -> TimeForm:
    if correction.time_format is not None and correction.time_format != "typed":
        form = form_of_label(correction.time_format)
        if form is None:
            what = "the chosen format of times is not understood. Write it like %Y-%m-%d %H:%M:%S, epoch ms or excel."
            raise table.voice.bad(FindingCode.CORRECTION, what)
        return form
    form = forms.get(source) or form_of(_texts(sample.get_column(source)), is_named=True)
    if form is None:
        raise _none(table, sample, [source])
    return form


def _clock(table: Table, sample: pl.DataFrame, source: str, form: TimeForm) -> Iterable[str]:
    """The column of clock times beside one of days."""
    if form.has_clock or not form.formats or sample.schema[source] != pl.String:
        return ()
    texts = ((other, _texts(sample.get_column(other))) for other in table.sources if sample.schema[other] == pl.String)
    return next(((other,) for other, cells in texts if cells and _are_clocks(cells, table.name_of(other))), ())


def _are_clocks(cells: list[str], name: str) -> bool:
    is_named = "time" in name.lower()
    return all(is_clock(cell, is_named=is_named) for cell in cells)


def _ordered(
    table: Table, sample: pl.DataFrame, sources: tuple[str, ...], form: TimeForm, correction: Correction
) -> tuple[TimeForm, list[Finding]]:
    """Days before months, or months before days: told by numbers above twelve anywhere in the column."""
    if not form.order_is_open or correction.time_format is not None:
        return form, []
    first, second = _largest(table, sources[0])
    if 12 < first <= 31 and 12 < second <= 31:
        what = "some of its dates have days before months, and some months before days. Write all of them in one way."
        action = f"Times were read as {form.label}, also those that fit both."
        place = Place(None, table.name_of(sources[0]))
        return form, [table.voice.finding(Severity.ERROR, FindingCode.DATE_ORDER_ASSUMED, what, action, places=[place])]
    if first > 12 or second > 12:
        return (form if first >= second else form.month_first()), []
    if "%d.%m" in form.label:
        # Nobody who writes points between them puts months first.
        return form, []
    chosen = min((form, form.month_first()), key=lambda each: _disorder(sample, sources, each))
    order = "days before months" if chosen is form else "months before days"
    what = f"its dates can be read in two ways; they were taken to have {order}. Say their format if they have not."
    place = Place(int(sample.get_column(PLACE)[0]), table.name_of(sources[0]))
    action = f"Times were read as {chosen.label}."
    return chosen, [table.voice.finding(Severity.WARNING, FindingCode.DATE_ORDER_ASSUMED, what, action, places=[place])]


def _largest(table: Table, source: str) -> tuple[int, int]:
    numbers = pl.col(source).str.extract_groups(_TWO_NUMBERS).struct
    largest = table.frame.select(
        numbers.field("1").cast(pl.Int32).max().alias("first"), numbers.field("2").cast(pl.Int32).max().alias("second")
    ).collect(engine="streaming")
    first, second = largest.row(0)
    return first or 0, second or 0


def _disorder(sample: pl.DataFrame, sources: tuple[str, ...], form: TimeForm) -> tuple[int, int]:
    """How often time steps back under this reading, and how unevenly it runs."""
    steps = sample.select(form.read(joined(sources), "UTC").dt.timestamp("us").diff().alias("step")).to_series()
    steps = steps.drop_nulls()
    back = min(int((steps < 0).sum()), int((steps > 0).sum()))
    return back, int(steps.n_unique())


def _about_others(table: Table, source: str, others: list[str]) -> list[Finding]:
    if not others:
        return []
    names = ", ".join(quoted(table.name_of(other)) for other in others[:5])
    what = f"more than one column holds times; {names} might have been meant too. Choose another one if it was."
    action = f"Rows were placed by {quoted(table.name_of(source))}; the others are ordinary columns."
    place = Place(table.header_row or None, table.name_of(source))
    return [
        table.voice.finding(
            Severity.INFO,
            FindingCode.SEVERAL_TIME_COLUMNS,
            what,
            action,
            count=len(others) + 1,
            places=[place],
        )
    ]
