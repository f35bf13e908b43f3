"""Who may still see what they watch: all watchers of a process in one question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    FromClause,
    Table,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.sql import visitors

from domain.live import Sights, Wanted
from domain.viewer import Role
from persistence.access import VIEWER, belongs_to, datasets_seen, jobs_seen, strategies_seen
from persistence.database import Reader
from persistence.reading import Query, compiled
from persistence.tables.datasets import datasets
from persistence.tables.jobs import jobs
from persistence.tables.projects import projects
from persistence.tables.strategies import strategies
from persistence.tables.users import users

_PEOPLE, _SUBJECTS = (bindparam(name, type_=ARRAY(Uuid)) for name in ("people", "subjects"))
_ROLES = compiled(select(users.c.id, users.c.role).where(users.c.id == any_(_PEOPLE), users.c.is_active))


def _pairs() -> FromClause:
    person, subject = column("person", Uuid), column("subject", Uuid)
    return func.unnest(_PEOPLE, _SUBJECTS).table_valued(person, subject, name="watched").render_derived()


def _of(seen: ColumnElement[bool], person: ColumnElement[Any]) -> ColumnElement[bool]:
    """The same condition for somebody in a column instead of one viewer."""

    def replaced(element: Any, **_: Any) -> Any:
        return person if isinstance(element, BindParameter) and element.key == VIEWER.key else None

    return visitors.replacement_traverse(seen, {}, replaced)


def _still_seen(table: Table, seen: ColumnElement[bool], changed_at: ColumnElement[Any]) -> Query:
    pairs = _pairs()
    rights = or_(users.c.role == Role.ADMIN.value, _of(seen, pairs.c.person))
    return compiled(
        select(pairs.c.person, pairs.c.subject, changed_at)
        .select_from(pairs.join(users, users.c.id == pairs.c.person).join(table, table.c.id == pairs.c.subject))
        .where(users.c.is_active, rights)
    )


# A job tells of its changes itself.
_JOBS = _still_seen(jobs, jobs_seen(), null())
_STRATEGIES = _still_seen(strategies, strategies_seen(), strategies.c.updated_at)
_DATASETS = _still_seen(datasets, datasets_seen(), datasets.c.updated_at)
_PROJECTS = _still_seen(projects, belongs_to(projects.c.id), null())


class PostgresLook:
    """Implements domain.live.Look."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def __call__(self, wanted: Wanted) -> Sights:
        roles = await self._reader.rows(_ROLES, people=list(wanted.people))
        seen = [
            *await self._seen(_JOBS, wanted.jobs),
            *await self._seen(_STRATEGIES, wanted.strategies),
            *await self._seen(_DATASETS, wanted.datasets),
            *await self._seen(_PROJECTS, wanted.projects),
        ]
        return Sights(
            {record[0]: Role(record[1]) for record in roles}, {(record[0], record[1]): record[2] for record in seen}
        )

    async def _seen(self, query: Query, pairs: Iterable[tuple[UUID, UUID]]) -> Iterable[Any]:
        people, subjects = zip(*pairs, strict=True) if pairs else ((), ())
        if not people:
            return ()
        return await self._reader.rows(query, people=list(people), subjects=list(subjects))
