"""Whether those who watch something may still see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.errors import Forbidden, Unavailable
from domain.live import Look, Sights, Wanted
from domain.viewer import Viewer
from domain.work import AccessChanged

LOOK_EVERY_S = 3.0
"""How long a right that nobody took away by name may outlive its reason: a strategy that moved to another project."""


class Kind(StrEnum):
    JOB = "job"
    STRATEGY = "strategy"
    DATASET = "dataset"
    PROJECT = "project"
    OWN = "own"
    """No single object: lists, whose rights are in their queries."""


class Watch:
    """One person who watches one thing."""

    __slots__ = ("_stirred", "changed_at", "ended", "kind", "subject", "viewer")

    def __init__(self, viewer: Viewer, kind: Kind, subject: UUID | None, stirred: Callable[[], None]) -> None:
        self.viewer = viewer
        self.kind = kind
        self.subject = subject
        self.ended = False
        self.changed_at: datetime | None = None
        self._stirred = stirred

    def check(self) -> None:
        if self.ended:
            raise Forbidden("You may no longer see this.")

    def learn(self, sights: Sights) -> None:
        """Wakes who waits when something is not as it was."""
        role = sights.roles.get(self.viewer.id)
        key = (self.viewer.id, self.subject) if self.subject else None
        if role is None or (key is not None and key not in sights.seen):
            self.ended = True
            self._stirred()
            return
        if role != self.viewer.role:
            self.viewer = replace(self.viewer, role=role)
            self._stirred()
        changed_at = sights.seen[key] if key is not None else None
        if changed_at != self.changed_at:
            is_first, self.changed_at = self.changed_at is None, changed_at
            if not is_first:
                self._stirred()


class Watchers:
    """Looks all their rights up together: every few seconds, and at once when somebody's access changed."""

    def __init__(self, look: Look, *, every_s: float = LOOK_EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._watches: set[Watch] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._watches)

    def enter(self, viewer: Viewer, kind: Kind, subject: UUID | None, stirred: Callable[[], None]) -> Watch:
        watch = Watch(viewer, kind, subject, stirred)
        self._watches.add(watch)
        return watch

    def leave(self, watch: Watch) -> None:
        self._watches.discard(watch)

    def changed(self, change: AccessChanged) -> None:
        concerned = [watch for watch in self._watches if watch.viewer.user_id == change.user_id]
        if concerned:
            task = asyncio.create_task(self.check(concerned))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.check(list(self._watches))

    async def check(self, watches: Iterable[Watch]) -> None:
        concerned = [watch for watch in watches if watch.viewer.user_id is not None]
        if not concerned:
            return
        try:
            sights = await self._look(_wanted(concerned))
        except Unavailable:
            # Nothing is known just now; the next look will tell.
            return
        for watch in concerned:
            watch.learn(sights)


def _wanted(watches: Iterable[Watch]) -> Wanted:
    found: dict[Kind, set[tuple[UUID, UUID]]] = {kind: set() for kind in Kind}
    people: set[UUID] = set()
    for watch in watches:
        people.add(watch.viewer.id)
        if watch.subject is not None:
            found[watch.kind].add((watch.viewer.id, watch.subject))
    jobs, strategies, datasets, projects, _ = (frozenset(found[kind]) for kind in Kind)
    return Wanted(frozenset(people), jobs, strategies, datasets, projects)
