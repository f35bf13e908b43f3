"""Records in a list, one record after the other, or one list per column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from domain.datasets.report import Finding, FindingCode, JsonForm, Place, Severity
from workers.data.inspection.headers import no_header, renamed
from workers.data.inspection.limits import Limits
from workers.data.inspection.naming import cleaned
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.tables.records import Nested, Records, as_text, text_series
from workers.data.inspection.tables.refusals import no_rows, too_many_columns
from workers.data.inspection.tables.window import BrokenJson, TooLarge, Window
from workers.data.inspection.timeforms import form_of
from workers.data.inspection.voice import Voice, quoted

Pairs = Iterator[tuple[str, Any]]


def json_table(path: Path, limits: Limits, scratch: Path, voice: Voice) -> Table:
    """`path` is UTF-8."""
    with path.open(encoding="utf-8") as file:
        try:
            return _Reader(Window(file), limits, scratch, voice).table()
        except TooLarge as error:
            what = f"{error.what}. Write smaller records."
            raise voice.bad(FindingCode.LINE_TOO_LONG, what, Place(error.line)) from error
        except BrokenJson as error:
            what = f"this is no proper JSON: {error.what}, at letter {error.letter}. Correct it or save the file again."
            raise voice.counting("line").bad(FindingCode.BROKEN_JSON, what, Place(error.line)) from error


class _Reader:
    def __init__(self, window: Window, limits: Limits, scratch: Path, voice: Voice) -> None:
        self._window = window
        self._limits = limits
        self._scratch = scratch
        self._voice = voice

    def table(self) -> Table:
        if self._window.peek() == "[":
            return self._records(JsonForm.RECORDS, self._listed(), self._voice.counting("record"))
        try:
            first = self._window.value(self._limits.line_bytes)
        except TooLarge:
            return self._columns(self._pairs())
        if not self._window.peek() and any(isinstance(value, list | dict) for value in first.values()):
            return self._lone(first)
        return self._records(JsonForm.LINES, self._following(first), self._voice)

    def _lone(self, content: dict[str, Any]) -> Table:
        """One object that is not a record."""
        likeliest = max(content, key=lambda name: _records_in(content[name]))
        if _records_in(content[likeliest]):
            raise self._voice.bad(FindingCode.NOT_A_TABLE, _inside(likeliest))
        if _is_by_time(content):
            rows = ((row, value | {"index": key}) for row, (key, value) in enumerate(content.items(), start=1))
            return self._records(JsonForm.RECORDS, rows, self._voice.counting("record"))
        return self._columns(iter(content.items()))

    def _listed(self) -> Iterator[tuple[int, Any]]:
        window, number = self._window, 0
        window.take("[")
        while window.peek() != "]":
            if number:
                window.take(",")
            number += 1
            yield number, window.value(self._limits.line_bytes)
        window.take("]")
        self._check_end()

    def _following(self, first: Any) -> Iterator[tuple[int, Any]]:
        yield 1, first
        while self._window.peek():
            yield self._window.line, self._window.value(self._limits.line_bytes)

    def _pairs(self) -> Pairs:
        window, is_first = self._window, True
        window.take("{")
        while window.peek() != "}":
            if not is_first:
                window.take(",")
            key, is_first = window.value(), False
            window.take(":")
            yield str(key), window.value()
        window.take("}")
        self._check_end()

    def _check_end(self) -> None:
        if self._window.peek():
            raise BrokenJson("something follows after its end", self._window.line, 1)

    def _records(self, form: JsonForm, rows: Iterator[tuple[int, Any]], voice: Voice) -> Table:
        records = Records(self._scratch / "records", self._limits, voice)
        for place, row in rows:
            records.add(place, row)
        frame, names = records.finish()
        if records.header is not None:
            given = (*records.header, *("" for _ in names))[: len(names)]
            return replace(self._table(form, frame, given, records.nested, voice), header_row=1)
        table = self._table(form, frame, names, records.nested, voice)
        if not records.has_lists:
            return table
        numbered = tuple(cleaned([None] * len(names)))
        return replace(table, names=numbered, header_row=0, findings=(no_header(voice), *table.findings))

    def _columns(self, pairs: Pairs) -> Table:
        voice = self._voice.counting("record")
        columns, nested = _read_columns(pairs, self._limits, voice)
        series = [text_series(f"c{number}", values) for number, values in enumerate(columns.values())]
        frame = pl.DataFrame(series).with_row_index(PLACE, offset=1)
        if frame.is_empty():
            raise no_rows(voice)
        return self._table(JsonForm.COLUMNS, frame.lazy(), tuple(columns), nested, voice)

    def _table(
        self, form: JsonForm, frame: pl.LazyFrame, names: tuple[str, ...], nested: Nested, voice: Voice
    ) -> Table:
        findings: list[Finding] = renamed(names, None, voice)
        if nested.count:
            what = "this cell holds a list or an object. Write its values into columns of their own."
            action = "Cells that hold lists or objects were left empty."
            findings.append(
                voice.finding(
                    Severity.WARNING,
                    FindingCode.NESTED_VALUES,
                    what,
                    action,
                    count=nested.count,
                    places=sorted(nested.places, key=lambda place: place.row or 0),
                )
            )
        return Table(frame=frame, names=tuple(cleaned(names)), voice=voice, json_form=form, findings=tuple(findings))


def _records_in(value: Any, levels: int = 3) -> int:
    """How many records or rows lie in it, or a few levels further inside."""
    within = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    if within and all(isinstance(each, dict | list) for each in within[:5]):
        return len(within)
    if not levels or isinstance(value, list):
        return 0
    return max((_records_in(each, levels - 1) for each in within), default=0)


def _inside(name: str) -> str:
    return f"the records seem to lie inside {quoted(name)}. Save only what is in there."


def _is_by_time(content: dict[str, Any]) -> bool:
    """Each record lies under its time, as in what pandas calls index."""
    form = form_of(list(content), is_named=True)
    # Days of Excel are never keys, but columns may be called by numbers as large.
    return form is not None and not form.is_excel and all(isinstance(value, dict) for value in content.values())


def _read_columns(pairs: Pairs, limits: Limits, voice: Voice) -> tuple[dict[str, list[str | None]], Nested]:
    columns: dict[str, list[str | None]] = {}
    nested, keys = Nested(), None
    for name, value in pairs:
        values = value
        if isinstance(value, dict):
            keys = keys or list(value)
            values = [value.get(key) for key in keys]
        _check_column(name, values, columns, limits, voice)
        columns[name] = [as_text(item, Place(row, name), nested) for row, item in enumerate(values, start=1)]
    if keys and keys != list(map(str, range(len(keys)))):
        columns = {"index": list(keys), **columns}
    return columns, nested


def _check_column(name: str, values: Any, columns: dict[str, list[str | None]], limits: Limits, voice: Voice) -> None:
    if not isinstance(values, list):
        what = "the file is one object whose values are partly lists and partly not. Give each column a list."
        raise voice.bad(FindingCode.NOT_A_TABLE, what, Place(column=name))
    if values and all(isinstance(value, dict | list) for value in values[:5]):
        raise voice.bad(FindingCode.NOT_A_TABLE, _inside(name))
    if columns and len(values) != (expected := len(next(iter(columns.values())))):
        what = f"this column has {len(values):,} values, but the first one has {expected:,}. Make them equally long."
        raise voice.bad(FindingCode.RAGGED_ROWS, what, Place(column=name))
    if len(columns) >= limits.columns:
        raise too_many_columns(limits, voice)
