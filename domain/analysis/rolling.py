"""Measures over a window that moves along: at each place those of the last `window` periods, NaN before the first."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from domain.analysis.series import Series

_AT_ONCE = 100_000


def rolling_volatility(returns: Series, window: int, per_year: float) -> Series:
    """std of the window * sqrt(per_year)."""
    return _led(_windows(returns, window).std(axis=1, ddof=1) * math.sqrt(per_year), returns)


def usual_window(periods: int) -> int:
    """60 periods, or half of them where they are few."""
    return max(2, min(60, periods // 2))


def rolling_sharpe(returns: Series, window: int, per_year: float) -> Series:
    """mean / std of the window * sqrt(per_year); NaN where returns in it never differ."""
    windows = _windows(returns, window)
    # In pieces: a million windows at once would take gigabytes.
    pieces = [_ratios(windows[start : start + _AT_ONCE]) for start in range(0, len(windows), _AT_ONCE)]
    return _led(np.concatenate([np.empty(0), *pieces]) * math.sqrt(per_year), returns)


def rolling_beta(returns: Series, benchmark: Series, window: int) -> Series:
    """cov / var of the window; NaN where the benchmark never differs in it."""
    own, market = _windows(returns, window), _windows(benchmark, window)
    away = market - market.mean(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (away * own).mean(axis=1) / (away**2).mean(axis=1)
    return _led(np.where(np.ptp(market, axis=1) > 0.0, slope, np.nan), returns)


def _ratios(windows: np.ndarray) -> Series:
    deviation = windows.std(axis=1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.ptp(windows, axis=1) > 0.0, windows.mean(axis=1) / deviation, np.nan)


def _windows(returns: Series, window: int) -> np.ndarray:
    if window < 2:
        raise ValueError("A window has at least two periods.")
    return sliding_window_view(returns, window) if len(returns) >= window else np.empty((0, window))


def _led(values: np.ndarray, returns: Series) -> Series:
    return np.concatenate((np.full(len(returns) - len(values), np.nan), values))
