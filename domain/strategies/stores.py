"""What the use cases of strategies need to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from domain.pages import Page, Window
from domain.projects.model import MemberRole
from domain.strategies.model import Strategy, StrategyFilter, StrategyTemplate, StrategyVersion, TemplateFilter
from domain.viewer import Viewer

VersionKey = tuple[UUID, int]
"""A strategy and the number of one of its versions."""


class StrategyStore(Protocol):
    """Writing side: inside a unit of work. What the viewer may not see is not found."""

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Strategy, MemberRole | None]:
        """The strategy and the viewer's role in its project, held until the transaction ends.

        Refuses with NOT_FOUND when there is none that the viewer may see.
        """

    async def add(self, strategy: Strategy) -> None:
        """Refuses with ALREADY_EXISTS at `name` when its owner has one of this name, whatever the case."""

    async def save(self, strategy: Strategy) -> None:
        """Refuses with ALREADY_EXISTS like `add`."""

    async def delete(self, id: UUID) -> None: ...


class VersionStore(Protocol):
    """Writing side. Callers hold the strategy's lock, so that numbers grow by one."""

    async def get(self, strategy_id: UUID, number: int) -> StrategyVersion | None: ...

    async def add(self, version: StrategyVersion) -> None: ...


class TemplateStore(Protocol):
    """Writing side. What the viewer may not see is not found."""

    async def lock(self, viewer: Viewer, id: UUID) -> StrategyTemplate:
        """Refuses with NOT_FOUND when there is none that the viewer may see."""

    async def add(self, template: StrategyTemplate) -> None: ...

    async def save(self, template: StrategyTemplate) -> None: ...

    async def delete(self, id: UUID) -> None: ...


class StrategyReads(Protocol):
    """Reading side: batches in, batches out, in the same order, each filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Strategy | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: StrategyFilter) -> Page[Strategy]: ...

    async def count(self, viewer: Viewer, filter: StrategyFilter) -> int: ...

    async def pages_in_projects(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: StrategyFilter
    ) -> Sequence[Page[Strategy]]: ...

    async def counts_in_projects(
        self, viewer: Viewer, ids: Sequence[UUID], filter: StrategyFilter
    ) -> Sequence[int]: ...

    async def pages_of_owners(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: StrategyFilter
    ) -> Sequence[Page[Strategy]]: ...

    async def counts_of_owners(self, viewer: Viewer, ids: Sequence[UUID], filter: StrategyFilter) -> Sequence[int]: ...

    async def versions_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[StrategyVersion | None]: ...

    async def versions_at(self, viewer: Viewer, keys: Sequence[VersionKey]) -> Sequence[StrategyVersion | None]: ...

    async def versions_of(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window
    ) -> Sequence[Page[StrategyVersion]]: ...


class TemplateReads(Protocol):
    """Reading side, like that of strategies."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[StrategyTemplate | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: TemplateFilter) -> Page[StrategyTemplate]: ...

    async def count(self, viewer: Viewer, filter: TemplateFilter) -> int: ...
