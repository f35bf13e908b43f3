"""How many periods a year has, and results by month and year."""

from __future__ import annotations

import numpy as np

from domain.analysis.series import Series, Times

_YEAR = np.timedelta64(31_557_600, "s")
# Weekdays less holidays, and every day.
_USUAL = (252.0, 365.0)
_NEAR = 0.04


def periods_per_year(times: Times) -> float | None:
    """Counted: periods by the years they span. Near 252 or 365 it is that, so that runs of one market compare. None for
    fewer than two times."""
    if len(times) < 2 or times[-1] <= times[0]:
        return None
    counted = (len(times) - 1) / float((times[-1] - times[0]) / _YEAR)
    return next((usual for usual in _USUAL if abs(counted / usual - 1.0) < _NEAR), counted)


def by_month(returns: Series, times: Times) -> dict[tuple[int, int], float]:
    """The total return of each month that has a known period, by (year, month)."""
    months = times.astype("datetime64[M]").astype(np.int64)
    return {(1970 + int(month) // 12, int(month) % 12 + 1): value for month, value in _grouped(returns, months)}


def by_year(returns: Series, times: Times) -> dict[int, float]:
    """The total return of each year that has a known period."""
    years = times.astype("datetime64[Y]").astype(np.int64)
    return {1970 + int(year): value for year, value in _grouped(returns, years)}


def _grouped(returns: Series, groups: np.ndarray) -> list[tuple[int, float]]:
    """In one pass: by_month of a century of daily bars has 1,200 groups."""
    if len(returns) != len(groups):
        raise ValueError("Each return must have its time.")
    is_known = np.isfinite(returns)
    values, groups = returns[is_known], groups[is_known]
    if not len(values):
        return []
    order = np.argsort(groups, kind="stable")
    found, starts = np.unique(groups[order], return_index=True)
    totals = np.multiply.reduceat(1.0 + values[order], starts) - 1.0
    return [(int(group), float(total)) for group, total in zip(found, totals, strict=True) if np.isfinite(total)]
