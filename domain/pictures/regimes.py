"""A price, and in which kind of market it was when."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.analysis.series import Series
from domain.pictures.curves import Line, draw_price, empty, extremes, lines
from domain.pictures.data import Curve, Stretch
from domain.pictures.entries import Item, beneath, block_swatch
from domain.pictures.frame import Box, calendar, height_of, label_room, time_scale, values
from domain.pictures.lines import tenths
from domain.pictures.moments import second
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import EQUAL_FACTORS, Scale, axis, is_wide, log_axis
from domain.pictures.styles import REGIMES
from domain.pictures.wording import counted, day, share, significant, span

_FEW = 300
"""More bands than this are drawn by pixels: each has the regime of its middle."""

Band = tuple[float, float, str]
"""From, to, and which regime."""


def regimes(curve: Curve, stretches: Sequence[Stretch], look: Look, title: str) -> str:
    line = lines([curve])[0]
    ends = extremes([line])
    bands = _bands(stretches)
    if ends is None:
        return empty(Paper(PictureKind.REGIMES, look, title))
    times = [line.times[line.known], np.array([time for band in bands for time in band[:2]])]
    joined = np.concatenate(times)
    when = span(float(joined.min()), float(joined.max()))
    paper = Paper(PictureKind.REGIMES, look, title, line.name or "Price", when, EQUAL_FACTORS if is_wide(*ends) else "")
    top = paper.top + 12
    make = log_axis if is_wide(*ends) else axis
    upright = make(*ends, top + height_of(paper), top)
    box = Box(paper.left + label_room(upright), top, paper.right, top + height_of(paper))
    x = time_scale(times, box.left, box.right)
    _draw(paper, bands, x, box)
    values(paper, box, upright)
    draw_price(paper, line, x, upright.scale)
    bottom = beneath(paper, calendar(paper, box, x) + 6, _items(bands), block_swatch)
    return paper.done(bottom + 10, _told(line, bands))


def _bands(stretches: Sequence[Stretch]) -> list[Band]:
    found = [(second(given.since), second(given.until), given.regime) for given in stretches]
    return sorted(band for band in found if band[2] in REGIMES and band[1] > band[0])


def _draw(paper: Paper, bands: Sequence[Band], x: Scale, box: Box) -> None:
    shown = [(x.one(since), x.one(until), name) for since, until, name in bands]
    if len(shown) > _FEW:
        shown = _by_pixels(shown, box)
    high = round((box.bottom - box.top) * 10)
    for regime in REGIMES:
        chosen = [(round(since * 10), round(until * 10)) for since, until, name in shown if name == regime]
        paper.path("".join(_block(since, until, round(box.top * 10), high) for since, until in chosen), regime)


def _block(since: int, until: int, top: int, high: int) -> str:
    return f"M{tenths(since)} {tenths(top)}h{tenths(until - since)}v{tenths(high)}h{tenths(since - until)}z"


def _by_pixels(shown: Sequence[Band], box: Box) -> list[Band]:
    middles: Series = np.arange(round(box.left), round(box.right), dtype=np.float64) + 0.5
    places = np.searchsorted([since for since, *_ in shown], middles, side="right") - 1
    inside = np.array([place >= 0 and shown[place][1] >= at for place, at in zip(places, middles, strict=True)])
    numbers = np.array([REGIMES.index(shown[max(place, 0)][2]) for place in places])
    return _joined(middles, np.where(inside, numbers, -1))


def _joined(middles: Series, numbers: NDArray[np.int64]) -> list[Band]:
    edges = np.concatenate(([0], np.flatnonzero(np.diff(numbers)) + 1, [len(numbers)]))
    return [
        (float(middles[first]) - 0.5, float(middles[after - 1]) + 0.5, REGIMES[int(numbers[first])])
        for first, after in pairwise(edges)
        if numbers[first] >= 0
    ]


def _parts(bands: Sequence[Band]) -> dict[str, float]:
    """Of the time, by regime; those that come at all."""
    whole = sum(until - since for since, until, _ in bands) or 1.0
    found = {regime: sum(until - since for since, until, name in bands if name == regime) / whole for regime in REGIMES}
    return {regime: part for regime, part in found.items() if part > 0}


def _items(bands: Sequence[Band]) -> list[Item]:
    return [Item(name, worded(name), share(part, signed=False)) for name, part in _parts(bands).items()]


def worded(regime: str) -> str:
    return regime.replace("_", ", ")


def _told(line: Line, bands: Sequence[Band]) -> list[str]:
    first, last = (float(line.values[line.known[place]]) for place in (0, -1))
    when = day(float(line.times[line.known[-1]]))
    told = [f"The price of {line.name or 'it'} goes from {significant(first, 4)} to {significant(last, 4)} on {when}."]
    if not bands:
        return [*told, "Which regimes there were is not known."]
    parts = ", ".join(f"{worded(name)} {share(part, signed=False)}" for name, part in _parts(bands).items())
    return [*told, f"{counted(len(bands), 'stretch', 'stretches')} of regimes; of the time: {parts}."]
