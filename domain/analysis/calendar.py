"""How many periods a year has, and results by month and year."""

from __future__ import annotations

import numpy as np

from domain.analysis.performance import total_return
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
    if len(returns) != len(groups):
        raise ValueError("Each return must have its time.")
    found = ((int(group), total_return(returns[groups == group])) for group in np.unique(groups))
    return [(group, value) for group, value in found if value is not None]
