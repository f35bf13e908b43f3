"""What was held over time: longs above 0, shorts beneath, cash and the smallest together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.backtest import Table
from domain.analysis.series import Series, Times
from domain.pictures.curves import empty
from domain.pictures.entries import Item, beneath, block_swatch
from domain.pictures.frame import Box, calendar, height_of, label_room, time_scale, values
from domain.pictures.lines import steps
from domain.pictures.moments import seconds
from domain.pictures.names import Look, PictureKind
from domain.pictures.paper import Paper
from domain.pictures.scales import Scale, axis, percent, usable
from domain.pictures.texts import clean
from domain.pictures.wording import day, number, share, span

_MOST = 9
_COLUMNS = 350
_ALONE = 12.0
"""Half as wide as the bar of a single moment."""


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    key: str
    held: Series


def weights(times: Times, names: Sequence[str], held: Table, look: Look, title: str) -> str:
    """In multiples of the equity; what is neither long nor short is cash. Long runs are averaged by column."""
    table = np.atleast_2d(usable(held))
    count = min(len(times), len(table))
    moments, table = seconds(times)[:count], table[:count, : len(names)]
    known = np.isfinite(table).any(axis=1) & np.isfinite(moments)
    if not known.any():
        return empty(Paper(PictureKind.WEIGHTS, look, title))
    layers = _layers([clean(name) for name in names], np.where(known[:, None], np.nan_to_num(table), np.nan))
    when = span(float(moments[known].min()), float(moments[known].max()))
    paper = Paper(PictureKind.WEIGHTS, look, title, "Share of the equity", when)
    bottom = _drawn(paper, moments, known, layers)
    return paper.done(bottom + 10, [_told(layer, moments, known) for layer in layers])


def _layers(names: Sequence[str], table: Table) -> list[_Layer]:
    """The largest first, as they are on average."""
    sizes = np.nanmean(np.abs(table), axis=0)
    order = [int(place) for place in np.argsort(-sizes, kind="stable")]
    kept = order[:_MOST]
    found = [_Layer(names[place], f"stack-c{rank}", table[:, place]) for rank, place in enumerate(kept)]
    if len(order) > _MOST:
        rest = order[_MOST:]
        found.append(_Layer(f"{number(len(rest))} others", "others", table[:, rest].sum(axis=1)))
    return [*found, _Layer("cash", "cash", 1.0 - table.sum(axis=1))]


def _drawn(paper: Paper, moments: Series, known: np.ndarray, layers: Sequence[_Layer]) -> float:
    stack = np.stack([layer.held for layer in layers])
    runs = [_averaged(moments[run], stack[:, run]) for run in _runs(known)]
    high = max(float(np.maximum(held, 0.0).sum(axis=0).max()) for _, held in runs)
    low = min(float(np.minimum(held, 0.0).sum(axis=0).min()) for _, held in runs)
    top = paper.top + 12
    upright = axis(min(low, 0.0), max(high, 0.01), top + height_of(paper), top, percent)
    box = Box(paper.left + label_room(upright), top, paper.right, top + height_of(paper))
    values(paper, box, upright)
    x = time_scale([moments[known]], box.left, box.right)
    for times, held in runs:
        _areas(paper, layers, x.at(times), held, upright.scale)
    paper.line(box.left, upright.scale.one(0.0), box.right, upright.scale.one(0.0), "zero")
    ends = [share(float(layer.held[known][-1]), signed=False) for layer in layers]
    items = [Item(layer.key, layer.name, end) for layer, end in zip(layers, ends, strict=True)]
    bottom = calendar(paper, box, x) + 6
    return beneath(paper, bottom, items, block_swatch)


def _runs(known: np.ndarray) -> list[np.ndarray]:
    """Stretches without a gap. Where there are very many, gaps are left out of sight."""
    places = np.flatnonzero(known)
    found = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return found if len(found) <= _COLUMNS // 4 else [places]


def _averaged(times: Series, held: Table) -> tuple[Series, Table]:
    """The mean of each column of pixels."""
    count = len(times)
    if count <= 2 * _COLUMNS:
        return times, held
    firsts = np.unique(np.arange(_COLUMNS) * count // _COLUMNS)
    sizes = np.diff(np.append(firsts, count))
    means = np.add.reduceat(held, firsts, axis=1) / sizes
    middles = np.add.reduceat(times, firsts) / sizes
    middles[0], middles[-1] = times[0], times[-1]
    return middles, means


def _areas(paper: Paper, layers: Sequence[_Layer], x: Series, held: Table, y: Scale) -> None:
    if len(x) == 1:
        x, held = np.array([x[0] - _ALONE, x[0] + _ALONE]), np.repeat(held, 2, axis=1)
    xs = np.rint(x * 10).astype(np.int64)
    for side in (np.maximum(held, 0.0), np.minimum(held, 0.0)):
        edges = np.vstack((np.zeros(side.shape[1]), np.cumsum(side, axis=0)))
        ys = np.rint(y.at(edges) * 10).astype(np.int64)
        for layer, inner, outer in zip(layers, ys, ys[1:], strict=False):
            if (inner != outer).any():
                back = steps(xs[::-1], inner[::-1]).replace("M", "L", 1)
                paper.path(f"{steps(xs, outer)}{back}z", layer.key)


def _told(layer: _Layer, moments: Series, known: np.ndarray) -> str:
    held = layer.held[known]
    place = int(np.argmax(np.abs(held)))
    ends, most = share(float(held[-1]), signed=False), share(float(held[place]), signed=False)
    mean = share(float(held.mean()), signed=False)
    return (
        f"{layer.name}: {ends} at the end, {mean} on average, {most} at most, on {day(float(moments[known][place]))}."
    )
