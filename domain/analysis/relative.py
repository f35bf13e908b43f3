"""Beside a benchmark: how much of it is only the market, and what comes on top."""

from __future__ import annotations

import math

import numpy as np

from domain.analysis.performance import annual_return, sharpe
from domain.analysis.series import Series, finite, paired, raised, ratio, varies


def beta(returns: Series, benchmark: Series, risk_free: float = 0.0) -> float | None:
    """cov(r - f, b - f) / var(b - f): how much it moves when the benchmark moves by 1."""
    own, market = paired(returns, benchmark)
    if len(own) < 2:
        return None
    market = market - risk_free
    away = market - market.mean()
    return ratio(float(np.mean(away * (own - risk_free))), float(np.mean(away**2)))


def alpha(returns: Series, benchmark: Series, per_year: float, risk_free: float = 0.0) -> float | None:
    """(1 + mean(r - f - beta * (b - f))) ^ per_year - 1: what is earned beyond what the market explains."""
    slope = beta(returns, benchmark, risk_free)
    if slope is None:
        return None
    own, market = paired(returns, benchmark)
    left = float(np.mean(own - risk_free - slope * (market - risk_free)))
    found = raised(1.0 + left, per_year) if left > -1.0 else None
    return None if found is None else found - 1.0


def correlation(returns: Series, benchmark: Series) -> float | None:
    """Of the two series, -1 to 1. None when one of them never differs."""
    own, market = paired(returns, benchmark)
    if not (varies(own) and varies(market)):
        return None
    return finite(float(np.corrcoef(own, market)[0, 1]))


def tracking_error(returns: Series, benchmark: Series, per_year: float) -> float | None:
    """std(r - b) * sqrt(per_year)."""
    own, market = paired(returns, benchmark)
    if len(own) < 2:
        return None
    return finite(float((own - market).std(ddof=1)) * math.sqrt(per_year))


def information_ratio(returns: Series, benchmark: Series, per_year: float) -> float | None:
    """mean(r - b) / std(r - b) * sqrt(per_year): the Sharpe ratio of the difference."""
    own, market = paired(returns, benchmark)
    return sharpe(own - market, per_year)


def up_capture(returns: Series, benchmark: Series, per_year: float) -> float | None:
    """annual_return by the benchmark's, over the periods in which the benchmark rose."""
    own, market = paired(returns, benchmark)
    return _capture(own[market > 0], market[market > 0], per_year)


def down_capture(returns: Series, benchmark: Series, per_year: float) -> float | None:
    """annual_return by the benchmark's, over the periods in which the benchmark fell: less is better."""
    own, market = paired(returns, benchmark)
    return _capture(own[market < 0], market[market < 0], per_year)


def _capture(own: Series, market: Series, per_year: float) -> float | None:
    return ratio(annual_return(own, per_year), annual_return(market, per_year))
