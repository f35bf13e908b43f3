"""Evaluations, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, select

from domain.evaluations.model import EvaluatedModel, Evaluation, EvaluationKind
from domain.evaluations.stores import EvaluationFilter
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import EVALUATIONS, access, evaluations_seen
from persistence.database import Reader, in_order
from persistence.evaluations import evaluated_mapped, evaluation_mapped
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import Mapped, Query, compiled
from persistence.search import contains, pattern
from persistence.tables.evaluations import evaluation_models, evaluations

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_MODEL = bindparam("model", type_=Uuid)

_of_model = select(evaluation_models.c.evaluation_id).where(evaluation_models.c.model_id == _MODEL)

_evaluations = Listing(
    evaluation_mapped,
    evaluations,
    sorts={},
    filters={
        "kind": evaluations.c.kind == bindparam("kind", type_=Text),
        # Who may see an evaluation may know what it is of, since its parameters say so.
        "model": evaluations.c.id.in_(_of_model),
        "dataset": evaluations.c.dataset_id == bindparam("dataset", type_=Uuid),
        "text": contains(evaluations.c.name),
    },
    paths=EVALUATIONS,
)

_joined = evaluations.join(evaluation_models, evaluation_models.c.evaluation_id == evaluations.c.id)


def _both(statement: Select[Any]) -> dict[str, Query]:
    """For an admin, and for those who see some of it."""
    return {"admin": compiled(statement), "member": compiled(statement.where(evaluations_seen()))}


_by_ids = _both(select(*evaluation_mapped.columns).where(evaluations.c.id == any_(_IDS)))
_of_jobs = _both(select(*evaluation_mapped.columns).where(evaluations.c.job_id == any_(_IDS)))
_models_of = _both(
    select(*evaluated_mapped.columns)
    .select_from(_joined)
    .where(evaluations.c.id == any_(_IDS))
    .order_by(evaluation_models.c.evaluation_id, evaluation_models.c.place)
)


_of_models = (
    select(*evaluations.c, evaluation_models.c.model_id)
    .join_from(evaluation_models, evaluations, evaluations.c.id == evaluation_models.c.evaluation_id)
    .subquery("evaluations_of_models")
)
_below_models = Listing(
    Mapped(Evaluation, _of_models, convert={"kind": EvaluationKind}),
    _of_models,
    sorts={},
    filters={},
    paths={"admin": EVERYTHING, "member": (Path(evaluations_seen(_of_models)),)},
    parents={"model": _of_models.c.model_id},
)


def _values(viewer: Viewer, filter: EvaluationFilter) -> dict[str, object]:
    return {
        "viewer": viewer.user_id,
        "kind": filter.kind,
        "model": filter.model_id,
        "dataset": filter.dataset_id,
        "text": pattern(filter.text),
    }


class PostgresEvaluationReads:
    """Implements domain.evaluations.stores.EvaluationReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Evaluation | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.user_id)
        return in_order(ids, evaluation_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: EvaluationFilter) -> Page[Evaluation]:
        return await _evaluations.page(self._reader, window, access(viewer), **_values(viewer, filter))

    async def count(self, viewer: Viewer, filter: EvaluationFilter) -> int:
        return await _evaluations.count(self._reader, access(viewer), **_values(viewer, filter))

    async def of_jobs(self, viewer: Viewer, job_ids: Sequence[UUID]) -> Sequence[Evaluation | None]:
        records = await self._reader.rows(_of_jobs[access(viewer)], ids=job_ids, viewer=viewer.user_id)
        return in_order(job_ids, evaluation_mapped.by("job_id", records))

    async def models_of(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Sequence[EvaluatedModel]]:
        records = await self._reader.rows(_models_of[access(viewer)], ids=ids, viewer=viewer.user_id)
        found: dict[UUID, list[EvaluatedModel]] = {id_: [] for id_ in ids}
        for each in evaluated_mapped.many(records):
            found[each.evaluation_id].append(each)
        return [found[id_] for id_ in ids]

    async def pages_of_models(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Evaluation]]:
        return await _below_models.pages_of(self._reader, "model", ids, window, access(viewer), viewer=viewer.user_id)

    async def counts_of_models(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await _below_models.counts_of(self._reader, "model", ids, access(viewer), viewer=viewer.user_id)
