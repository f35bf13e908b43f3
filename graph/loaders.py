"""One loader per edge: keys in, rows out, in the same order, filtered by the viewer."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from strawberry.dataloader import DataLoader

from domain.accounts.model import User
from domain.pages import Page, Window
from domain.projects.model import Member, MemberRole, Project
from domain.viewer import Viewer
from graph.parts import Reads

Value = TypeVar("Value")
Batch = Callable[[Viewer, list[UUID]], Awaitable[Sequence[Value]]]


class Loaders:
    """The loaders of one operation. Each is made when an edge first asks for it."""

    def __init__(self, viewer: Viewer, reads: Reads) -> None:
        self._viewer = viewer
        self._reads = reads
        self._made: dict[Hashable, DataLoader[UUID, Any]] = {}

    def _of(self, key: Hashable, batch: Batch[Value]) -> DataLoader[UUID, Value]:
        """The loader with that key; lists with other arguments have other keys."""
        found = self._made.get(key)
        if found is None:

            async def load(ids: list[UUID]) -> Sequence[Value]:
                return await batch(self._viewer, ids)

            found = self._made[key] = DataLoader(load)
        return found

    async def user(self, id: UUID) -> User | None:
        return await self._of("user", self._reads.accounts.by_ids).load(id)

    async def project(self, id: UUID) -> Project | None:
        return await self._of("project", self._reads.projects.by_ids).load(id)

    async def my_role(self, project_id: UUID) -> MemberRole | None:
        return await self._of("my_role", self._reads.projects.roles).load(project_id)

    async def member(self, id: UUID) -> Member | None:
        return await self._of("member", self._reads.projects.members_by_ids).load(id)

    async def members_of(self, project_id: UUID, window: Window) -> Page[Member]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[Page[Member]]:
            return await self._reads.projects.members_of(viewer, ids, window)

        return await self._of(("members_of", window), batch).load(project_id)

    async def member_count(self, project_id: UUID) -> int:
        return await self._of("member_count", self._reads.projects.member_counts).load(project_id)
