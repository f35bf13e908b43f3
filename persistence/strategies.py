"""Strategies and their versions, written inside units of work."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from domain.catalogue import AlgorithmName, TaskType
from domain.errors import Code, Refused
from domain.projects.model import MemberRole
from domain.strategies.model import Strategy, StrategyVersion
from domain.strategies.status import StrategyStatus
from domain.viewer import Viewer
from persistence.access import VIEWER, seen
from persistence.reading import Mapped
from persistence.tables.projects import project_members
from persistence.tables.strategies import strategies, strategy_versions
from persistence.writing import WriteStore, violated

strategy_mapped = Mapped(
    Strategy,
    strategies,
    convert={"task_type": TaskType, "algorithm": AlgorithmName, "status": StrategyStatus, "tags": tuple},
)
version_mapped = Mapped(StrategyVersion, strategy_versions)


class PostgresStrategies(WriteStore):
    """Implements domain.strategies.stores.StrategyStore."""

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Strategy, MemberRole | None]:
        role = project_members.c.role
        membership = (project_members.c.project_id == strategies.c.project_id) & (project_members.c.user_id == VIEWER)
        statement = (
            select(*strategy_mapped.columns, role)
            .select_from(strategies.outerjoin(project_members, membership))
            .where(strategies.c.id == id, seen(viewer, or_(strategies.c.owner_id == VIEWER, role.is_not(None))))
            .with_for_update(of=strategies)
        )
        row = await self._one(statement, {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such strategy, or you may not see it.", "id")
        return strategy_mapped.one(row), MemberRole(row.role) if row.role else None

    async def add(self, strategy: Strategy) -> None:
        try:
            await self._insert(strategies, strategy)
        except IntegrityError as error:
            raise _taken(error) from error

    async def save(self, strategy: Strategy) -> None:
        try:
            await self._update(strategies, strategy)
        except IntegrityError as error:
            raise _taken(error) from error

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(strategies).where(strategies.c.id == id))


def _taken(error: IntegrityError) -> Exception:
    if violated(error) != "uq_strategies_owner_id_lower_name":
        return error
    message = "The owner has a strategy of this name; small and capital letters count as the same. Choose another name."
    return Refused.because(Code.ALREADY_EXISTS, message, "name")


class PostgresVersions(WriteStore):
    """Implements domain.strategies.stores.VersionStore."""

    async def get(self, strategy_id: UUID, number: int) -> StrategyVersion | None:
        wanted = (strategy_versions.c.strategy_id == strategy_id) & (strategy_versions.c.version_number == number)
        row = await self._one(select(*version_mapped.columns).where(wanted))
        return version_mapped.one(row) if row else None

    async def add(self, version: StrategyVersion) -> None:
        await self._insert(strategy_versions, version)
