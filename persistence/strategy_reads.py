"""Strategies and their versions, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, func, literal, select, tuple_

from domain.pages import Page, Window
from domain.strategies.model import Strategy, StrategyFilter, StrategyVersion
from domain.strategies.status import StrategyStatus
from domain.strategies.stores import VersionKey
from domain.viewer import Viewer
from persistence.access import STRATEGIES, access, belongs_to, strategies_seen, users_seen
from persistence.database import Reader, in_order
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import compiled
from persistence.search import contains, pattern
from persistence.strategies import strategy_mapped, version_mapped
from persistence.tables.projects import project_members
from persistence.tables.strategies import strategies, strategy_versions

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_NUMBERS = bindparam("numbers", type_=ARRAY(Integer))
_PROJECT = bindparam("project", type_=Uuid)
_OWNER = bindparam("owner", type_=Uuid)
_mine = project_members.alias("memberships_asked_for")

_strategies = Listing(
    strategy_mapped,
    strategies,
    sorts={"name": func.lower(strategies.c.name), "updated_at": strategies.c.updated_at},
    filters={
        "text": contains(strategies.c.name, strategies.c.description),
        "task_type": strategies.c.task_type == bindparam("task_type", type_=Text),
        "algorithm": strategies.c.algorithm == bindparam("algorithm", type_=Text),
        # An index leads to one status; several are picked out of the list.
        "status": strategies.c.status == bindparam("status", type_=Text),
        "statuses": strategies.c.status == any_(bindparam("statuses", type_=ARRAY(Text))),
        "kept": strategies.c.status != StrategyStatus.ARCHIVED,
        "tags": strategies.c.tags.bool_op("@>")(bindparam("tags", type_=ARRAY(Text))),
        # Nobody may find out by a filter what the edges `project` and `owner` would not show.
        "project": (strategies.c.project_id == _PROJECT) & belongs_to(_PROJECT, _mine),
        "owner": (strategies.c.owner_id == _OWNER) & users_seen(_OWNER, _mine),
        "any_project": strategies.c.project_id == bindparam("any_project", type_=Uuid),
        "any_owner": strategies.c.owner_id == bindparam("any_owner", type_=Uuid),
    },
    paths=STRATEGIES,
    parents={"project": strategies.c.project_id, "owner": strategies.c.owner_id},
    searches=("text", "tags"),
)
_of_seen = select(literal(1)).where(strategies.c.id == strategy_versions.c.strategy_id, strategies_seen()).exists()
_versions = Listing(
    version_mapped,
    strategy_versions,
    sorts={"version_number": strategy_versions.c.version_number},
    filters={},
    paths={"admin": EVERYTHING, "member": (Path(_of_seen),)},
    parents={"strategy": strategy_versions.c.strategy_id},
)

_by_ids = {
    "admin": compiled(select(*strategy_mapped.columns).where(strategies.c.id == any_(_IDS))),
    "member": compiled(select(*strategy_mapped.columns).where(strategies.c.id == any_(_IDS), strategies_seen())),
}
_versions_by_ids = {
    "admin": compiled(select(*version_mapped.columns).where(strategy_versions.c.id == any_(_IDS))),
    "member": compiled(select(*version_mapped.columns).where(strategy_versions.c.id == any_(_IDS), _of_seen)),
}
_at = tuple_(strategy_versions.c.strategy_id, strategy_versions.c.version_number).in_(
    select(func.unnest(_IDS), func.unnest(_NUMBERS))
)
_versions_at = {
    "admin": compiled(select(*version_mapped.columns).where(_at)),
    "member": compiled(select(*version_mapped.columns).where(_at, _of_seen)),
}


def _values(viewer: Viewer, filter: StrategyFilter) -> dict[str, object]:
    statuses, reach = filter.statuses, "any_" if viewer.is_admin else ""
    return {
        "viewer": viewer.id,
        "text": pattern(filter.text),
        "task_type": filter.task_type,
        "algorithm": filter.algorithm,
        "kept": None if statuses else True,
        "status": statuses[0] if len(statuses) == 1 else None,
        "statuses": statuses if len(statuses) > 1 else None,
        "tags": filter.tags or None,
        f"{reach}project": filter.project_id,
        f"{reach}owner": filter.owner_id,
    }


class PostgresStrategyReads:
    """Implements domain.strategies.stores.StrategyReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Strategy | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, strategy_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: StrategyFilter) -> Page[Strategy]:
        return await _strategies.page(self._reader, window, access(viewer), **_values(viewer, filter))

    async def count(self, viewer: Viewer, filter: StrategyFilter) -> int:
        return await _strategies.count(self._reader, access(viewer), **_values(viewer, filter))

    async def pages_in_projects(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: StrategyFilter
    ) -> Sequence[Page[Strategy]]:
        return await self._pages("project", viewer, ids, window, filter)

    async def counts_in_projects(self, viewer: Viewer, ids: Sequence[UUID], filter: StrategyFilter) -> Sequence[int]:
        return await self._counts("project", viewer, ids, filter)

    async def pages_of_owners(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: StrategyFilter
    ) -> Sequence[Page[Strategy]]:
        return await self._pages("owner", viewer, ids, window, filter)

    async def counts_of_owners(self, viewer: Viewer, ids: Sequence[UUID], filter: StrategyFilter) -> Sequence[int]:
        return await self._counts("owner", viewer, ids, filter)

    async def versions_by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[StrategyVersion | None]:
        records = await self._reader.rows(_versions_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, version_mapped.by("id", records))

    async def versions_at(self, viewer: Viewer, keys: Sequence[VersionKey]) -> Sequence[StrategyVersion | None]:
        ids, numbers = [key[0] for key in keys], [key[1] for key in keys]
        records = await self._reader.rows(_versions_at[access(viewer)], ids=ids, numbers=numbers, viewer=viewer.id)
        versions = version_mapped.many(records)
        found = {(version.strategy_id, version.version_number): version for version in versions}
        return [found.get(key) for key in keys]

    async def versions_of(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[StrategyVersion]]:
        return await _versions.pages_of(self._reader, "strategy", ids, window, access(viewer), viewer=viewer.id)

    async def _pages(
        self, below: str, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: StrategyFilter
    ) -> Sequence[Page[Strategy]]:
        values = _values(viewer, filter)
        return await _strategies.pages_of(self._reader, below, ids, window, access(viewer), **values)

    async def _counts(self, below: str, viewer: Viewer, ids: Sequence[UUID], filter: StrategyFilter) -> Sequence[int]:
        return await _strategies.counts_of(self._reader, below, ids, access(viewer), **_values(viewer, filter))
