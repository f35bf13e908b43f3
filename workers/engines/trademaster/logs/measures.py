"""The numbers in the tables of the log."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    NONE = "none"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Measure:
    """As printed: 17.242411 percent is 17.242411, not 0.17."""

    value: float
    unit: Unit = Unit.NONE


_NAMES = {
    "Sharp Ratio": "sharpe_ratio",
    "TWAP": "twap",
}
_NUMBER = re.compile(r"(?P<number>[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?P<percent>%?)")


def name_of(heading: str) -> str:
    """A heading of a column as a name of ours."""
    return _NAMES.get(heading) or re.sub(r"\W+", "_", heading.strip().lower()).strip("_")


def measure_of(cell: str) -> Measure | None:
    """None where the cell holds no number, as with nan or inf."""
    found = _NUMBER.fullmatch(cell)
    if not found or not math.isfinite(value := float(found["number"])):
        return None
    # Minus zero is printed for nothing at all; it is zero.
    return Measure(value + 0.0, Unit.PERCENT if found["percent"] else Unit.NONE)
