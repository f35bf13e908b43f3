"""Series of returns, and what is made of them before anything is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]
Times = NDArray[np.datetime64]

ROUNDING = 1e-15


def known(returns: Series | Sequence[float]) -> Series:
    """Those periods of which something is known."""
    values = np.asarray(returns, dtype=np.float64)
    return values[np.isfinite(values)]


def paired(returns: Series, benchmark: Series) -> tuple[Series, Series]:
    """Those periods of which something is known in both."""
    if len(returns) != len(benchmark):
        raise ValueError("Returns and benchmark must be of the same periods.")
    both = np.isfinite(returns) & np.isfinite(benchmark)
    return returns[both], benchmark[both]


def wealth(returns: Series) -> Series:
    """What 1 becomes: 1 at the start, then after each period the product of 1 + r."""
    return np.concatenate(([1.0], np.cumprod(1.0 + returns)))


def varies(values: Series) -> bool:
    """Whether they differ by more than rounding."""
    return len(values) > 1 and bool(np.ptp(values) > ROUNDING)


def finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def raised(base: float, power: float) -> float | None:
    """base ^ power; None where that is beyond all numbers, as a good day is when it is taken for a year of such."""
    try:
        return finite(base**power)
    except OverflowError:
        return None


def ratio(above: float | None, below: float | None) -> float | None:
    """None where it has no meaning. A spread that is only rounding is none."""
    if above is None or below is None or abs(below) < ROUNDING:
        return None
    return finite(above / below)
