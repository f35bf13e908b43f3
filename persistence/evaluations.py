"""Evaluations, written inside units of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, null, select, update

from domain.errors import Code, Refused
from domain.evaluations.model import EvaluatedModel, Evaluation, EvaluationKind
from domain.viewer import Viewer
from persistence.access import evaluations_seen, seen
from persistence.reading import Mapped
from persistence.tables.evaluations import evaluation_models, evaluations
from persistence.writing import WriteStore

evaluation_mapped = Mapped(Evaluation, evaluations, convert={"kind": EvaluationKind})
evaluated_mapped = Mapped(EvaluatedModel, evaluation_models)


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
        statement = select(*evaluation_mapped.columns).where(evaluations.c.id == id, seen(viewer, evaluations_seen()))
        row = await self._one(statement.with_for_update(of=evaluations), {"viewer": viewer.id})
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
