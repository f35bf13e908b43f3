"""Wealth over time, and beneath it how far below its highest so far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from domain.pictures import scales
from domain.pictures.curves import Hand, Line, back_to_front, draw, empty, extremes, items, last, lines
from domain.pictures.data import Curve
from domain.pictures.entries import beneath, beside, beside_room
from domain.pictures.frame import Box, calendar, height_of, label_room, time_scale, values
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import EQUAL_FACTORS, Axis, Scale, axis, is_wide, log_axis
from domain.pictures.wording import UNKNOWN, day, multiple, number, share, significant, span

_BETWEEN = 42
_LEAST_FALL = -0.01


@dataclass(frozen=True, slots=True)
class _Wealth:
    lines: list[Line]
    falls: list[Line]
    low: float
    high: float

    @property
    def is_multiple(self) -> bool:
        """Whether it begins near 1, else it is money."""
        return all(0.2 < float(line.values[line.known[0]]) < 5.0 for line in self.lines if len(line.known))

    @property
    def is_log(self) -> bool:
        return is_wide(self.low, self.high)

    def worded(self, value: float) -> str:
        return multiple(value) if self.is_multiple else number(value) if abs(value) >= 1_000 else significant(value, 4)


def equity(curves: Sequence[Curve], falls: Sequence[Curve], look: Look, title: str) -> str:
    """Wealth that begins near 1 is shown as multiples of the start, any other as money.

    `falls` are how far below its highest so far it is, as a share.
    """
    found = lines(curves)
    ends = extremes(found)
    if ends is None:
        return empty(Paper(PictureKind.EQUITY, look, title))
    below = lines(falls, {curve.name: line.key for curve, line in zip(curves, found, strict=True)})
    deep = [replace(line, values=-np.abs(line.values)) for line in below if len(line.known)]
    wealth = _Wealth(found, deep, *ends)
    paper = Paper(PictureKind.EQUITY, look, title, *_subtitle(wealth))
    return paper.done(_drawn(paper, wealth), _told(wealth))


def _subtitle(wealth: _Wealth) -> tuple[str, str, str]:
    times = np.concatenate([line.times[line.known] for line in wealth.lines])
    what = "What 1 becomes" if wealth.is_multiple else "Equity in money"
    return what, span(float(times.min()), float(times.max())), EQUAL_FACTORS if wealth.is_log else ""


def _drawn(paper: Paper, wealth: _Wealth) -> float:
    top, height = paper.top + 12, height_of(paper)
    upper = _upper_axis(wealth, top, top + height)
    beneath_top = top + height + _BETWEEN
    lower = _lower_axis(wealth, beneath_top, beneath_top + height * 0.42)
    left = paper.left + max(label_room(found) for found in (upper, lower) if found)
    named = items(wealth.lines, [_last_words(wealth, line) for line in wealth.lines], upper.scale)
    beside_wide = beside_room(paper, named, height)
    box = Box(left, top, paper.right - beside_wide, top + height)
    x = time_scale([line.times[line.known] for line in (*wealth.lines, *wealth.falls)], left, box.right - 4)
    bottom = _panels(paper, wealth, (box, x), upper, lower)
    if beside_wide:
        beside(paper, box, named)
        return bottom + 8
    return beneath(paper, bottom + 6, named) + 10


def _last_words(wealth: _Wealth, line: Line) -> str:
    return wealth.worded(last(line)) if len(line.known) else UNKNOWN


def _upper_axis(wealth: _Wealth, top: float, bottom: float) -> Axis:
    words = scales.times if wealth.is_multiple else scales.plain
    make = log_axis if wealth.is_log else axis
    return make(wealth.low, wealth.high, bottom, top, words)


def _lower_axis(wealth: _Wealth, top: float, bottom: float) -> Axis | None:
    ends = extremes(wealth.falls)
    return axis(min(ends[0], _LEAST_FALL), 0.0, bottom, top, scales.percent) if ends else None


def _panels(paper: Paper, wealth: _Wealth, placed: tuple[Box, Scale], upper: Axis, lower: Axis | None) -> float:
    box, x = placed
    count = len(wealth.lines) + len(wealth.falls)
    values(paper, box, upper, 1.0 if wealth.is_multiple else None)
    for line in back_to_front(wealth.lines):
        draw(paper, line, x, upper.scale, Hand(count))
    if lower is None:
        return calendar(paper, box, x)
    under = Box(box.left, lower.scale.end, box.right, lower.scale.start)
    paper.text(paper.left, under.top - 12, "Below the highest so far", "sub")
    values(paper, under, lower, 0.0)
    for line in back_to_front(wealth.falls):
        draw(paper, line, x, lower.scale, Hand(count, 0.0 if len(wealth.falls) == 1 else None, is_thin=True))
    return calendar(paper, under, x)


def _told(wealth: _Wealth) -> list[str]:
    deepest = {line.name: _deepest(line) for line in wealth.falls}
    return [_line_told(wealth, line) + deepest.get(line.name, "") for line in wealth.lines]


def _line_told(wealth: _Wealth, line: Line) -> str:
    if not len(line.known):
        return f"Of {line.name} nothing is known."
    when, value, first = day(float(line.times[line.known[-1]])), last(line), float(line.values[line.known[0]])
    change = f" ({share(value / first - 1.0)})" if first > 0 and len(line.known) > 1 else ""
    return f"{line.name} ends at {wealth.worded(value)}{change} on {when}."


def _deepest(line: Line) -> str:
    place = line.known[np.argmin(line.values[line.known])]
    depth = float(line.values[place])
    return (
        f" Its deepest fall is {share(depth)}, on {day(float(line.times[place]))}." if depth < 0 else " It never falls."
    )
