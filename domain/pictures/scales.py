"""From values to pixels, and nice values to name along an axis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series
from domain.pictures.texts import TIMES
from domain.pictures.wording import number

LARGEST, SMALLEST = 1e100, 1e-100
"""Beyond it nothing is drawn: sums and squares of it would be infinite. Less than the smallest is nothing."""
EQUAL_FACTORS = "each step upwards is an equal factor"
"""What there is to say of a logarithmic axis."""
_WIDE = 10.0
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_LOG_STEPS = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Scale:
    low: float
    high: float
    start: float
    """The pixel of the lowest value."""
    end: float
    is_log: bool = False
    least: float = 0.0
    """Ticks are not nearer than this."""

    def at(self, values: Series) -> Series:
        low, high = (math.log(self.low), math.log(self.high)) if self.is_log else (self.low, self.high)
        with np.errstate(invalid="ignore", divide="ignore"):
            shown = np.log(values) if self.is_log else values
        return np.asarray(self.start + (shown - low) / (high - low) * (self.end - self.start))

    def one(self, value: float) -> float:
        return float(self.at(np.array([value]))[0])


@dataclass(frozen=True, slots=True)
class Axis:
    scale: Scale
    ticks: tuple[float, ...]
    labels: tuple[str, ...]


Words = Callable[[float, int], str]
"""A value and how many decimals it needs, as text."""


def plain(value: float, decimals: int) -> str:
    return number(value, decimals)


def percent(value: float, decimals: int) -> str:
    return number(value * 100.0, max(decimals - 2, 0)) + "%"


def times(value: float, decimals: int) -> str:
    return number(value, decimals) + TIMES


def usable(values: Series | Sequence[float]) -> Series:
    """NaN in place of what cannot be drawn, 0 in place of what is next to nothing."""
    given = np.asarray(values, dtype=np.float64)
    return np.where(np.abs(given) <= LARGEST, np.where(np.abs(given) < SMALLEST, 0.0, given), np.nan)


def extent(*many: Series | Sequence[float]) -> tuple[float, float] | None:
    """The lowest and the highest of all that are known."""
    known = [found for found in (usable(values) for values in many) if np.isfinite(found).any()]
    if not known:
        return None
    return min(float(np.nanmin(found)) for found in known), max(float(np.nanmax(found)) for found in known)


def axis(low: float, high: float, start: float, end: float, words: Words = plain, *, gap: float = 44.0) -> Axis:
    """Linear, out to the next nice values; about so many pixels from tick to tick."""
    low, high = opened(low, high)
    step = nice((high - low) / max(abs(end - start) / gap, 1.0))
    first, last = math.floor(low / step + _SAME), math.ceil(high / step - _SAME)
    ticks = tuple(place * step for place in range(first, last + 1))
    decimals = decimals_for(step)
    return Axis(Scale(ticks[0], ticks[-1], start, end), ticks, tuple(words(tick, decimals) for tick in ticks))


def opened(low: float, high: float) -> tuple[float, float]:
    """With room around a value that never changes."""
    if high - low > max(abs(low), abs(high)) * 1e-10 and high - low > SMALLEST:
        return low, high
    around = abs(high) * 0.05 if abs(high) > SMALLEST else 1.0
    return low - around, high + around


def nice(step: float) -> float:
    """The next of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * factor for factor in _STEPS if power * factor >= step * (1 - _SAME))


def decimals_for(step: float) -> int:
    first = max(-math.floor(math.log10(step) + _SAME), 0)
    return first + (abs(step * 10.0**first - round(step * 10.0**first)) > 1e-6)


def log_axis(low: float, high: float, start: float, end: float, words: Words = plain, *, gap: float = 34.0) -> Axis:
    """For values above 0: ticks at 1, 2, 5 times powers of ten, fewer where there is no room."""
    room = max(abs(end - start) / gap, 2.0)
    first, last = math.floor(math.log10(low) + _SAME), math.ceil(math.log10(high) - _SAME)
    ticks = [10.0**power for power in range(first, last + 1, max(math.ceil((last - first) / room), 1))]
    for factors in _LOG_STEPS:
        finer = _around([factor * 10.0**power for power in range(first, last + 1) for factor in factors], low, high)
        if len(finer) - 1 <= room:
            ticks = finer
            break
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    labels = tuple(words(tick, max(-math.floor(math.log10(tick) + _SAME), 0)) for tick in ticks)
    return Axis(Scale(low, high, start, end, is_log=True), tuple(ticks), labels)


def is_wide(low: float, high: float) -> bool:
    """Whether equal steps should be equal factors."""
    return low > 0 and high / low > _WIDE


def _around(ticks: Sequence[float], low: float, high: float) -> list[float]:
    """Those between, and the next one on either side."""
    first = max([place for place, tick in enumerate(ticks) if tick <= low * (1 + _SAME)], default=0)
    last = min([place for place, tick in enumerate(ticks) if tick >= high * (1 - _SAME)], default=len(ticks) - 1)
    return list(ticks[first : last + 1])
