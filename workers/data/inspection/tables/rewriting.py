"""Writes a text anew so that one simple reader understands it, and finds the lines that cannot be understood."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import BadFile, Finding, FindingCode, Place, Severity
from workers.data.inspection.dialect import Dialect
from workers.data.inspection.layers import unfolded
from workers.data.inspection.limits import Limits
from workers.data.inspection.naming import cleaned
from workers.data.inspection.tables.model import PLACE
from workers.data.inspection.voice import Voice

_MOST_RAGGED = 0.1


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    ragged: int = 0
    first: list[tuple[int, int]] = field(default_factory=list)
    """Lines, and how many cells each has."""

    def add_ragged(self, line: int, cells: int) -> None:
        self.ragged += 1
        self.first = [*self.first, (line, cells)][:MOST_PLACES]


def rewrite(path: Path, dialect: Dialect, out: Path, limits: Limits, voice: Voice) -> tuple[Finding, ...]:
    """Each row with its line first. Rows with cells too many or too few are left out: nobody knows which is which."""
    tally = _Tally()
    with path.open(encoding="utf-8", newline="") as source, out.open("w", encoding="utf-8", newline="") as target:
        for _ in range(dialect.data_line - 1):
            source.readline()
        target.write(",".join([PLACE, *(f"c{number}" for number in range(len(dialect.names)))]) + "\n")
        rows = _rows(source, dialect, tally, limits, voice)
        if dialect.layers is not None:
            rows = unfolded(rows, dialect.layers, limits, voice)
        csv.writer(target, lineterminator="\n").writerows([line, *cells] for line, cells in rows)
    return _about_ragged(tally, dialect, voice)


def _rows(
    source: TextIO, dialect: Dialect, tally: _Tally, limits: Limits, voice: Voice
) -> Iterator[tuple[int, list[str]]]:
    for line, cells in _records(source, dialect, limits, voice):
        extra = cells[dialect.width :]
        if len(cells) < dialect.width or any(extra):
            if any(map(str.strip, cells)):
                tally.add_ragged(line, len(cells))
            continue
        tally.rows += 1
        yield line, cells[: dialect.width]


def _records(source: TextIO, dialect: Dialect, limits: Limits, voice: Voice) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(limits.line_bytes)
    reader = csv.reader(source, delimiter=dialect.delimiter, strict=True, skipinitialspace=True)
    before = dialect.data_line - 1
    line = before + 1
    try:
        for cells in reader:
            yield line, cells
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise _broken_quotes(Path(source.name), line, before + reader.line_num, dialect, voice) from error


def _broken_quotes(path: Path, line: int, last: int, dialect: Dialect, voice: Voice) -> BadFile:
    until = f", and the row that begins here goes on to line {last}" if last > line else ""
    what = (
        f"a quote is opened and not closed properly{until}. "
        "Close it, double each quote inside quoted text, or remove the quotes."
    )
    with path.open(encoding="utf-8", newline="") as file:
        text = next(islice(file, line - 1, None), "")
    place = _open_cell(text.rstrip("\r\n"), dialect.delimiter)
    names = cleaned(dialect.header or [None] * dialect.width)
    return voice.bad(FindingCode.BROKEN_QUOTES, what, Place(line, names[place] if place < len(names) else None))


def _open_cell(text: str, delimiter: str) -> int:
    """Which cell of the line has a quote that is not closed at its end; past the last one if none has."""
    rest, place, end = text, 0, re.escape(delimiter)
    while True:
        match = re.match(rf'\s*(?:"(?:[^"]|"")*"|[^"\s{end}][^{end}]*|)(?={end}|$)', rest)
        if not match:
            return place
        rest, place = rest[match.end() + 1 :], place + 1
        if not rest:
            return place


def _about_ragged(tally: _Tally, dialect: Dialect, voice: Voice) -> tuple[Finding, ...]:
    if not tally.first:
        return ()
    cells = tally.first[0][1]
    what = (
        f"this row has {cells} cells where there should be {dialect.width}. "
        "Quote cells that hold the delimiter, fill empty ones, or choose another delimiter."
    )
    if tally.ragged > _MOST_RAGGED * (tally.rows + tally.ragged):
        raise voice.bad(FindingCode.RAGGED_ROWS, what, *(Place(line) for line, _ in tally.first))
    places = [Place(line) for line, _ in tally.first]
    action = "Rows with cells too many or too few were left out."
    return (voice.finding(Severity.ERROR, FindingCode.RAGGED_ROWS, what, action, count=tally.ragged, places=places),)
