"""All pictures: data in, the whole text of an SVG out. Equal input gives equal bytes."""

from __future__ import annotations

from domain.pictures.comparison import comparison
from domain.pictures.distribution import distribution
from domain.pictures.equity import equity
from domain.pictures.folds import folds
from domain.pictures.monthly import monthly
from domain.pictures.radar import radar
from domain.pictures.regimes import regimes
from domain.pictures.rolling_sharpe import rolling_sharpe
from domain.pictures.shortfall import shortfall
from domain.pictures.stress import stress
from domain.pictures.trades import trades
from domain.pictures.weights import weights

__all__ = [
    "comparison",
    "distribution",
    "equity",
    "folds",
    "monthly",
    "radar",
    "regimes",
    "rolling_sharpe",
    "shortfall",
    "stress",
    "trades",
    "weights",
]
