"""Templates to start a strategy from: the platform's own and those of people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Text, Uuid, any_, bindparam, delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.catalogue import AlgorithmName, SystemTemplate, TaskType
from domain.errors import Code, Refused
from domain.ids import new_id
from domain.pages import Page, Window
from domain.strategies.model import StrategyTemplate, TemplateFilter
from domain.viewer import Viewer
from persistence.access import TEMPLATES, VIEWER, access, seen
from persistence.database import Reader, in_order
from persistence.listing import Listing
from persistence.reading import Mapped, compiled
from persistence.search import contains, pattern
from persistence.tables.strategies import strategy_templates
from persistence.writing import WriteStore

_mapped = Mapped(StrategyTemplate, strategy_templates, convert={"task_type": TaskType, "algorithm": AlgorithmName})
_seen = or_(strategy_templates.c.is_system, strategy_templates.c.created_by == VIEWER)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_listing = Listing(
    _mapped,
    strategy_templates,
    sorts={"name": func.lower(strategy_templates.c.name)},
    filters={
        "text": contains(strategy_templates.c.name, strategy_templates.c.description),
        "task_type": strategy_templates.c.task_type == bindparam("task_type", type_=Text),
        "algorithm": strategy_templates.c.algorithm == bindparam("algorithm", type_=Text),
        "is_system": strategy_templates.c.is_system == bindparam("is_system", type_=Boolean),
    },
    paths=TEMPLATES,
)
_by_ids = {
    "admin": compiled(select(*_mapped.columns).where(strategy_templates.c.id == any_(_IDS))),
    "member": compiled(select(*_mapped.columns).where(strategy_templates.c.id == any_(_IDS), _seen)),
}


def _values(filter: TemplateFilter) -> dict[str, object]:
    return {
        "text": pattern(filter.text),
        "task_type": filter.task_type,
        "algorithm": filter.algorithm,
        "is_system": filter.is_system,
    }


class PostgresTemplateReads:
    """Implements domain.strategies.stores.TemplateReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[StrategyTemplate | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, _mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: TemplateFilter) -> Page[StrategyTemplate]:
        return await _listing.page(self._reader, window, access(viewer), viewer=viewer.id, **_values(filter))

    async def count(self, viewer: Viewer, filter: TemplateFilter) -> int:
        return await _listing.count(self._reader, access(viewer), viewer=viewer.id, **_values(filter))


class PostgresTemplates(WriteStore):
    """Implements domain.strategies.stores.TemplateStore."""

    async def lock(self, viewer: Viewer, id: UUID) -> StrategyTemplate:
        wanted = (strategy_templates.c.id == id) & seen(viewer, _seen)
        row = await self._one(select(*_mapped.columns).where(wanted).with_for_update(), {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such template, or it is somebody else's.", "id")
        return _mapped.one(row)

    async def add(self, template: StrategyTemplate) -> None:
        await self._insert(strategy_templates, template)

    async def save(self, template: StrategyTemplate) -> None:
        await self._update(strategy_templates, template)

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(strategy_templates).where(strategy_templates.c.id == id))


async def seed_system_templates(connection: AsyncConnection, templates: Iterable[SystemTemplate]) -> None:
    """Add the platform's templates, and bring those that are there to what the code says now."""
    rows = [
        {
            "id": new_id(),
            "slug": template.slug,
            "name": template.name,
            "description": template.description,
            "task_type": template.task_type,
            "algorithm": template.algorithm,
            "config_template": template.config_template,
            "is_system": True,
        }
        for template in templates
    ]
    statement = insert(strategy_templates).values(rows)
    names = ("name", "description", "task_type", "algorithm", "config_template")
    there, ours = strategy_templates.c, statement.excluded
    differs = tuple_(*(there[name] for name in names)).is_distinct_from(tuple_(*(ours[name] for name in names)))
    changes = {name: ours[name] for name in names} | {"updated_at": func.now()}
    await connection.execute(statement.on_conflict_do_update(index_elements=["slug"], set_=changes, where=differs))
