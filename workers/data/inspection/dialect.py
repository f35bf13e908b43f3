"""How a text is cut into cells: what stands between them, and where the names are."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.datasets.report import Correction, FindingCode
from workers.data.inspection.layers import Layers, layers_of
from workers.data.inspection.values import looks_like_value
from workers.data.inspection.voice import Voice

# The first wins where several cut the lines alike: decimal commas must not outvote semicolons.
DELIMITERS = ("\t", ";", "|", ",")
_ENOUGH_ALIKE = 0.8
_MOST_ROWS = 200
_MOST_BEFORE_HEADER = 30


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: str
    width: int
    header: tuple[str, ...] | None
    header_line: int
    """Counted from 1; 0 without a header."""
    data_line: int
    """The first line of data."""
    skipped: int = 0
    """Lines before the header or the data that hold something else."""
    layers: Layers | None = None

    @property
    def names(self) -> tuple[str | None, ...]:
        """Of the columns that are read."""
        if self.layers is not None:
            return self.layers.names
        return self.header or (None,) * self.width


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    after: int
    """The line after it."""
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


def dialect_of(head: str, correction: Correction, voice: Voice) -> Dialect:
    """`head` is the beginning of the text, cut at the end of a line."""
    delimiter = _delimiter(head, correction, voice)
    rows = _trimmed([row for row in _rows(head, delimiter) if not row.is_blank])
    if not rows:
        raise voice.bad(FindingCode.EMPTY, "it has no lines with content. Upload a header line and rows of data.")
    if correction.header_row is not None:
        return _as_corrected(rows, delimiter, correction.header_row, voice)
    return _as_seen(rows, delimiter)


def _delimiter(head: str, correction: Correction, voice: Voice) -> str:
    if correction.delimiter is not None:
        if len(correction.delimiter) != 1 or correction.delimiter in '"\r\n' or not correction.delimiter.isascii():
            what = "the chosen delimiter must be one character, such as a comma, a semicolon or a tab."
            raise voice.bad(FindingCode.CORRECTION, what)
        return correction.delimiter
    if head[:4].lower() == "sep=" and head[4:5] in DELIMITERS:
        return head[4]
    found = max(DELIMITERS, key=lambda delimiter: _uniform_width(head, delimiter))
    return found if _uniform_width(head, found) > 1 else ","


def _uniform_width(head: str, delimiter: str) -> int:
    """Into how many cells it cuts the lines, when it cuts most of them alike."""
    widths = Counter(len(row.cells) for row in _rows(head, delimiter) if not row.is_blank)
    if not widths:
        return 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return width if count >= _ENOUGH_ALIKE * widths.total() or count + 2 >= widths.total() else 0


def _rows(head: str, delimiter: str) -> list[_Row]:
    reader = csv.reader(head.splitlines(keepends=True), delimiter=delimiter)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append(_Row(line, reader.line_num + 1, tuple(cells)))
            line = reader.line_num + 1
            if len(rows) == _MOST_ROWS:
                break
    except csv.Error:
        # A quote that is never closed; whoever reads the whole text says so.
        pass
    return rows


def _trimmed(rows: list[_Row]) -> list[_Row]:
    """Without the empty cell behind a delimiter at the end of each line."""
    width = _usual_width(rows) if rows else 0
    if width < 2 or any(row.cells[-1].strip() for row in rows if len(row.cells) == width):
        return rows
    return [replace(row, cells=row.cells[: width - 1]) if len(row.cells) == width else row for row in rows]


def _as_corrected(rows: Sequence[_Row], delimiter: str, line: int, voice: Voice) -> Dialect:
    if line == 0:
        return _without_header(rows, delimiter)
    row = next((row for row in rows if row.line <= line < row.after), None)
    if row is None:
        what = f"line {line} cannot hold the names. Choose one of the first lines, or 0 when the file has none."
        raise voice.bad(FindingCode.CORRECTION, what)
    return _with_header(rows[rows.index(row) :], delimiter)


def _as_seen(rows: Sequence[_Row], delimiter: str) -> Dialect:
    if rows[0].cells[0].lower().startswith("sep="):
        rows = rows[1:] or rows
    width = _usual_width(rows)
    first = next((place for place, row in enumerate(rows[:_MOST_BEFORE_HEADER]) if len(row.cells) == width), 0)
    body = rows[first:]
    if layers_of([row.cells for row in body[:3]]) or has_header([row.cells for row in body]):
        return _with_header(body, delimiter, skipped=first)
    return _without_header(body, delimiter, skipped=first)


def _usual_width(rows: Sequence[_Row]) -> int:
    widths = Counter(len(row.cells) for row in rows)
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0]


def _with_header(rows: Sequence[_Row], delimiter: str, skipped: int = 0) -> Dialect:
    row, layers = rows[0], layers_of([row.cells for row in rows[:3]])
    last = rows[layers.height - 1] if layers else row
    return Dialect(delimiter, len(row.cells), row.cells, row.line, last.after, skipped, layers)


def _without_header(rows: Sequence[_Row], delimiter: str, skipped: int = 0) -> Dialect:
    return Dialect(delimiter, _usual_width(rows), None, 0, rows[0].line, skipped)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it has words where the rows below have numbers and times."""
    first, body = rows[0], rows[1:51]
    above_values = above_words = 0
    for place, cell in enumerate(first):
        below = [row[place] for row in body if place < len(row) and row[place].strip()]
        if below and sum(map(looks_like_value, below)) > len(below) / 2:
            above_values += 1
            above_words += not looks_like_value(cell)
    if above_values:
        return above_words > above_values / 2
    return not any(map(looks_like_value, first))
