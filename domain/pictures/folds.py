"""Walking forward: on which time each fold was trained and tested, and what it earned there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series
from domain.pictures.curves import empty
from domain.pictures.data import Fold
from domain.pictures.entries import Item, beneath, block_swatch, keyed, mark, mark_swatch
from domain.pictures.frame import VALUE_ROOM, Box, across, calendar, time_scale, upright
from domain.pictures.moments import second
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.rows import known
from domain.pictures.scales import Axis, Scale, axis, extent, percent
from domain.pictures.texts import DASH, TICK, clean, widest
from domain.pictures.wording import counted, day, share

_BAR = 10.0
_PERIODS = ("trained", "tested")


@dataclass(frozen=True, slots=True)
class _Plan:
    folds: Sequence[Fold]
    colours: dict[str, str]
    """By name."""
    each: float
    """How high a row is."""

    @property
    def height(self) -> float:
        return len(self.folds) * self.each


def folds(folds: Sequence[Fold], look: Look, title: str) -> str:
    """Rows are folds: to the left their times, to the right their returns; one above the other on narrow paper."""
    if not folds:
        return empty(Paper(PictureKind.FOLDS, look, title))
    entries = {clean(name): is_baseline for fold in folds for name, _, is_baseline in fold.entries}
    colours = dict(zip(entries, keyed(list(entries.values())), strict=True))
    plan = _Plan(folds, colours, min(max(26.0, 7.0 + 5.0 * len(entries)), 48.0))
    below = "Each fold: when it was trained and tested, and its total return in the tested time"
    paper = Paper(PictureKind.FOLDS, look, title, below)
    left = paper.left + widest([str(len(folds))], TICK) + 8
    top = paper.top + 10
    if paper.narrow:
        bottom = _times(paper, plan, Box(left, top, paper.right - 6, top + plan.height))
        top = _periods(paper, bottom + 2) + 16
        bottom = _returns(paper, plan, Box(left, top, paper.right - 10, top + plan.height))
    else:
        middle = left + (paper.right - left) * 0.5
        bottom = _times(paper, plan, Box(left, top, middle - 22, top + plan.height))
        _returns(paper, plan, Box(middle + 26, top, paper.right - 12, top + plan.height), numbered=False)
        bottom = _periods(paper, bottom + 2)
    return paper.done(_legend(paper, plan, bottom + 4) + 10, _told(plan))


def _times(paper: Paper, plan: _Plan, box: Box) -> float:
    moments = [
        np.array([second(time) for time in (fold.trained_since, fold.trained_until, fold.since, fold.until)])
        for fold in plan.folds
    ]
    x = time_scale(moments, box.left, box.right)
    bottom = calendar(paper, box, x)
    for place, found in enumerate(moments):
        y = box.top + (place + 0.5) * plan.each
        paper.text(box.left - 7, y + 4, str(place + 1), "tick", "end")
        paper.line(box.left, y, box.right, y, "grid")
        _bar(paper, x, y, found[:2], "trained")
        _bar(paper, x, y, found[2:], "tested")
    return bottom


def _bar(paper: Paper, x: Scale, y: float, period: Series, name: str) -> None:
    since, until = (float(time) for time in period)
    if np.isfinite(since) and np.isfinite(until):
        left, right = x.one(since), x.one(until)
        says = f"{name} {day(since)} {DASH} {day(until)}"
        paper.rect(left, y - _BAR / 2, max(right - left, 1.0), _BAR, name, says=says)


def _returns(paper: Paper, plan: _Plan, box: Box, numbered: bool = True) -> float:
    flat = _axis(plan, box)
    upright(paper, box.top, box.bottom, flat)
    across(paper, box.bottom + 15, flat)
    for place, fold in enumerate(plan.folds):
        y = box.top + (place + 0.5) * plan.each
        if numbered:
            paper.text(box.left - 7, y + 4, str(place + 1), "tick", "end")
        paper.line(box.left, y, box.right, y, "grid")
        _dots(paper, plan, fold, flat, y)
    return box.bottom + VALUE_ROOM


def _axis(plan: _Plan, box: Box) -> Axis:
    low, high = extent([value for fold in plan.folds for _, value, _ in fold.entries if value is not None]) or (
        0.0,
        0.0,
    )
    if low == high == 0.0:
        low, high = -0.01, 0.01
    return axis(min(low, 0.0), max(high, 0.0), box.left, box.right, percent, gap=64)


def _dots(paper: Paper, plan: _Plan, fold: Fold, flat: Axis, y: float) -> None:
    """Each entry a little lower than the one before, so that equal ones are all seen."""
    names = list(plan.colours)
    apart = min((plan.each - 8) / max(len(names), 1), 6.0)
    for name, value, _ in reversed(fold.entries):
        shown = known(value)
        if shown is not None:
            place = names.index(clean(name))
            key, says = plan.colours[clean(name)], f"{clean(name)}: {share(shown)}"
            mark(paper, flat.scale.one(shown), y + (place - (len(names) - 1) / 2) * apart, key, says)


def _periods(paper: Paper, top: float) -> float:
    return beneath(paper, top, [Item(name, name) for name in _PERIODS], block_swatch)


def _legend(paper: Paper, plan: _Plan, top: float) -> float:
    items = [Item(key, name, _median(plan, name)) for name, key in plan.colours.items()]
    return beneath(paper, top, items, mark_swatch)


def _median(plan: _Plan, name: str) -> str:
    found = _returned(plan, name)
    return f"median {share(float(np.median(found)))}" if found else ""


def _returned(plan: _Plan, name: str) -> list[float]:
    values = (known(value) for fold in plan.folds for given, value, _ in fold.entries if clean(given) == name)
    return [value for value in values if value is not None]


def _told(plan: _Plan) -> list[str]:
    first, last = plan.folds[0], plan.folds[-1]
    told = [f"{counted(len(plan.folds), 'fold', 'folds')}, tested from {_day(first.since)} to {_day(last.until)}."]
    for place, fold in enumerate(plan.folds, 1):
        earned = ", ".join(f"{clean(name)} {share(value)}" for name, value, _ in fold.entries)
        told.append(f"Fold {place}, tested {_day(fold.since)} to {_day(fold.until)}: {earned or 'nothing is known'}.")
    return told


def _day(time: np.datetime64) -> str:
    return "an unknown day" if np.isnat(time) else day(time)
