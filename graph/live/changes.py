"""What changed on a board since the last time it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from domain.jobs.model import Job
from domain.live import BoardWish
from domain.viewer import Viewer
from graph.execution.batches import Batches, Item
from graph.live.boards import Boards
from graph.live.watchers import Kind, Watch, Watchers


class ChangeStream(Batches):
    """Keeps one state of each job, the latest: a slow client gets fewer of them, and never an old one."""

    def __init__(
        self,
        *,
        boards: Boards,
        watchers: Watchers,
        viewer: Viewer,
        wish: BoardWish,
        per_second: int,
        watched: tuple[Kind, UUID | None],
        shown: Callable[[list[Job]], object],
    ) -> None:
        super().__init__()
        self._boards = boards
        self._watchers = watchers
        self._wish = wish
        self._per_second = per_second
        self._shown = shown
        self._jobs: dict[UUID, Job] = {}
        self._wakes = asyncio.Event()
        self._has_begun = False
        self._is_due = False
        self._leave: Callable[[], None] | None = None
        self._joined_as: Viewer | None = None
        self._watch: Watch = watchers.enter(viewer, *watched, self._changed)

    @property
    def is_stale(self) -> bool:
        return self._watch.ended

    async def look(self) -> bool:
        """Whether it may be seen at all."""
        await self._watchers.check([self._watch])
        return not self._watch.ended

    async def take(self) -> Sequence[Item]:
        """First where everything stands, then what changed."""
        while True:
            self._watch.check()
            self._join()
            if self._is_due:
                break
            await self._wakes.wait()
            self._wakes.clear()
        self._is_due = False
        jobs, self._jobs = list(self._jobs.values()), {}
        return [Item(self._shown(jobs))]

    async def aclose(self) -> None:
        self._watchers.leave(self._watch)
        self._part()

    def _join(self) -> None:
        """With the rights of now."""
        viewer = self._watch.viewer
        if viewer != self._joined_as:
            self._part()
            self._joined_as = viewer
            self._leave = self._boards.join(viewer, self._wish, self._per_second, self, self._heard)

    def _part(self) -> None:
        if self._leave is not None:
            self._leave()
            self._leave = None

    def _heard(self, jobs: Sequence[Job]) -> None:
        self._jobs.update((job.id, job) for job in jobs)
        self._is_due = self._is_due or bool(jobs) or not self._has_begun
        self._has_begun = True
        self._wakes.set()

    def _changed(self) -> None:
        """The thing itself changed, or may not be seen any more."""
        self._is_due = self._is_due or not self._watch.ended
        self._wakes.set()
