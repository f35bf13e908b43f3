"""What pictures are drawn from. NaN and None are values that are not known: a gap in a line, an empty cell, no dot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.analysis.series import Series, Times


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    times: Times
    """In order."""
    values: Series
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    month: int
    """1 to 12."""
    value: float
    """The return of the month, as a share."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One trade."""

    time: np.datetime64
    price: float
    bought: bool
    profit: float | None
    """Of what it closes; None where it closes nothing."""


@dataclass(frozen=True, slots=True)
class Stretch:
    since: np.datetime64
    until: np.datetime64
    regime: str
    """A name of `domain.analysis.names.Regime`, lower case."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Of returns per bar."""

    name: str
    edges: Series
    """One more than counts."""
    counts: Series
    value_at_risk: float | None
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    name: str
    values: Mapping[str, float | None]
    """By names of performance and risk figures, such as `sharpe`."""
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more the first earns than the second in a year, as a share. `low` to `high`: a 95 % interval."""

    first: str
    second: str
    value: float
    low: float
    high: float
    real: bool
    """Whether chance does not explain it."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Total returns of one entry over all runs of a scenario."""

    name: str
    worst: float | None
    median: float | None
    best: float | None
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Stressed:
    scenario: str
    """A `domain.analysis.names.Scenario`."""
    strength: float
    entries: Sequence[Spread]


@dataclass(frozen=True, slots=True)
class Cost:
    """What carrying an order out cost, in basis points. `low` to `high`: a 95 % interval."""

    name: str
    mean: float
    low: float
    high: float
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    since: np.datetime64
    until: np.datetime64
    trained_since: np.datetime64
    trained_until: np.datetime64
    entries: Sequence[tuple[str, float | None, bool]]
    """Name, total return, whether it is a baseline."""
