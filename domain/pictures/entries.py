"""Which entry has which colour, and the names beside or beneath what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from domain.pictures.frame import Box
from domain.pictures.palette import BASELINES, STRONG
from domain.pictures.paper import Paper
from domain.pictures.texts import ELLIPSIS, LABEL, clean, shortened, width

_ROW, _SWATCH, _GAP, _LEAD = 16.0, 20.0, 18.0, 14.0


class Entry(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def is_baseline(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Item:
    """A row of a legend."""

    key: str
    name: str
    value: str = ""
    y: float = 0.0
    """Where its line ends, for names beside the plot."""


def keys(entries: Sequence[Entry]) -> list[str]:
    """Strong colours for models, grey with dashes for baselines."""
    return keyed([entry.is_baseline for entry in entries])


def keyed(baselines: Sequence[bool]) -> list[str]:
    models, others = count(), count()
    return [f"b{next(others) % BASELINES}" if is_baseline else f"c{next(models) % STRONG}" for is_baseline in baselines]


def beside_room(paper: Paper, items: Sequence[Item], height: float) -> float:
    """How wide names beside the plot are; 0 where they lie beneath, also where shortened ones would look alike."""
    if paper.narrow or len(items) < 2 or len(items) * _ROW > height:
        return 0.0
    wide = min(max(_wide(item) for item in items) + _LEAD + 10, paper.width * 0.28)
    return 0.0 if _look_alike(items, wide) else wide


def _look_alike(items: Sequence[Item], wide: float) -> bool:
    names = {clean(item.name): _name_room(item, wide) for item in items}
    shown = {name: shortened(name, room, bold=True) for name, room in names.items()}
    cut = [text.removesuffix(ELLIPSIS) for name, text in shown.items() if text != name]
    return any(sum(name.startswith(stem) for name in names) > 1 for stem in cut)


def _name_room(item: Item, wide: float) -> float:
    return wide - _LEAD - 4 - (width(item.value) + 8 if item.value else 0)


def _wide(item: Item) -> float:
    return width(clean(item.name), LABEL, bold=True) + (width(item.value) + 8 if item.value else 0)


def beside(paper: Paper, box: Box, items: Sequence[Item]) -> None:
    """Names at the ends of their lines, moved apart where they would touch."""
    ordered = sorted(items, key=lambda item: item.y)
    left = box.right + _LEAD + 4
    for item, y in zip(ordered, _apart([item.y for item in ordered], box.top + 6, box.bottom), strict=True):
        start, middle = round(box.right * 10) / 10 + 2, box.right + _LEAD * 0.5
        paper.path(f"M{start:.1f} {item.y:.1f}L{middle:.1f} {y:.1f}h{_LEAD * 0.5:.1f}", f"lead-{item.key}")
        paper.fitted(left, y + 4, item.name, f"text-{item.key}", _name_room(item, paper.right - box.right))
        if item.value:
            paper.text(paper.right, y + 4, item.value, "label", "end")


def _apart(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    found: list[float] = []
    for y in wanted:
        found.append(max(y, found[-1] + _ROW if found else top))
    limit = bottom
    for place in reversed(range(len(found))):
        found[place] = min(found[place], limit)
        limit = found[place] - _ROW
    return found


Swatch = Callable[[Paper, float, float, str], None]
"""Draws what stands before a name, at its left and its middle."""


def line_swatch(paper: Paper, x: float, y: float, key: str) -> None:
    paper.path(f"M{x:.1f} {y:.1f}h{_SWATCH:.0f}", f"line-{key}")


def block_swatch(paper: Paper, x: float, y: float, key: str) -> None:
    paper.rect(x + 4, y - 5.5, 12, 11, key)


def beneath(paper: Paper, top: float, items: Sequence[Item], swatch: Swatch = line_swatch) -> float:
    """Names in columns beneath the plot; where they end."""
    if not items:
        return top
    wide = min(max(_wide(item) for item in items) + _SWATCH + 8, paper.room)
    columns = max(int((paper.room + _GAP) // (wide + _GAP)), 1)
    for place, item in enumerate(items):
        row, column = divmod(place, columns)
        x, y = paper.left + column * (wide + _GAP), top + 8 + row * (_ROW + 2)
        swatch(paper, x, y, item.key)
        paper.pair(x + _SWATCH + 8, y + 4, item.name, item.value, wide - _SWATCH - 8)
    return top + 4 + -(-len(items) // columns) * (_ROW + 2)


_SHAPES = {
    "b1": "M{x:.1f} {y:.1f}m-4-4h8v8h-8z",
    "b2": "M{x:.1f} {y:.1f}m0-5.4l5.4 5.4l-5.4 5.4l-5.4-5.4z",
    "b3": "M{x:.1f} {y:.1f}m0-5l5 9h-10z",
}


def mark(paper: Paper, x: float, y: float, key: str, says: str = "") -> None:
    """A dot for models; for baselines hollow, each of its own shape."""
    if key in _SHAPES:
        paper.path(_SHAPES[key].format(x=x, y=y), f"hollow-{key}", says=says)
    else:
        paper.circle(x, y, 4.3, f"{'hollow' if key.startswith('b') else 'fill'}-{key}", says=says)


def mark_swatch(paper: Paper, x: float, y: float, key: str) -> None:
    mark(paper, x + 10, y, key)
