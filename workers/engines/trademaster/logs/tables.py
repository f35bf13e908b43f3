"""Tables drawn with + - and |, line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workers.engines.trademaster.logs.measures import Measure, measure_of, name_of

_BORDER = re.compile(r"\+(?:-+\+)+")
_ROW = re.compile(r"\|.*\|")


@dataclass(frozen=True, slots=True)
class Row:
    values: Mapping[str, Measure]
    unreadable: tuple[str, ...]
    """Columns that held no number."""


class TableReader:
    def __init__(self) -> None:
        self._headings: list[str] = []
        self._borders = 0

    def feed(self, line: str) -> Row | None:
        """The row that this line is, once the headings are known."""
        if _BORDER.fullmatch(line):
            self._on_border()
        elif self._borders and _ROW.fullmatch(line):
            return self._on_row([cell.strip() for cell in line[1:-1].split("|")])
        else:
            self._borders = 0
        return None

    def _on_border(self) -> None:
        # The third one closes a table; the next one opens another.
        self._borders = self._borders % 3 + 1
        if self._borders == 1:
            self._headings = []

    def _on_row(self, cells: list[str]) -> Row | None:
        if self._borders == 1:
            self._headings = [name_of(cell) for cell in cells]
        if self._borders != 2 or len(cells) != len(self._headings):
            return None
        read = {name: measure_of(cell) for name, cell in zip(self._headings, cells, strict=True)}
        values = {name: measure for name, measure in read.items() if measure is not None}
        return Row(values, tuple(name for name, measure in read.items() if measure is None))
