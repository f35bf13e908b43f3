"""What jobs need to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.jobs.model import Job, JobFilter
from domain.pages import Page, Window
from domain.viewer import Viewer


class JobStore(Protocol):
    """Writing side: inside a unit of work.

    Each step is one guarded UPDATE. `attempt` is the fence: a worker that was given up on, and wakes again, changes
    nothing.
    """

    async def add(self, job: Job) -> None: ...

    async def lock(self, viewer: Viewer, id: UUID) -> Job:
        """Refuses with NOT_FOUND when the viewer may not see it."""

    async def get(self, id: UUID) -> Job | None: ...

    async def start(self, id: UUID, now: datetime) -> Job | None:
        """The next attempt begins. None when the job is over, or was deleted."""

    async def advance(self, id: UUID, attempt: int, progress: float, now: datetime) -> bool:
        """False when the attempt is no longer the present one: stop."""

    async def complete(self, id: UUID, attempt: int, now: datetime) -> bool: ...

    async def fail(self, id: UUID, attempt: int, code: str, message: str, now: datetime) -> bool: ...

    async def request_cancel(self, id: UUID, now: datetime) -> Job | None:
        """A queued job is cancelled at once, a running one is marked. None when it is over."""

    async def cancelled(self, id: UUID, attempt: int, now: datetime) -> bool: ...

    async def delete(self, id: UUID) -> None: ...

    async def open_of(self, dataset_id: UUID) -> Sequence[Job]:
        """Those about the dataset that are not over."""


class JobReads(Protocol):
    """Reading side: batches in, batches out, filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: JobFilter) -> Page[Job]: ...

    async def count(self, viewer: Viewer, filter: JobFilter) -> int: ...

    async def latest_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]: ...
