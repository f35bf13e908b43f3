"""How often which return came: a histogram. All of one evaluation have the same edges, so that they compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from domain.analysis.series import Series, known

BINS = 40
_OUTER = 0.001
_LEAST = 1e-6


def edges_of(series: Sequence[Series]) -> Series:
    """Even steps from the lowest of the 0.1 % quantiles to the highest of the 99.9 % ones, so that one wild period does
    not press all others into one bin."""
    values = [found for each in series if len(found := known(each))]
    if not values:
        return np.array([-_LEAST, _LEAST])
    low = min(float(np.quantile(each, _OUTER)) for each in values)
    high = max(float(np.quantile(each, 1.0 - _OUTER)) for each in values)
    if high - low < _LEAST:
        return np.array([low - _LEAST, high + _LEAST])
    return np.linspace(low, high, BINS + 1)


def histogram(returns: Series, edges: Series) -> dict[str, Any]:
    """How many periods between each edge and the next. What lies beyond the outermost counts with them."""
    counts, _ = np.histogram(np.clip(known(returns), edges[0], edges[-1]), edges)
    return {"edges": edges.tolist(), "counts": counts.tolist()}
