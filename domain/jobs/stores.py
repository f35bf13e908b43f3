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

    Each step is one guarded UPDATE, which gives the job as it is then, or None (False) when it changed nothing.
    `attempt` is the fence: a worker that was given up on, and wakes again, changes nothing.

    Who needs a job and what it is about locks the job first.
    """

    async def add(self, job: Job) -> None: ...

    async def lock(self, viewer: Viewer, id: UUID) -> Job:
        """Refuses with NOT_FOUND when the viewer may not see it."""

    async def get(self, id: UUID) -> Job | None: ...

    async def start(self, id: UUID, now: datetime) -> Job | None:
        """The next attempt begins. None when the job is over, or was deleted."""

    async def advance(self, id: UUID, attempt: int, progress: float, now: datetime) -> bool:
        """False when the attempt is no longer the present one: stop."""

    async def complete(self, id: UUID, attempt: int, now: datetime) -> Job | None: ...

    async def fail(self, id: UUID, attempt: int, code: str, message: str, now: datetime) -> Job | None:
        """Also for a queued job, which has made no attempt yet."""

    async def stumble(self, id: UUID, attempt: int, now: datetime) -> int | None:
        """An attempt failed, but the next may succeed: the job waits again. How many attempts have failed so far."""

    async def request_cancel(self, id: UUID, now: datetime) -> Job | None:
        """A queued job is cancelled at once, a running one is marked. None when it is over."""

    async def cancelled(self, id: UUID, attempt: int, now: datetime) -> Job | None: ...

    async def delete(self, id: UUID) -> None: ...

    async def open_of(self, dataset_id: UUID) -> Sequence[Job]:
        """Those about the dataset that are not over."""

    async def lost(self, limit: int) -> Sequence[Job]:
        """Those that are not over and that no task will run any more, the oldest first."""


class JobReads(Protocol):
    """Reading side: batches in, batches out, filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: JobFilter) -> Page[Job]:
        """The viewer's own; all for an admin."""

    async def count(self, viewer: Viewer, filter: JobFilter) -> int: ...

    async def latest_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]: ...

    async def pages_of_datasets(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        """Those about each dataset, whoever started them."""

    async def counts_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...
