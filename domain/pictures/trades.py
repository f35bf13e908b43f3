"""A price, and where it was bought and sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series
from domain.pictures.curves import Line, draw_price, empty, lines
from domain.pictures.data import Curve, Mark
from domain.pictures.entries import Item, beneath
from domain.pictures.frame import Box, calendar, height_of, label_room, time_scale, values
from domain.pictures.lines import tenths
from domain.pictures.moments import seconds
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import EQUAL_FACTORS, Axis, Scale, axis, extent, is_wide, log_axis, usable
from domain.pictures.wording import counted, number, significant, span

_SIDE, _AWAY, _CELL = 5.0, 3.0, 9.0
"""Half a triangle's side, how far it is from the price, and how near another of its kind may be."""
_MOST = 1_500
_ROOM, _ROOM_PART = 1.15, 0.06
"""What the prices get on either side, as a factor and as a part of what they span."""
_LOOKS = ("gain", "loss", "gain-hollow", "loss-hollow")
_NAMES = ("bought", "sold", "bought, at a loss", "sold, at a loss")


@dataclass(frozen=True, slots=True)
class _Marks:
    times: Series
    prices: Series
    kinds: np.ndarray
    """Places in _LOOKS."""

    def __len__(self) -> int:
        return len(self.times)

    def only(self, places: np.ndarray) -> _Marks:
        return _Marks(self.times[places], self.prices[places], self.kinds[places])


def trades(price: Curve, marks: Sequence[Mark], look: Look, title: str) -> str:
    """Where marks of one kind would lie on each other, one stands for all of them."""
    line, made = lines([price])[0], _made(marks)
    ends = extent(line.values[line.known], made.prices)
    if ends is None:
        return empty(Paper(PictureKind.TRADES, look, title))
    times = [line.times[line.known], made.times]
    joined = np.concatenate(times)
    when = span(float(joined.min()), float(joined.max()))
    paper = Paper(PictureKind.TRADES, look, title, line.name or "Price", when, EQUAL_FACTORS if is_wide(*ends) else "")
    top = paper.top + 12
    upright = _axis(ends, top + height_of(paper), top)
    box = Box(paper.left + label_room(upright), upright.scale.end, paper.right, upright.scale.start)
    values(paper, box, upright)
    x = time_scale(times, box.left + 6, box.right - 6)
    draw_price(paper, line, x, upright.scale)
    shown = _thinned(made, x, upright.scale)
    _draw(paper, shown, x, upright.scale)
    bottom = _legend(paper, calendar(paper, box, x) + 6, made, shown)
    return paper.done(bottom + 10, _told(line, marks, made, shown))


def _made(marks: Sequence[Mark]) -> _Marks:
    times = seconds(np.array([mark.time for mark in marks], dtype="datetime64[us]"))
    prices = usable([mark.price for mark in marks])
    lost = [mark.profit is not None and mark.profit < 0 for mark in marks]
    kinds = np.array([2 * loss + (not mark.bought) for mark, loss in zip(marks, lost, strict=True)], dtype=np.int64)
    return _Marks(times, prices, kinds).only(np.flatnonzero(np.isfinite(times) & np.isfinite(prices)))


def _axis(ends: tuple[float, float], start: float, end: float) -> Axis:
    """With room for the triangles above and beneath the price."""
    low, high = ends
    if is_wide(low, high):
        return log_axis(low / _ROOM, high * _ROOM, start, end)
    room = (high - low) * _ROOM_PART
    return axis(max(low - room, 0.0) if low >= 0 else low - room, high + room, start, end)


def _thinned(made: _Marks, x: Scale, y: Scale) -> _Marks:
    """The first of each kind in each small square, and in wider ones while that is too many."""
    cell, places = _CELL, np.stack((x.at(made.times), y.at(made.prices), made.kinds * 1e9))
    while True:
        squares = np.floor(places / cell).astype(np.int64)
        kept = np.sort(np.unique(squares, axis=1, return_index=True)[1])
        if len(kept) <= _MOST:
            return made.only(kept)
        cell *= 1.5


def _draw(paper: Paper, shown: _Marks, x: Scale, y: Scale) -> None:
    xs, ys = x.at(shown.times).tolist(), y.at(shown.prices).tolist()
    for kind, name in enumerate(_LOOKS):
        places = np.flatnonzero(shown.kinds == kind).tolist()
        paper.path("".join(_triangle(xs[place], ys[place], name) for place in places), name)


def _triangle(x: float, y: float, name: str) -> str:
    """Bought: it points upwards from beneath the price; sold: downwards from above."""
    up = 1 if name.startswith("gain") else -1
    side, high = round(_SIDE * 10), round(_SIDE * 17) * up
    left, foot = round((x - _SIDE) * 10), round((y + up * _AWAY) * 10) + high
    return f"M{tenths(left)} {tenths(foot)}h{tenths(2 * side)}l{tenths(-side)} {tenths(-high)}z"


def _legend(paper: Paper, top: float, made: _Marks, shown: _Marks) -> float:
    counts = np.bincount(made.kinds, minlength=len(_LOOKS))
    told = zip(_LOOKS, _NAMES, counts, strict=True)
    items = [Item(look, name, number(count)) for look, name, count in told if count]
    bottom = beneath(paper, top, items, _swatch)
    return paper.note(bottom + 2, _thinning(made, shown)) if len(shown) < len(made) else bottom


def _thinning(made: _Marks, shown: _Marks) -> str:
    return f"{number(len(shown))} marks stand for {number(len(made))} trades: one for all that lie on each other."


def _swatch(paper: Paper, x: float, y: float, key: str) -> None:
    up = 1 if key.startswith("gain") else -1
    paper.path(_triangle(x + 10, y - up * (_AWAY + _SIDE * 0.85), key), key)


def _told(line: Line, marks: Sequence[Mark], made: _Marks, shown: _Marks) -> list[str]:
    bought = int((made.kinds % 2 == 0).sum())
    told = [f"{counted(bought, 'purchase', 'purchases')} and {counted(len(made) - bought, 'sale', 'sales')}."]
    if len(line.known):
        known = line.values[line.known]
        first, last, low, high = (significant(float(v), 4) for v in (known[0], known[-1], known.min(), known.max()))
        told.insert(0, f"The price of {line.name or 'it'} goes from {first} to {last}, between {low} and {high}.")
    closed = [mark.profit for mark in marks if mark.profit is not None]
    if closed:
        gains = sum(profit > 0 for profit in closed)
        told.append(
            f"Of {counted(len(closed), 'trade', 'trades')} that closed something {number(gains)} made a profit."
        )
    return [*told, _thinning(made, shown)] if len(shown) < len(made) else told
