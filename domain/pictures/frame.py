"""A plot's rectangle with its two axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.pictures import moments
from domain.pictures.paper import Paper
from domain.pictures.scales import Axis, Scale
from domain.pictures.texts import TICK, widest, width

TIME_ROOM, VALUE_ROOM = 36, 20
"""How much the labels of a time axis and of an axis of values take beneath."""

_OVER = 16.0
"""How far labels may lie over the end of their axis."""
_DAY = 86_400.0
_AROUND = 2.5 * _DAY


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float


def height_of(paper: Paper, part: float = 0.4, least: float = 170.0, most: float = 460.0) -> float:
    return min(max(paper.width * part, least), most)


def label_room(axis: Axis) -> float:
    return widest(axis.labels, TICK) + 8


def time_scale(times: list[np.ndarray], left: float, right: float) -> Scale:
    """Over all known times; a single one lies in the middle of some days."""
    known = np.concatenate([found[np.isfinite(found)] for found in times])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    around = 0.0 if high > low else _AROUND
    # Bars of whole days have no hours to name.
    least = 0.0 if (known % _DAY).any() else _DAY
    return Scale(low - around, high + around, left, right, least=least)


def values(paper: Paper, box: Box, axis: Axis, strong: float | None = None) -> None:
    """Lines across at each tick, labels to their left; the strong one is that of 0, or of the start."""
    for tick, label in zip(axis.ticks, axis.labels, strict=True):
        y = axis.scale.one(tick)
        paper.line(box.left, y, box.right, y, "grid")
        paper.text(box.left - 7, y + 4, label, "tick", "end")
    if strong is not None and axis.scale.low <= strong <= axis.scale.high:
        y = axis.scale.one(strong)
        paper.line(box.left, y, box.right, y, "zero")


def calendar(paper: Paper, box: Box, scale: Scale) -> float:
    """The time axis beneath; where it ends."""
    right = min(paper.width - 2.0, box.right + _OVER)
    paper.line(box.left, box.bottom, box.right, box.bottom, "axis")
    found = moments.ticks(scale, 2, right)
    for tick in found:
        x = scale.one(tick.time)
        paper.line(x, box.bottom, x, box.bottom + 4, "axis")
        paper.text(tick.x, box.bottom + 16, tick.label, "tick", "middle")
    beyonds = moments.beyonds(found, 2, right)
    for x, label in beyonds:
        paper.text(x, box.bottom + 30, label, "tick", "middle")
    return box.bottom + (TIME_ROOM if beyonds else VALUE_ROOM)


def across(paper: Paper, y: float, axis: Axis) -> None:
    """The labels of an axis of values, those that have room."""
    end = -1e9
    for tick, label in zip(axis.ticks, axis.labels, strict=True):
        x, half = axis.scale.one(tick), width(label, TICK) / 2
        middle = min(max(x, 2 + half), paper.width - 2 - half)
        if middle - half > end + 6:
            paper.text(middle, y, label, "tick", "middle")
            end = middle + half


def upright(paper: Paper, top: float, bottom: float, axis: Axis, strong: float | None = 0.0) -> None:
    """Lines up at each tick."""
    for tick in axis.ticks:
        paper.line(axis.scale.one(tick), top, axis.scale.one(tick), bottom, "grid")
    if strong is not None and axis.scale.low <= strong <= axis.scale.high:
        paper.line(axis.scale.one(strong), top, axis.scale.one(strong), bottom, "zero")
