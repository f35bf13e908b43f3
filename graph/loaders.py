"""One loader per edge: keys in, rows out, in the same order, filtered by the viewer."""

from asyncio import Future
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from domain.accounts.model import ApiToken, Session, User
from domain.audit import AuditEntry
from domain.jobs.model import Job
from domain.pages import Page, Window
from domain.projects.model import Member, MemberRole, Project
from domain.strategies.model import Strategy, StrategyFilter, StrategyTemplate, StrategyVersion
from domain.strategies.stores import VersionKey
from domain.viewer import Viewer
from graph.execution.loader import Loader
from graph.parts import Reads

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Batch = Callable[[Viewer, list[Key]], Awaitable[Sequence[Value]]]


class Loaders:
    """The loaders of one operation. Each is made when an edge first asks for it.

    They give the future itself: a resolver that hands it on costs no coroutine and no task per object.
    """

    def __init__(self, viewer: Viewer, reads: Reads) -> None:
        self._viewer = viewer
        self._reads = reads
        self._made: dict[Hashable, Loader[Any, Any]] = {}

    def _of(self, key: Hashable, batch: Batch[Key, Value]) -> Loader[Key, Value]:
        """The loader with that key; lists with other arguments have other keys."""
        found = self._made.get(key)
        if found is None:

            async def load(keys: list[Key]) -> Sequence[Value]:
                return await batch(self._viewer, keys)

            found = self._made[key] = Loader(load)
        return found

    def user(self, id: UUID) -> Future[User | None]:
        return self._of("user", self._reads.accounts.by_ids).load(id)

    def session(self, id: UUID) -> Future[Session | None]:
        return self._of("session", self._reads.accounts.sessions_by_ids).load(id)

    def api_token(self, id: UUID) -> Future[ApiToken | None]:
        return self._of("api_token", self._reads.accounts.api_tokens_by_ids).load(id)

    def audit_entry(self, id: UUID) -> Future[AuditEntry | None]:
        return self._of("audit_entry", self._reads.audit.by_ids).load(id)

    def job(self, id: UUID) -> Future[Job | None]:
        return self._of("job", self._reads.jobs.by_ids).load(id)

    def latest_job_of_dataset(self, id: UUID) -> Future[Job | None]:
        return self._of("latest_job_of_dataset", self._reads.jobs.latest_of_datasets).load(id)

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

    def strategy(self, id: UUID) -> Future[Strategy | None]:
        return self._of("strategy", self._reads.strategies.by_ids).load(id)

    def strategies_in_project(self, id: UUID, window: Window, filter: StrategyFilter) -> Future[Page[Strategy]]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[Page[Strategy]]:
            return await self._reads.strategies.pages_in_projects(viewer, ids, window, filter)

        return self._of(("strategies_in_project", window, filter), batch).load(id)

    def strategy_count_in_project(self, id: UUID, filter: StrategyFilter) -> Future[int]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[int]:
            return await self._reads.strategies.counts_in_projects(viewer, ids, filter)

        return self._of(("strategy_count_in_project", filter), batch).load(id)

    def strategies_of_owner(self, id: UUID, window: Window, filter: StrategyFilter) -> Future[Page[Strategy]]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[Page[Strategy]]:
            return await self._reads.strategies.pages_of_owners(viewer, ids, window, filter)

        return self._of(("strategies_of_owner", window, filter), batch).load(id)

    def strategy_count_of_owner(self, id: UUID, filter: StrategyFilter) -> Future[int]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[int]:
            return await self._reads.strategies.counts_of_owners(viewer, ids, filter)

        return self._of(("strategy_count_of_owner", filter), batch).load(id)

    def strategy_version(self, id: UUID) -> Future[StrategyVersion | None]:
        return self._of("strategy_version", self._reads.strategies.versions_by_ids).load(id)

    def version_at(self, key: VersionKey) -> Future[StrategyVersion | None]:
        return self._of("version_at", self._reads.strategies.versions_at).load(key)

    def versions_of(self, strategy_id: UUID, window: Window) -> Future[Page[StrategyVersion]]:
        async def batch(viewer: Viewer, ids: list[UUID]) -> Sequence[Page[StrategyVersion]]:
            return await self._reads.strategies.versions_of(viewer, ids, window)

        return self._of(("versions_of", window), batch).load(strategy_id)

    def template(self, id: UUID) -> Future[StrategyTemplate | None]:
        return self._of("template", self._reads.templates.by_ids).load(id)
