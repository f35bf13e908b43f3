"""What may be lost. `share` is the part of periods that are worse, 0.05 say; results are returns, so losses are less
than 0."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from domain.analysis.series import Series, finite, known, ratio, varies

_NORMAL = NormalDist()


def skew(returns: Series) -> float | None:
    """mean((r - m)^3) / s^3 with n in the deviation: less than 0 when large losses are likelier than large gains."""
    return _moment(returns, 3)


def kurtosis(returns: Series) -> float | None:
    """mean((r - m)^4) / s^4 - 3, in excess of the normal distribution: more than 0 when extremes are likelier."""
    found = _moment(returns, 4)
    return None if found is None else found - 3.0


def value_at_risk(returns: Series, share: float = 0.05) -> float | None:
    """Historical: the return that `share` of all periods were worse than, between neighbours by a straight line."""
    values = known(returns)
    return float(np.quantile(values, share)) if len(values) else None


def conditional_value_at_risk(returns: Series, share: float = 0.05) -> float | None:
    """Historical: the mean of the worst 1 + floor((n - 1) * share) periods."""
    values = known(returns)
    if not len(values):
        return None
    count = int((len(values) - 1) * share) + 1
    return float(np.partition(values, count - 1)[:count].mean())


def parametric_value_at_risk(returns: Series, share: float = 0.05) -> float | None:
    """m + z * s, as if returns were normal; z is the normal quantile of `share`."""
    return _at(returns, _NORMAL.inv_cdf(share))


def parametric_conditional_value_at_risk(returns: Series, share: float = 0.05) -> float | None:
    """m - s * phi(z) / share, as if returns were normal."""
    return _at(returns, -_NORMAL.pdf(_NORMAL.inv_cdf(share)) / share)


def cornish_fisher_value_at_risk(returns: Series, share: float = 0.05) -> float | None:
    """m + w * s, where w is z made right for skew S and excess kurtosis K:
    w = z + (z^2 - 1) S / 6 + (z^3 - 3 z) K / 24 - (2 z^3 - 5 z) S^2 / 36."""
    lean, tails = skew(returns), kurtosis(returns)
    if lean is None or tails is None:
        return None
    z = _NORMAL.inv_cdf(share)
    right = (z**2 - 1) * lean / 6 + (z**3 - 3 * z) * tails / 24 - (2 * z**3 - 5 * z) * lean**2 / 36
    return _at(returns, z + right)


def tail_ratio(returns: Series) -> float | None:
    """|95 % quantile| / |5 % quantile|: more than 1 when large gains outweigh large losses."""
    values = known(returns)
    if not len(values):
        return None
    return ratio(abs(float(np.quantile(values, 0.95))), abs(float(np.quantile(values, 0.05))))


def _moment(returns: Series, order: int) -> float | None:
    values = known(returns)
    if len(values) < 3 or not varies(values):
        return None
    away = values - values.mean()
    return finite(float(np.mean(away**order)) / float(np.mean(away**2)) ** (order / 2))


def _at(returns: Series, deviations: float) -> float | None:
    values = known(returns)
    if len(values) < 2:
        return None
    return finite(float(values.mean()) + deviations * float(values.std(ddof=1)))
