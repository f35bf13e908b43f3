"""Models, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, select

from domain.models.model import Model, Stage
from domain.models.stores import ModelFilter
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import MODELS, access, models_seen
from persistence.database import Reader, in_order
from persistence.listing import Listing
from persistence.models import model_mapped
from persistence.reading import Query, compiled
from persistence.search import contains, pattern
from persistence.tables.models import models

_IDS = bindparam("ids", type_=ARRAY(Uuid))

_models = Listing(
    model_mapped,
    models,
    sorts={"best_score": models.c.best_score},
    filters={
        "text": contains(models.c.name),
        "task_type": models.c.task_type == bindparam("task_type", type_=Text),
        "algorithm": models.c.algorithm == bindparam("algorithm", type_=Text),
        "stages": models.c.stage == any_(bindparam("stages", type_=ARRAY(Text))),
        "kept": models.c.stage != Stage.ARCHIVED.value,
        # Who may see a model may know what made it, since its card says so.
        "strategy": models.c.strategy_id == bindparam("strategy", type_=Uuid),
        "dataset": models.c.dataset_id == bindparam("dataset", type_=Uuid),
        "job": models.c.job_id == bindparam("job", type_=Uuid),
    },
    paths=MODELS,
    parents={"strategy": models.c.strategy_id, "dataset": models.c.dataset_id},
)


def _both(statement: Select[Any]) -> dict[str, Query]:
    """For an admin, and for those who see some of it."""
    return {"admin": compiled(statement), "member": compiled(statement.where(models_seen()))}


_by_ids = _both(select(*model_mapped.columns).where(models.c.id == any_(_IDS)))
_of_jobs = _both(select(*model_mapped.columns).where(models.c.job_id == any_(_IDS)).order_by(models.c.id))
_cards = _both(select(models.c.id, models.c.card).where(models.c.id == any_(_IDS)))


def _values(viewer: Viewer, filter: ModelFilter) -> dict[str, object]:
    return {
        "viewer": viewer.user_id,
        "text": pattern(filter.text),
        "task_type": filter.task_type,
        "algorithm": filter.algorithm,
        "kept": None if filter.stages else True,
        "stages": filter.stages or None,
        "strategy": filter.strategy_id,
        "dataset": filter.dataset_id,
        "job": filter.job_id,
    }


class PostgresModelReads:
    """Implements domain.models.stores.ModelReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Model | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, model_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: ModelFilter) -> Page[Model]:
        return await _models.page(self._reader, window, access(viewer), **_values(viewer, filter))

    async def count(self, viewer: Viewer, filter: ModelFilter) -> int:
        return await _models.count(self._reader, access(viewer), **_values(viewer, filter))

    async def cards(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[dict[str, Any] | None]:
        records = await self._reader.rows(_cards[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, {record[0]: record[1] for record in records})

    async def of_jobs(self, viewer: Viewer, job_ids: Sequence[UUID]) -> Sequence[Model | None]:
        records = await self._reader.rows(_of_jobs[access(viewer)], ids=job_ids, viewer=viewer.user_id)
        return in_order(job_ids, model_mapped.by("job_id", records))

    async def pages_of_strategies(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Model]]:
        return await self._pages("strategy", viewer, ids, window)

    async def counts_of_strategies(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await self._counts("strategy", viewer, ids)

    async def pages_of_datasets(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Model]]:
        return await self._pages("dataset", viewer, ids, window)

    async def counts_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await self._counts("dataset", viewer, ids)

    async def _pages(self, below: str, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Model]]:
        values = _values(viewer, ModelFilter(stages=tuple(Stage)))
        return await _models.pages_of(self._reader, below, ids, window, access(viewer), **values)

    async def _counts(self, below: str, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        values = _values(viewer, ModelFilter(stages=tuple(Stage)))
        return await _models.counts_of(self._reader, below, ids, access(viewer), **values)
