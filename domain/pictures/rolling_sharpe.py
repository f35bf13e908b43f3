"""The Sharpe ratio of a moving window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from domain.pictures.curves import Hand, Line, back_to_front, draw, empty, extremes, items, last, lines
from domain.pictures.data import Curve
from domain.pictures.entries import beneath, beside, beside_room
from domain.pictures.frame import Box, calendar, height_of, label_room, time_scale, values
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import axis
from domain.pictures.wording import day, number, span


def rolling_sharpe(curves: Sequence[Curve], look: Look, title: str) -> str:
    found = lines(curves)
    ends = extremes(found)
    if ends is None:
        return empty(Paper(PictureKind.ROLLING_SHARPE, look, title))
    found = [line for line in found if len(line.known)]
    times = np.concatenate([line.times[line.known] for line in found])
    when = span(float(times.min()), float(times.max()))
    paper = Paper(PictureKind.ROLLING_SHARPE, look, title, "Sharpe ratio of a year over a moving window", when)
    return paper.done(_drawn(paper, found, ends), [_told(line) for line in found])


def _drawn(paper: Paper, found: list[Line], ends: tuple[float, float]) -> float:
    top, height = paper.top + 12, height_of(paper)
    upright = axis(min(ends[0], 0.0), max(ends[1], 0.0), top + height, top)
    named = items(found, [number(last(line), 2) for line in found], upright.scale)
    beside_wide = beside_room(paper, named, height)
    box = Box(paper.left + label_room(upright), top, paper.right - beside_wide, top + height)
    values(paper, box, upright, 0.0)
    x = time_scale([line.times[line.known] for line in found], box.left, box.right - 4)
    for line in back_to_front(found):
        draw(paper, line, x, upright.scale, Hand(len(found)))
    bottom = calendar(paper, box, x)
    if beside_wide:
        beside(paper, box, named)
        return bottom + 8
    return beneath(paper, bottom + 6, named) + 10


def _told(line: Line) -> str:
    known = line.values[line.known]
    lowest, highest = line.known[np.argmin(known)], line.known[np.argmax(known)]
    below = float(np.mean(known < 0.0))
    return (
        f"{line.name} ends at {number(last(line), 2)}; it is highest at {_at(line, highest)}, lowest at "
        f"{_at(line, lowest)}, and below 0 for {number(below * 100)}% of the time."
    )


def _at(line: Line, place: int) -> str:
    return f"{number(float(line.values[place]), 2)} on {day(float(line.times[place]))}"
