"""What people ask of an account that was kept bar by bar, and what they get. Without numpy, so that a process that only
asks starts fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from domain.analysis.names import BUY_AND_HOLD
from domain.analysis.tries import Tried
from domain.datasets.reading import LONGEST_NAME, MOST_POINTS, Line
from domain.errors import Code, Refused
from domain.text import Problems, readable

OWN = "model"
"""The key of the agent in the account of its training; baselines go by their names."""
KEPT: tuple[Literal["valid", "test"], ...] = ("valid", "test")
"""The parts of the data that are in that file."""
BARS_PER_YEAR = "trademaster.bars_per_year"
"""A note in that file."""
TURNOVER, CHANGES = "turnover", "changes"
"""Columns of that file: the share of the equity traded at a bar, and how many positions were changed on purpose."""
LEVELS = (0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisWanted:
    since: datetime | None = None
    """The first bar; `until` is the first that is not wanted."""
    until: datetime | None = None
    benchmark: str = BUY_AND_HOLD
    points: int = 300
    key: str | None = None
    """Of an evaluation: which entry."""
    split: str = "test"
    """Of a training: which part of its data."""

    def checked(self) -> AnalysisWanted:
        with Problems() as problems:
            problems.take(_points, self.points)
            problems.take(_period, self.since, self.until)
            problems.take(_name, self.benchmark, "benchmark")
            problems.take(_name, self.key or "", "key")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Where an account is kept: the files, and the rows in them."""

    series: Path
    positions: Path | None
    trades: Path | None
    key: str
    split: str | None
    """None: the file is about one time only."""
    per_year: float | None
    """Bars a year; None: the file says it."""
    tried: Tried | None


@dataclass(frozen=True, slots=True)
class Tail:
    """What may be lost in one bar, at one level of confidence."""

    level: float
    value_at_risk: float | None
    conditional_value_at_risk: float | None
    parametric_value_at_risk: float | None
    parametric_conditional_value_at_risk: float | None


@dataclass(frozen=True, slots=True)
class Range:
    mean: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Figures, tables and lines of one account in one period."""

    key: str
    benchmark: str
    bars: int
    first: datetime | None
    last: datetime | None
    performance: dict[str, float | None]
    risk: dict[str, float | None]
    monthly: list[dict[str, Any]]
    yearly: list[dict[str, Any]]
    drawdowns: list[dict[str, Any]]
    tails: tuple[Tail, ...]
    exposure: Range | None
    concentration: Range | None
    lines: dict[str, Line]
    """equity, benchmark, rolling_sharpe, drawdown, exposure, concentration; those that are known."""


def _points(points: int) -> None:
    if not 3 <= points <= MOST_POINTS:
        raise Refused.because(Code.OUT_OF_RANGE, f"points must be from 3 to {MOST_POINTS:,}.", "points")


def _period(since: datetime | None, until: datetime | None) -> None:
    if since is not None and until is not None and since >= until:
        raise Refused.because(Code.INVALID, "The period is over before it begins. Let `to` be later than `from`.", "to")


def _name(name: str, field: str) -> None:
    if len(name) > LONGEST_NAME or "\x00" in name:
        raise Refused.because(Code.UNKNOWN, f'There is no entry "{readable(name)}".', field)
