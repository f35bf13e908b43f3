"""What kind of market it was: rising, falling or sideways, calm or wild. Labelled afterwards, to sort results by.

For each bar, over the `window` bars around it: the slope of a line through the logarithm of the price (least squares),
and the deviation of its moves. A slope in the lowest third of all slopes is FALLING if it is below 0, in the highest
third RISING if it is above, else SIDEWAYS; a deviation above the median is WILD, else CALM. Then a stretch that is
shorter than `shortest` bars goes on as the one before it; at the start, as the one after it. The first and the last
bars, which have no whole window, are as the next that has one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.analysis.names import Regime
from domain.analysis.series import Series

Labels = NDArray[np.int64]
WINDOW = 20
_FLAT = 1e-12
"""A slope of less is rounding."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bars of one regime, from `start` up to but not with `stop`."""

    regime: Regime
    start: int
    stop: int


def regimes(prices: Series, window: int = WINDOW, shortest: int = WINDOW // 2) -> tuple[Stretch, ...]:
    """None for fewer bars than the window and one. Prices are finite and more than 0."""
    if window < 3:
        raise ValueError("A window has at least three bars.")
    if len(prices) <= window:
        return ()
    logs = np.log(prices)
    slope, spread = slopes(logs, window)[1:], deviations(np.diff(logs), window)
    low, high = np.quantile(slope, (1 / 3, 2 / 3))
    falls, rises = slope <= min(low, -_FLAT), slope >= max(high, _FLAT)
    labels = 2 * (1 + rises.astype(np.int64) - falls) + (spread > np.median(spread))
    return merged(np.pad(labels, ((window + 1) // 2, window // 2), mode="edge"), shortest)


def slopes(logs: Series, window: int) -> Series:
    """Of a line through each window of values, per bar."""
    # From the first value, so that sums stay small.
    values = logs - logs[0]
    first = np.arange(len(values) - window + 1)
    weighted = _sums(values * np.arange(len(values)), window) - (first + (window - 1) / 2.0) * _sums(values, window)
    return np.asarray(weighted / (window * (window**2 - 1) / 12.0))


def deviations(moves: Series, window: int) -> Series:
    """Of each window of moves."""
    values = moves - moves.mean()
    spread = _sums(values**2, window) / window - (_sums(values, window) / window) ** 2
    return np.sqrt(np.maximum(spread, 0.0))


def _sums(values: Series, window: int) -> Series:
    """Of each window: time and memory do not grow with it."""
    sums = np.concatenate(([0.0], np.cumsum(values)))
    return np.asarray(sums[window:] - sums[:-window])


def merged(labels: Labels, shortest: int) -> tuple[Stretch, ...]:
    """Equal neighbours as one, and none shorter than that unless it is the only one."""
    edges = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
    kept: list[tuple[int, int]] = []
    for start, stop in zip(edges, [*edges[1:], len(labels)], strict=True):
        label = int(labels[start])
        if (stop - start < shortest and kept) or (kept and kept[-1][0] == label):
            continue
        # What was too short at the start goes on as this one.
        if kept and int(start) < shortest:
            kept[0] = label, 0
        else:
            kept.append((label, int(start)))
    stops = [start for _, start in kept[1:]] + [len(labels)]
    return tuple(Stretch(Regime(label), start, stop) for (label, start), stop in zip(kept, stops, strict=True))
