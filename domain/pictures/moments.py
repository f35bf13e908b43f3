"""Ticks of a calendar: from minutes to centuries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from domain.analysis.series import Series, Times
from domain.pictures.scales import Scale
from domain.pictures.texts import TICK, width
from domain.pictures.wording import MONTHS, moment

_GAP = 14.0
_EACH = 36.0
"""How much each label takes at least."""
_MINUTE, _DAY, _MONTH, _YEAR = 60, 86_400, 2_629_800, 31_557_600
_STEPS = (
    *((count, _MINUTE) for count in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)),
    *((count, _DAY) for count in (1, 2, 7, 14)),
    *((count, _MONTH) for count in (1, 2, 3, 6)),
    *((factor * 10**power, _YEAR) for power in range(4) for factor in (1, 2, 5)),
)
_MONDAY = 4
"""Days from the 1st of January 1970, a Thursday, to the first Monday."""


@dataclass(frozen=True, slots=True)
class Tick:
    time: float
    label: str
    beyond: str
    """The day or the year it lies in, where the label does not tell."""
    x: float
    """The middle of its label."""


def seconds(times: Times) -> Series:
    """Since 1970; NaN for no time."""
    given = np.asarray(times)
    found = given.astype("datetime64[us]").astype(np.int64) / 1e6
    return np.where(np.isnat(given), np.nan, found)


def second(time: np.datetime64) -> float:
    return float(seconds(np.array([time]))[0])


def ticks(scale: Scale, left: float, right: float) -> list[Tick]:
    """As many as there is room for, none over another. Labels stay between left and right."""
    most = abs(scale.end - scale.start) / _EACH
    for count, unit in _STEPS:
        if count * unit >= scale.least and (scale.high - scale.low) / (count * unit) <= most:
            found = [_tick(time, unit, scale, left, right) for time in _times(scale, count, unit)]
            if found and not _crowded(found):
                return found
    return [_tick(scale.low, 0, scale, left, right)]


def _times(scale: Scale, count: int, unit: int) -> list[float]:
    if unit == _MONTH:
        return _dates(scale, "M", count)
    if unit == _YEAR:
        return _dates(scale, "Y", count)
    step = count * unit
    shift = _MONDAY * _DAY if unit == _DAY and count >= 7 else 0
    first, last = math.ceil((scale.low - shift) / step), math.floor((scale.high - shift) / step)
    return [float(place * step + shift) for place in range(first, last + 1)]


def _dates(scale: Scale, unit: str, count: int) -> list[float]:
    since, until = (np.datetime64(math.floor(time), "s") for time in (scale.low, scale.high))
    zero = 1970 if unit == "Y" else 1970 * 12
    first, last = (int(time.astype(f"datetime64[{unit}]").astype(np.int64)) + zero for time in (since, until))
    places = np.arange(math.ceil(first / count) * count, last + 1, count) - zero
    found = places.astype(f"datetime64[{unit}]").astype("datetime64[s]").astype(np.int64).astype(np.float64)
    return [float(time) for time in found if scale.low <= time <= scale.high]


def _tick(time: float, unit: int, scale: Scale, left: float, right: float) -> Tick:
    date = moment(time)
    label, beyond = {
        _MINUTE: (f"{date:%H:%M}", f"{date.day} {MONTHS[date.month - 1]} {date.year}"),
        _DAY: (f"{date.day} {MONTHS[date.month - 1]}", str(date.year)),
        _MONTH: (MONTHS[date.month - 1], str(date.year)),
        _YEAR: (str(date.year), ""),
    }.get(unit, (f"{date.day} {MONTHS[date.month - 1]} {date.year}", ""))
    half = width(label, TICK) / 2
    return Tick(time, label, beyond, min(max(scale.one(time), left + half), right - half))


def _crowded(found: Sequence[Tick]) -> bool:
    sizes = [width(tick.label, TICK) for tick in found]
    gaps = [after.x - before.x for before, after in pairwise(found)]
    return any(gap < (one + other) / 2 + _GAP for gap, one, other in zip(gaps, sizes, sizes[1:], strict=False))


def beyonds(found: Sequence[Tick], left: float, right: float) -> list[tuple[float, str]]:
    """The second row beneath the labels: days or years, each where it begins, with its middle."""
    firsts = [
        tick
        for place, tick in enumerate(found)
        if tick.beyond and (not place or tick.beyond != found[place - 1].beyond)
    ]
    kept: list[tuple[float, str]] = []
    end = math.inf
    # From the last: what begins just before another begins is the one to leave out.
    for tick in reversed(firsts):
        half = width(tick.beyond, TICK) / 2
        x = min(max(tick.x, left + half), right - half)
        if x + half + _GAP <= end:
            kept.append((x, tick.beyond))
            end = x - half
    return kept[::-1]
