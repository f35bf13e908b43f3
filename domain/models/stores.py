"""What models need to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.catalogue import AlgorithmName, TaskType
from domain.models.model import Model, Stage, TrainedOn
from domain.pages import Page, Window
from domain.projects.model import MemberRole
from domain.viewer import Viewer


@dataclass(frozen=True, slots=True)
class ModelFilter:
    """Which models to list. None: does not matter. No stage: all but the archived ones."""

    text: str | None = None
    task_type: TaskType | None = None
    algorithm: AlgorithmName | None = None
    stages: tuple[Stage, ...] = ()
    strategy_id: UUID | None = None
    dataset_id: UUID | None = None
    job_id: UUID | None = None


class ModelStore(Protocol):
    """Writing side: inside a unit of work."""

    async def add(self, model: Model, card: Mapping[str, Any]) -> None: ...

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Model, MemberRole | None]:
        """With the viewer's role in the project of its strategy. Refuses with NOT_FOUND when the viewer may not see
        it. Locks of models of one strategy wait for each other."""

    async def set_stage(self, id: UUID, stage: Stage, now: datetime) -> None: ...

    async def rename(self, id: UUID, name: str, now: datetime) -> None: ...

    async def delete(self, id: UUID) -> None: ...

    async def of_job(self, job_id: UUID) -> Sequence[Model]: ...

    async def trained_on(self, ids: Sequence[UUID]) -> Mapping[UUID, TrainedOn]: ...

    async def tried(self, viewer: Viewer, beside: Sequence[Model], most: int) -> Sequence[float]:
        """Sharpe ratios of one bar, on the test split, of these models and of those tried beside them: of the same
        strategy where all are of one, else of the same owners on the same data. Only the latest so many that the
        viewer sees."""

    async def in_production(self, strategy_id: UUID) -> Sequence[Model]:
        """The caller holds the strategy, or has locked a model of it."""


class ModelReads(Protocol):
    """Reading side: batches in, batches out, filtered by the viewer, who sees models of what they see: jobs of their
    own, and strategies in their projects."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Model | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: ModelFilter) -> Page[Model]: ...

    async def count(self, viewer: Viewer, filter: ModelFilter) -> int: ...

    async def cards(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[dict[str, Any] | None]: ...

    async def of_jobs(self, viewer: Viewer, job_ids: Sequence[UUID]) -> Sequence[Model | None]:
        """A training makes one model."""

    async def pages_of_strategies(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window
    ) -> Sequence[Page[Model]]: ...

    async def counts_of_strategies(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...

    async def pages_of_datasets(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Model]]:
        """Those that were trained on each dataset."""

    async def counts_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...
