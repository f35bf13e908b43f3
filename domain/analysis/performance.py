"""What was earned, and at what risk."""

from __future__ import annotations

import math

import numpy as np

from domain.analysis.drawdowns import max_drawdown
from domain.analysis.series import Series, finite, known, raised, ratio, varies


def total_return(returns: Series) -> float | None:
    """prod(1 + r) - 1. None without a period."""
    values = known(returns)
    return finite(float(np.prod(1.0 + values)) - 1.0) if len(values) else None


def annual_return(returns: Series, per_year: float) -> float | None:
    """(1 + total) ^ (per_year / n) - 1: the steady yearly return that comes to the same."""
    values = known(returns)
    total = total_return(values)
    if total is None or total < -1.0:
        return None
    found = raised(1.0 + total, per_year / len(values))
    return None if found is None else found - 1.0


def volatility(returns: Series, per_year: float) -> float | None:
    """std(r) * sqrt(per_year), with n - 1 in the deviation. None for fewer than two periods."""
    deviation = _deviation(known(returns))
    return None if deviation is None else deviation * math.sqrt(per_year)


def sharpe(returns: Series, per_year: float, risk_free: float = 0.0) -> float | None:
    """mean(r - f) / std(r - f) * sqrt(per_year), where f is the risk-free return of one period."""
    excess = known(returns) - risk_free
    found = ratio(float(excess.mean()) if len(excess) else None, _deviation(excess))
    return None if found is None else found * math.sqrt(per_year)


def downside_deviation(returns: Series, per_year: float, required: float = 0.0) -> float | None:
    """sqrt(mean(min(r - required, 0) ^ 2)) * sqrt(per_year): only what fell short counts, over all periods."""
    short = np.minimum(known(returns) - required, 0.0)
    return finite(math.sqrt(float(np.mean(short**2))) * math.sqrt(per_year)) if len(short) else None


def sortino(returns: Series, per_year: float, required: float = 0.0) -> float | None:
    """mean(r - required) * per_year / downside_deviation. None when nothing fell short."""
    values = known(returns)
    mean = float(np.mean(values - required)) * per_year if len(values) else None
    return ratio(mean, downside_deviation(values, per_year, required))


def calmar(returns: Series, per_year: float) -> float | None:
    """annual_return / |max_drawdown|. None when it never fell."""
    fall = max_drawdown(returns)
    return ratio(annual_return(returns, per_year), None if fall is None else -fall)


def omega(returns: Series, required: float = 0.0) -> float | None:
    """What was gained above the required return, by what was lost below it."""
    beyond = known(returns) - required
    return ratio(float(beyond[beyond > 0].sum()), float(-beyond[beyond < 0].sum()))


def stability(returns: Series) -> float | None:
    """How straight the logarithm of wealth runs: R squared of a line through it, 0 to 1."""
    values = known(returns)
    if len(values) < 2 or np.any(values <= -1.0):
        return None
    line = np.cumsum(np.log1p(values))
    if not varies(line):
        return None
    return finite(float(np.corrcoef(np.arange(len(line)), line)[0, 1]) ** 2)


def _deviation(values: Series) -> float | None:
    return float(values.std(ddof=1)) if varies(values) else None
