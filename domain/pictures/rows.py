"""A row for each of many: its name, a range with a dot on an axis that all share, and the figures in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.pictures.frame import VALUE_ROOM, Box, across, upright
from domain.pictures.paper import Paper
from domain.pictures.scales import LARGEST, Axis, Words, axis, extent
from domain.pictures.texts import MINUS, both, shortened, widest

_HEIGHT, _NARROW_HEIGHT, _HEADING = 24.0, 38.0, 28.0
LESS = f" {MINUS} "
_LINE, _LEAST_NAME = 16.0, 100.0
"""The room of one more line, and what a name needs beside figures."""
_DOT = 4.6
_TALL = 460.0
"""From this height on the axis is named above as well."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    key: str
    low: float | None
    middle: float | None
    high: float | None
    words: str
    is_faint: bool = False
    """Hollow and pale: not more than chance, or a baseline."""
    second: str = ""
    """What the name is compared with."""

    @property
    def whole(self) -> str:
        return f"{self.name}{LESS}{self.second}" if self.second else self.name


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    rows: Sequence[Row]

    def height(self, row: float) -> float:
        return (_HEADING if self.heading else 0.0) + len(self.rows) * row


def known(value: float | None) -> float | None:
    return value if value is not None and abs(value) <= LARGEST else None


def draw(paper: Paper, top: float, groups: Sequence[Group], words: Words) -> float:
    """Where it ends. On narrow paper name and figures stand above the range."""
    rows = [row for group in groups for row in group.rows]
    names = 0.0 if paper.narrow else min(widest(row.whole for row in rows) + 12, paper.room * 0.34)
    told = 0.0 if paper.narrow else widest(row.words for row in rows) + 14
    left, right = paper.left + max(names, 8), paper.right - max(told, 8)
    flat = _axis(rows, left, right, words)
    more = _more(paper, rows)
    each = _NARROW_HEIGHT + more if paper.narrow else _HEIGHT
    if sum(group.height(each) for group in groups) > _TALL:
        across(paper, top + 11, flat)
        top += VALUE_ROOM
    box = Box(left, top, right, top + sum(group.height(each) for group in groups) + 2)
    across(paper, box.bottom + 15, flat)
    y = top
    for group in groups:
        if group.heading:
            paper.fitted(paper.left, y + 19, group.heading, "strong", paper.room)
            y += _HEADING
        if not paper.narrow:
            upright(paper, y, y + len(group.rows) * each, flat)
        for row in group.rows:
            if paper.narrow:
                _narrow_row(paper, row, y, flat, more)
            else:
                _row(paper, row, y, flat, right)
            y += each
    return box.bottom + VALUE_ROOM


def _axis(rows: Sequence[Row], left: float, right: float, words: Words) -> Axis:
    values = [value for row in rows for value in (row.low, row.middle, row.high) if value is not None]
    low, high = extent(values) or (0.0, 0.0)
    return axis(min(low, 0.0), max(high, 0.0), left, right, words, gap=64)


def _more(paper: Paper, rows: Sequence[Row]) -> float:
    """How much higher narrow rows are, where figures have no room beside the name."""
    return _LINE if paper.room - widest(row.words for row in rows) < _LEAST_NAME else 0.0


def _narrow_row(paper: Paper, row: Row, y: float, flat: Axis, more: float) -> None:
    beside = 0.0 if more else widest([row.words]) + 10
    _name(paper, row, y + 14, paper.room - beside)
    x, anchor = (paper.left, "start") if more else (paper.right, "end")
    paper.fitted(x, y + 14 + more, row.words, "quiet", paper.room, anchor=anchor)
    upright(paper, y + more + 19, y + more + 34, flat)
    _range(paper, row, y + more + 26, flat)


def _row(paper: Paper, row: Row, y: float, flat: Axis, right: float) -> None:
    _name(paper, row, y + 16, flat.scale.start - paper.left - 12)
    paper.text(right + 14, y + 16, row.words, "quiet")
    _range(paper, row, y + 12, flat)


def _name(paper: Paper, row: Row, y: float, room: float) -> None:
    words = both(row.name, row.second, LESS, room) if row.second else shortened(row.name, room)
    paper.text(paper.left, y, words, "label", full=row.whole)


def _range(paper: Paper, row: Row, y: float, flat: Axis) -> None:
    low, high = known(row.low), known(row.high)
    if low is not None and high is not None and high > low:
        paper.line(flat.scale.one(low), y, flat.scale.one(high), y, f"{'faint' if row.is_faint else 'range'}-{row.key}")
    if row.middle is not None:
        look = "hollow" if row.is_faint else "fill"
        paper.circle(flat.scale.one(row.middle), y, _DOT, f"{look}-{row.key}", says=f"{row.whole}: {row.words}")
