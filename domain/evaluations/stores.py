"""What evaluations need to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.evaluations.model import EvaluatedModel, Evaluation, EvaluationKind
from domain.pages import Page, Window
from domain.viewer import Viewer


@dataclass(frozen=True, slots=True)
class EvaluationFilter:
    """Which evaluations to list. None: does not matter."""

    kind: EvaluationKind | None = None
    model_id: UUID | None = None
    dataset_id: UUID | None = None
    text: str | None = None


class EvaluationStore(Protocol):
    """Writing side: inside a unit of work."""

    async def add(self, evaluation: Evaluation, models: Sequence[UUID]) -> None:
        """Its models in their places."""

    async def lock(self, viewer: Viewer, id: UUID) -> Evaluation:
        """Refuses with NOT_FOUND when the viewer may not see it."""

    async def find(self, viewer: Viewer, id: UUID) -> Evaluation:
        """The same, without holding it: for who must lock its job first."""

    async def rename(self, id: UUID, name: str, now: datetime) -> None: ...

    async def finish(
        self, id: UUID, result: Mapping[str, Any], measures: Sequence[Mapping[str, float | None]], now: datetime
    ) -> bool:
        """What came out, and the figures of each model in its place. False when it is gone."""


class EvaluationReads(Protocol):
    """Reading side: batches in, batches out, filtered by the viewer, who sees an evaluation where they see its job:
    their own, and those whose models are all of one strategy, which lies in a project of theirs."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Evaluation | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: EvaluationFilter) -> Page[Evaluation]:
        """The viewer's own, and those in their projects; all for an admin."""

    async def count(self, viewer: Viewer, filter: EvaluationFilter) -> int: ...

    async def of_jobs(self, viewer: Viewer, job_ids: Sequence[UUID]) -> Sequence[Evaluation | None]: ...

    async def models_of(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Sequence[EvaluatedModel]]:
        """Of each evaluation, in their places."""

    async def pages_of_models(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Evaluation]]:
        """Those that each model is part of."""

    async def counts_of_models(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...
