"""One loader per edge: keys in, rows out, in the same order, filtered by the viewer."""

from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from domain.accounts.model import User
from domain.pages import Page, Window
from domain.projects.model import Member, MemberRole, Project
from domain.viewer import Viewer
from graph.execution.loader import Loader
from graph.parts import Reads

Value = TypeVar("Value")
Batch = Callable[[Viewer, list[UUID]], Awaitable[Sequence[Value]]]


class Loaders:
    """The loaders of one operation. Each is made when an edge first asks for it.

    They give the future itself: a resolver that hands it on costs no coroutine and no task per object.
    """

    def __init__(self, viewer: Viewer, reads: Reads) -> None:
        self._viewer = viewer
        self._reads = reads
        self._made: dict[Hashable, Loader[UUID, Any]] = {}

    def _of(self, key: Hashable, batch: Batch[Value]) -> Loader[UUID, Value]:
        """The loader with that key; lists with other arguments have other keys."""
        found = self._made.get(key)
        if found is None:

            async def load(ids: list[UUID]) -> Sequence[Value]:
                return await batch(self._viewer, ids)

            found = self._made[key] = Loader(load)
        return found

    def user(self, id: UUID) -> Future[User | None]:
        return self._of("user", self._reads.accounts.by_ids).load(id)

    def project(self, id: UUID) -> Future[Project | None]:
        return self._of("project", self._reads.projects.by_ids).load(id)

    def my_role(self, project_id: UUID) -> Future[MemberRole | None]:
        return self._of("my_role", self._reads.projects.roles).load(project_id)

    def member(self, id: UUID) -> Future[Member | None]:
        return self._of("member", self._reads.projects.members_by_ids).load(id)

    def members_of(self, project_id: UUID, window: Window) -> Future[Page[Member]]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[Page[Member]]:
            return await self._reads.projects.members_of(viewer, ids, window)

        return self._of(("members_of", window), batch).load(project_id)

    def member_count(self, project_id: UUID) -> Future[int]:
        return self._of("member_count", self._reads.projects.member_counts).load(project_id)
