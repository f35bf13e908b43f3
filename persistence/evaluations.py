"""Evaluations, written inside units of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, null, select, update

from domain.errors import Code, Refused
from domain.evaluations.model import EvaluatedModel, Evaluation, EvaluationKind
from domain.viewer import Viewer
from persistence.access import evaluations_seen, seen
from persistence.reading import Mapped
from persistence.tables.evaluations import evaluation_models, evaluations
from persistence.writing import WriteStore

evaluation_mapped = Mapped(Evaluation, evaluations, convert={"kind": EvaluationKind})
evaluated_mapped = Mapped(EvaluatedModel, evaluation_models)


def _with_id(viewer: Viewer, id: UUID) -> Select[Any]:
    return select(*evaluation_mapped.columns).where(evaluations.c.id == id, seen(viewer, evaluations_seen()))


class PostgresEvaluations(WriteStore):
    """Implements domain.evaluations.stores.EvaluationStore."""

    async def add(self, evaluation: Evaluation, models: Sequence[UUID]) -> None:
        # What is not there is NULL, and not the null of JSON.
        columns = {name: getattr(evaluation, name) for name in evaluations.c.keys()}  # noqa: SIM118 - no mapping
        await self._connection.execute(insert(evaluations).values(**columns | {"result": null()}))
        rows = [
            {"evaluation_id": evaluation.id, "place": place, "model_id": id_, "measures": null()}
            for place, id_ in enumerate(models)
        ]
        await self._connection.execute(insert(evaluation_models).values(rows))

    async def lock(self, viewer: Viewer, id: UUID) -> Evaluation:
        return await self._found(viewer, _with_id(viewer, id).with_for_update(of=evaluations))

    async def find(self, viewer: Viewer, id: UUID) -> Evaluation:
        return await self._found(viewer, _with_id(viewer, id))

    async def rename(self, id: UUID, name: str, now: datetime) -> None:
        named = update(evaluations).where(evaluations.c.id == id).values(name=name, updated_at=now)
        await self._connection.execute(named)

    async def _found(self, viewer: Viewer, statement: Select[Any]) -> Evaluation:
        row = await self._one(statement, {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such evaluation, or you may not see it.", "id")
        return evaluation_mapped.one(row)

    async def finish(
        self, id: UUID, result: Mapping[str, Any], measures: Sequence[Mapping[str, float | None]], now: datetime
    ) -> bool:
        values = {"result": dict(result), "finished_at": now, "updated_at": now}
        done = update(evaluations).where(evaluations.c.id == id).values(**values).returning(evaluations.c.id)
        if await self._one(done) is None:
            return False
        for place, each in enumerate(measures):
            of = (evaluation_models.c.evaluation_id == id) & (evaluation_models.c.place == place)
            await self._connection.execute(update(evaluation_models).where(of).values(measures=dict(each)))
        return True
