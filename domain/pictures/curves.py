"""Curves over time in a box: what the pictures of wealth, falls, rolling figures and prices share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series
from domain.pictures.data import Curve
from domain.pictures.entries import Item, keys
from domain.pictures.lines import area, traced
from domain.pictures.moments import seconds
from domain.pictures.paper import Paper
from domain.pictures.scales import Scale, usable
from domain.pictures.texts import clean

NOTHING = "Nothing is known yet: there are no values to draw."


@dataclass(frozen=True, slots=True)
class Line:
    """A curve as it is drawn: times in seconds, values that can be drawn or NaN."""

    name: str
    key: str
    times: Series
    values: Series

    @property
    def known(self) -> np.ndarray:
        """Places of what is known."""
        return np.flatnonzero(np.isfinite(self.values) & np.isfinite(self.times))


def lines(curves: Sequence[Curve], names: dict[str, str] | None = None) -> list[Line]:
    """`names` gives keys by name, where another panel has them already."""
    given = [(names or {}).get(curve.name, key) for curve, key in zip(curves, keys(curves), strict=True)]
    return [
        Line(clean(curve.name), key, *cut(seconds(curve.times), usable(curve.values)))
        for curve, key in zip(curves, given, strict=True)
    ]


def cut(times: Series, values: Series) -> tuple[Series, Series]:
    """To the shorter of the two."""
    count = min(len(times), len(values))
    return times[:count], values[:count]


def extremes(found: Sequence[Line]) -> tuple[float, float] | None:
    known = [line.values[line.known] for line in found if len(line.known)]
    if not known:
        return None
    return min(float(values.min()) for values in known), max(float(values.max()) for values in known)


@dataclass(frozen=True, slots=True)
class Hand:
    """How lines are drawn."""

    curves: int = 1
    """How many the picture has in all."""
    base: float | None = None
    """What lies between the line and this level is filled."""
    is_thin: bool = False


def draw(paper: Paper, line: Line, x: Scale, y: Scale, hand: Hand) -> None:
    found = traced(x.at(line.times), y.at(line.values), hand.curves)
    if hand.base is not None:
        paper.path(area(found.segments, y.one(hand.base)), f"area-{line.key}")
    paper.path(found.lines, f"{'thin' if hand.is_thin else 'line'}-{line.key}")
    paper.path(found.dots, f"{'dot' if found.is_alone else 'speck'}-{line.key}")


def draw_price(paper: Paper, line: Line, x: Scale, y: Scale) -> None:
    found = traced(x.at(line.times), y.at(line.values))
    paper.path(found.lines, "price")
    paper.path(found.dots, "price-dot" if found.is_alone else "price-speck")


def back_to_front(found: Sequence[Line]) -> list[Line]:
    """Baselines first, then models from the last to the first: the first one lies on top."""
    ordered = found[::-1]
    return [line for models in (False, True) for line in ordered if line.key.startswith("c") is models]


def items(found: Sequence[Line], values: Sequence[str], y: Scale) -> list[Item]:
    """For the names beside: those that have something to name."""
    return [
        Item(line.key, line.name, value, y.one(float(line.values[line.known[-1]])))
        for line, value in zip(found, values, strict=True)
        if len(line.known)
    ]


def last(line: Line) -> float:
    return float(line.values[line.known[-1]])


def empty(paper: Paper, says: str = NOTHING) -> str:
    """A picture of nothing says so."""
    bottom = paper.note(paper.top + 10, says, most=8)
    return paper.done(bottom + 20, [says])
