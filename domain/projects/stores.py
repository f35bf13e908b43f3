"""What the use cases of projects need to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from domain.pages import Page, Window
from domain.projects.model import Member, MemberRole, Project, ProjectFilter
from domain.viewer import Viewer


class ProjectStore(Protocol):
    """Writing side: inside a unit of work. What the viewer may not see is not found."""

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Project, MemberRole]:
        """The project and the viewer's role in it (an admin counts as owner), held until the transaction ends.

        Refuses with NOT_FOUND when there is none that the viewer may see.
        """

    async def add(self, project: Project) -> None: ...

    async def save(self, project: Project) -> None: ...

    async def delete(self, id: UUID) -> None: ...


class MemberStore(Protocol):
    """Writing side. Callers hold the project's lock, so that the last owner is always known."""

    async def get(self, project_id: UUID, user_id: UUID) -> Member | None: ...

    async def add(self, member: Member) -> None:
        """Refuses with ALREADY_EXISTS when that user is a member."""

    async def save(self, member: Member) -> None: ...

    async def delete(self, id: UUID) -> None: ...

    async def owners(self, project_id: UUID) -> Sequence[Member]: ...


class ProjectReads(Protocol):
    """Reading side: batches in, batches out, in the same order, each filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Project | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: ProjectFilter) -> Page[Project]: ...

    async def count(self, viewer: Viewer, filter: ProjectFilter) -> int: ...

    async def roles(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[MemberRole | None]: ...

    async def members_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Member | None]: ...

    async def members_of(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Member]]: ...

    async def member_counts(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...
