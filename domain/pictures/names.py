"""What pictures are called and how they may look. Without numpy, so that a process that only asks starts fast."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NARROWEST, WIDEST = 280, 2_000


class PictureKind(StrEnum):
    EQUITY = "equity"
    MONTHLY = "monthly"
    ROLLING_SHARPE = "rolling_sharpe"
    DISTRIBUTION = "distribution"
    TRADES = "trades"
    WEIGHTS = "weights"
    RADAR = "radar"
    REGIMES = "regimes"
    COMPARISON = "comparison"
    STRESS = "stress"
    SHORTFALL = "shortfall"
    FOLDS = "folds"


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"
    """As the reader's device is set: light or dark."""


@dataclass(frozen=True, slots=True)
class Look:
    theme: Theme = Theme.AUTO
    width: int = 800
    """In pixels. Heights follow from it and from what is shown."""
