"""Models in order of what was measured of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from domain.errors import Code, Refused
from domain.jobs.events import Split
from domain.models.model import Model
from domain.viewer import Viewer

MOST_FIRST = 100
MOST_BOARDS = 20
MOST_MODELS, MOST_EVALUATIONS = 10_000, 1_000
"""Of a dataset: the latest ones stand in its leaderboard."""
MOST_MODELS_OF_ONE = 10
"""That an evaluation judges beside each other."""


class RankedBy(StrEnum):
    """What every training and evaluation that can measure it calls by this name."""

    SHARPE = "sharpe"
    SORTINO = "sortino"
    TOTAL_RETURN = "total_return"
    ANNUAL_RETURN = "annual_return"
    MAX_DRAWDOWN = "max_drawdown"
    VOLATILITY = "volatility"
    WIN_RATE = "win_rate"
    TURNOVER = "turnover"
    TRADES = "trades"
    EXPOSURE = "exposure"
    SAVING_BPS = "saving_bps"
    COST_BPS = "cost_bps"
    FILLED = "filled"
    SHORTFALL = "shortfall"

    @property
    def less_is_better(self) -> bool:
        return self in _LESS


# A drawdown is 0 or less, so the largest one is the smallest fall.
_LESS = frozenset(
    {
        RankedBy.VOLATILITY,
        RankedBy.TURNOVER,
        RankedBy.TRADES,
        RankedBy.EXPOSURE,
        RankedBy.COST_BPS,
        RankedBy.SHORTFALL,
    }
)


@dataclass(frozen=True, slots=True)
class RankingWish:
    measure: RankedBy
    split: Split
    first: int
    archived: bool
    """Whether archived models are among them."""

    def checked(self) -> RankingWish:
        if not 1 <= self.first <= MOST_FIRST:
            raise Refused.because(Code.OUT_OF_RANGE, f"`first` must be from 1 to {MOST_FIRST}.", "first")
        return self


@dataclass(frozen=True, slots=True)
class Ranked:
    """Places count from 1; of equal values the older model has the better one."""

    place: int
    model: Model
    value: float | None
    """None: it was not measured; such models come last."""
    evaluation_id: UUID | None = None
    """Where it was measured, when that was not its training."""


@dataclass(frozen=True, slots=True)
class Board:
    """Figures that compare: of the same bars under the same conditions."""

    conditions: dict[str, Any]
    since: datetime | None
    until: datetime | None
    """First and last bar, of evaluations; None: the part of the data that trainings measure."""
    count: int
    entries: tuple[Ranked, ...]


class RankingReads(Protocol):
    """Batches in, batches out. Whatever the viewer does not see takes no place."""

    async def of_strategies(self, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> Sequence[Sequence[Ranked]]:
        """By what their trainings measured."""

    async def of_projects(self, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> Sequence[Sequence[Ranked]]:
        """Those of all strategies that lie in each project."""

    async def leaderboards(self, viewer: Viewer, ids: Sequence[UUID], wish: RankingWish) -> Sequence[Sequence[Board]]:
        """Of datasets, the largest boards first: what trainings on this very content measured, and apart from it what
        the latest backtests and comparisons on it found. Those count on the same part of the data; and of models that
        were trained on other content, also on any period. Of a model that was judged again, the latest counts."""
