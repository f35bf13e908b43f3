"""Curves as paths: rounded to tenths of a pixel, and thinned so that no peak is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.analysis.series import Series

MANY = 2_000
"""Curves of more points than this are thinned."""
_BUDGET = 9_000
"""Points that all curves of a picture may have together."""
_NO_GAP = 1.0
"""Where there are many points, what is missing for less than so many pixels is not seen."""

Segment = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Points in tenths of a pixel."""


@dataclass(frozen=True, slots=True)
class Traced:
    """The paths of a curve: its lines, and its points that have no known neighbour."""

    lines: str
    dots: str
    segments: tuple[Segment, ...]

    @property
    def is_alone(self) -> bool:
        """Whether a single point is all there is."""
        return len(self.segments) == 1


def traced(x: Series, y: Series, curves: int = 1) -> Traced:
    """Pixels in, where NaN is a gap. `curves`: how many lines the picture has in all."""
    share = max(_BUDGET // max(curves, 1), 100)
    segments = tuple(_segments(x, y, share))
    lines = "".join(steps(*segment) for segment in segments if len(segment[0]) > 1)
    dots = "".join(f"M{tenths(int(xs[0]))} {tenths(int(ys[0]))}h0" for xs, ys in segments if len(xs) == 1)
    return Traced(lines, dots, segments)


def area(segments: tuple[Segment, ...], base: float) -> str:
    """What lies between the lines and a level."""
    level = tenths(round(base * 10))
    return "".join(f"{steps(xs, ys)}V{level}H{tenths(int(xs[0]))}Z" for xs, ys in segments if len(xs) > 1)


def steps(xs: NDArray[np.int64], ys: NDArray[np.int64]) -> str:
    moves = zip(np.diff(xs).tolist(), np.diff(ys).tolist(), strict=True)
    path = "".join(f"{tenths(dx)}{'' if dy < 0 else ' '}{tenths(dy)} " for dx, dy in moves if dx or dy).rstrip()
    return f"M{tenths(int(xs[0]))} {tenths(int(ys[0]))}" + (f"l{path}" if path else "h0")


def tenths(value: int) -> str:
    """-5 as -.5, 120 as 12."""
    sign, size = "-" if value < 0 else "", abs(value)
    whole, part = divmod(size, 10)
    return f"{sign}{whole if whole or not part else ''}{f'.{part}' if part else ''}"


def _segments(x: Series, y: Series, share: int) -> list[Segment]:
    order = np.argsort(x, kind="stable") if np.any(np.diff(x) < 0) else np.arange(len(x))
    known = order[np.isfinite(x[order]) & np.isfinite(y[order])]
    if not len(known):
        return []
    places = np.empty(len(x), dtype=np.int64)
    places[order] = np.arange(len(x))
    xs, ys, many = x[known], y[known], min(MANY, 2 * share)
    breaks = np.diff(places[known]) > 1
    if len(x) > many:
        breaks &= np.diff(xs) > _NO_GAP
    numbers = np.concatenate(([0], np.cumsum(breaks)))
    kept = _kept(xs, ys, numbers, share // 2) if len(known) > many else np.arange(len(known))
    tens = np.rint(xs[kept] * 10).astype(np.int64), np.rint(ys[kept] * 10).astype(np.int64)
    cuts = np.flatnonzero(np.diff(numbers[kept])) + 1
    return list(zip(np.split(tens[0], cuts), np.split(tens[1], cuts), strict=True))


def _kept(xs: Series, ys: Series, numbers: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """The lowest and the highest of each column of pixels, and the ends of each segment."""
    span = float(xs[-1] - xs[0]) or 1.0
    column = ((xs - xs[0]) / span * min(columns, max(int(span), 1))).astype(np.int64)
    groups = np.cumsum(np.concatenate(([0], (np.diff(column) > 0) | (np.diff(numbers) > 0))))
    order = np.lexsort((ys, groups))
    edges = np.flatnonzero(np.diff(groups[order])) + 1
    ends = np.flatnonzero(np.diff(numbers))
    firsts, lasts = np.concatenate(([0], edges)), np.concatenate((edges - 1, [len(order) - 1]))
    return np.unique(np.concatenate((order[firsts], order[lasts], ends, ends + 1, [0, len(xs) - 1])))
