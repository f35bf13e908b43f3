"""How it was traded: what single trades brought, and how much was held and turned over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.analysis.series import ROUNDING, Series, finite, known, ratio


def win_rate(profits: Series) -> float | None:
    """The share of trades that gained, of those that gained or lost."""
    wins, losses = _counts(profits)
    return ratio(float(wins), float(wins + losses))


def profit_factor(profits: Series) -> float | None:
    """All that was gained by all that was lost. None when nothing was lost."""
    values = known(profits)
    return ratio(float(values[values > 0].sum()), float(-values[values < 0].sum()))


def payoff(profits: Series) -> float | None:
    """The mean gain by the mean loss."""
    values = known(profits)
    gains, losses = values[values > 0], -values[values < 0]
    if not len(gains) or not len(losses):
        return None
    return ratio(float(gains.mean()), float(losses.mean()))


def turnover(traded: Series, per_year: float) -> float | None:
    """What is traded in a year, as a multiple of equity. `traded` has it for each period."""
    values = known(traded)
    return float(np.abs(values).mean()) * per_year if len(values) else None


def exposure(positions: Series) -> float | None:
    """The mean size of the position, long or short, as a multiple of equity."""
    values = known(positions)
    return float(np.abs(values).mean()) if len(values) else None


def time_in_market(positions: Series) -> float | None:
    """The share of periods with a position."""
    values = known(positions)
    return float(np.mean(values != 0.0)) if len(values) else None


def concentration(weights: Series) -> float | None:
    """Herfindahl index of the sizes of positions, 1 / n when even and 1 for a single one. None when nothing is held."""
    found = float(concentrations(np.asarray(weights)[None])[0])
    return finite(found)


def concentrations(weights: NDArray[np.float64]) -> Series:
    """The same of each row; not a number where nothing is held."""
    sizes = np.abs(np.nan_to_num(weights))
    whole = sizes.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > ROUNDING, (sizes**2).sum(axis=1) / whole**2, np.nan)


def _counts(profits: Series) -> tuple[int, int]:
    values = known(profits)
    return int((values > 0).sum()), int((values < 0).sum())
