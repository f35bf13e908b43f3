"""How often which return of one bar comes: a row for each entry, over one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series
from domain.pictures.curves import empty
from domain.pictures.data import Histogram
from domain.pictures.entries import keys
from domain.pictures.frame import VALUE_ROOM, Box, across, upright
from domain.pictures.lines import tenths
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import Axis, Scale, axis, extent, percent, usable
from domain.pictures.texts import TICK, clean, width
from domain.pictures.wording import number, share

_NAME, _LINE = 28.0, 15.0
"""The room for a name above its bars, and for one more line of words."""
_LEAST_BAR = 3.0
"""Pixels that a bar is wide; finer ones are drawn together."""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    key: str
    edges: Series
    shares: Series
    """Of all returns, by bar."""
    risk: float | None


def distribution(histograms: Sequence[Histogram], look: Look, title: str) -> str:
    """The value at risk is a return: 95 of 100 are better."""
    found = [_row(given, key) for given, key in zip(histograms, keys(histograms), strict=True)]
    rows = [row for row in found if row is not None]
    ends = extent(*(row.edges for row in rows))
    if ends is None:
        return empty(Paper(PictureKind.DISTRIBUTION, look, title))
    paper = Paper(PictureKind.DISTRIBUTION, look, title, "Share of all bars by their return")
    return paper.done(_drawn(paper, rows, ends), [_told(row) for row in rows])


def _row(given: Histogram, key: str) -> _Row | None:
    edges, counts = usable(given.edges), np.nan_to_num(usable(given.counts))
    total = float(counts.sum())
    if len(edges) != len(counts) + 1 or total <= 0 or not np.isfinite(edges).all():
        return None
    risk = extent([given.value_at_risk]) if given.value_at_risk is not None else None
    return _Row(clean(given.name), key, edges, counts / total, risk[0] if risk else None)


def _drawn(paper: Paper, rows: Sequence[_Row], ends: tuple[float, float]) -> float:
    left, right = paper.left + 8, paper.right - 8
    flat = axis(min(ends[0], 0.0), max(ends[1], 0.0), left, right, percent, gap=70)
    rows = [_merged(row, flat.scale) for row in rows]
    height = min(max(paper.width * 0.36, 150), 340) if len(rows) == 1 else 64.0
    highest = max(float(row.shares.max()) for row in rows)
    top = paper.top + 8
    head = _NAME + (_LINE if paper.narrow else 0.0)
    for place, row in enumerate(rows):
        base = top + (place + 1) * (height + head)
        box = Box(left, base - height, right, base)
        _named(paper, row, box, base - height - head + 18)
        upright(paper, box.top, base, flat)
        _bars(paper, row, flat, Scale(0.0, highest, base, box.top))
        if row.risk is not None and flat.scale.low <= row.risk <= flat.scale.high:
            paper.line(flat.scale.one(row.risk), box.top, flat.scale.one(row.risk), base, "tail-line")
    across(paper, base + 15, flat)
    return base + VALUE_ROOM + 8


def _merged(row: _Row, scale: Scale) -> _Row:
    """Bars that are too narrow to be seen, drawn together."""
    count = len(row.shares)
    wide = abs(scale.one(float(row.edges[-1])) - scale.one(float(row.edges[0]))) / count
    step = max(int(np.ceil(_LEAST_BAR / max(wide, 1e-9))), 1)
    if step == 1 or count == 1:
        return row
    firsts = np.arange(0, count, min(step, count))
    edges = np.append(row.edges[firsts], row.edges[-1])
    return _Row(row.name, row.key, edges, np.add.reduceat(row.shares, firsts), row.risk)


def _bars(paper: Paper, row: _Row, flat: Axis, upright: Scale) -> None:
    xs, ys = np.rint(flat.scale.at(row.edges) * 10).astype(int), np.rint(upright.at(row.shares) * 10).astype(int)
    base = round(upright.start * 10)
    middles = (row.edges[1:] + row.edges[:-1]) / 2
    tail = middles < row.risk if row.risk is not None else np.zeros(len(middles), dtype=bool)
    for name, chosen in ((f"fill-{row.key}", ~tail), ("tail", tail)):
        places = np.flatnonzero(chosen & (row.shares > 0)).tolist()
        paper.path("".join(_bar(xs, ys, base, place) for place in places), name)
    paper.line(flat.scale.start, upright.start, flat.scale.end, upright.start, "axis")


def _bar(xs: np.ndarray, ys: np.ndarray, base: int, place: int) -> str:
    first, wide, high = int(xs[place]), int(xs[place + 1] - xs[place]), base - int(ys[place])
    # A hair of paper between bars, and what is there at all is seen.
    wide, high = max(wide - 5 if wide > 30 else wide, 5), max(high, 5)
    return f"M{tenths(first)} {tenths(base)}v{tenths(-high)}h{tenths(wide)}v{tenths(high)}z"


def _named(paper: Paper, row: _Row, box: Box, y: float) -> None:
    """What the bars cannot say stands above them: in a line of its own on narrow paper."""
    highest = f"Highest bar: {share(float(row.shares.max()), signed=False)} of all"
    words = "" if row.risk is None else f"95% are better than {share(row.risk)}"
    first, second = width(highest, TICK), width(words, TICK)
    if paper.narrow:
        paper.fitted(box.left, y, row.name, f"text-{row.key}", box.right - box.left)
        paper.text(box.right, y + _LINE, words, "tail-text", "end")
        if first + second + 12 <= box.right - box.left:
            paper.text(box.left, y + _LINE, highest, "tick")
        return
    paper.text(box.right, y, words, "tail-text", "end")
    paper.text(box.right - second - 16, y, highest, "tick", "end")
    paper.fitted(box.left, y, row.name, f"text-{row.key}", box.right - box.left - first - second - 32)


def _told(row: _Row) -> str:
    peak = int(np.argmax(row.shares))
    most = f"{share(float(row.edges[peak]))} to {share(float(row.edges[peak + 1]))}"
    below = float(row.shares[row.edges[1:] <= 0].sum())
    told = f"{row.name}: the most frequent return of a bar is {most}; {number(below * 100)}% of bars lose."
    return told if row.risk is None else told + f" 95 of 100 bars are better than {share(row.risk)}."
