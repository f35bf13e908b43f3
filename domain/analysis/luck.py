"""How likely it is that a Sharpe ratio is luck (Bailey and Lopez de Prado 2012, 2014). Ratios are of one period here,
not of a year."""

from __future__ import annotations

import math
from statistics import NormalDist

from domain.analysis.performance import sharpe
from domain.analysis.risk import kurtosis, skew
from domain.analysis.series import Series, known
from domain.analysis.tries import Tried

_NORMAL = NormalDist()
_EULER = 0.5772156649015329


def probabilistic_sharpe(returns: Series, benchmark: float = 0.0) -> float | None:
    """How likely the true ratio is above `benchmark`:
    Phi((SR - benchmark) * sqrt(n - 1) / sqrt(1 - S * SR + (K + 2) / 4 * SR^2)), S the skew, K the excess kurtosis."""
    values = known(returns)
    found, lean, tails = sharpe(values, 1.0), skew(values), kurtosis(values)
    if found is None or lean is None or tails is None:
        return None
    spread = 1.0 - lean * found + (tails + 2.0) / 4.0 * found**2
    if spread <= 0.0:
        return None
    return _NORMAL.cdf((found - benchmark) * math.sqrt(len(values) - 1) / math.sqrt(spread))


def expected_best_sharpe(tried: Tried) -> float:
    """The best ratio to be expected of N tries when none has any skill, where the tries differ by the deviation s:
    s * ((1 - g) * Phi^-1(1 - 1/N) + g * Phi^-1(1 - 1/(N e))), g being Euler's constant. 0 for a single one."""
    count = tried.count
    if count < 2:
        return 0.0
    first, second = _NORMAL.inv_cdf(1.0 - 1.0 / count), _NORMAL.inv_cdf(1.0 - 1.0 / (count * math.e))
    return tried.spread * ((1.0 - _EULER) * first + _EULER * second)


def deflated_sharpe(returns: Series, tried: Tried) -> float | None:
    """How likely the true ratio is above what luck gives to the best of all that were tried, this one too."""
    return probabilistic_sharpe(returns, expected_best_sharpe(tried))
