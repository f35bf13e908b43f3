"""Models, written inside units of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Double, cast, delete, func, or_, select, update

from domain.catalogue import AlgorithmName, TaskType
from domain.errors import Code, Refused
from domain.models.model import Model, Stage, TrainedOn
from domain.projects.model import MemberRole
from domain.viewer import Viewer
from persistence.access import VIEWER, models_seen, seen
from persistence.reading import Mapped
from persistence.tables.models import models
from persistence.tables.projects import project_members
from persistence.tables.strategies import strategies
from persistence.writing import WriteStore

model_mapped = Mapped(Model, models, convert={"task_type": TaskType, "algorithm": AlgorithmName, "stage": Stage})


def _beside(some: Sequence[Model]) -> ColumnElement[bool]:
    strategies_ = {model.strategy_id for model in some}
    if len(strategies_) == 1 and None not in strategies_:
        return models.c.strategy_id.in_(strategies_)
    datasets = {model.dataset_id for model in some if model.dataset_id}
    return models.c.owner_id.in_({model.owner_id for model in some}) & models.c.dataset_id.in_(datasets)


class PostgresModels(WriteStore):
    """Implements domain.models.stores.ModelStore."""

    async def add(self, model: Model, card: Mapping[str, Any]) -> None:
        await self._insert(models, model, card=dict(card))

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Model, MemberRole | None]:
        # The strategy is held before its models, here as by whoever deletes it; a training may add one meanwhile.
        of = select(models.c.strategy_id).where(models.c.id == id).scalar_subquery()
        await self._connection.execute(
            select(strategies.c.id).where(strategies.c.id == of).with_for_update(key_share=True)
        )
        role, place = project_members.c.role, strategies.c.project_id
        membership = (project_members.c.project_id == place) & (project_members.c.user_id == VIEWER)
        joined = models.outerjoin(strategies, strategies.c.id == models.c.strategy_id)
        statement = (
            select(*model_mapped.columns, role)
            .select_from(joined.outerjoin(project_members, membership))
            .where(models.c.id == id, seen(viewer, or_(models.c.owner_id == VIEWER, role.is_not(None))))
            .with_for_update(of=models)
        )
        row = await self._one(statement, {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such model, or you may not see it.", "id")
        return model_mapped.one(row), MemberRole(row.role) if row.role else None

    async def set_stage(self, id: UUID, stage: Stage, now: datetime) -> None:
        await self._change(id, stage=stage, updated_at=now)

    async def rename(self, id: UUID, name: str, now: datetime) -> None:
        await self._change(id, name=name, updated_at=now)

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(models).where(models.c.id == id))

    async def of_job(self, job_id: UUID) -> Sequence[Model]:
        made = select(*model_mapped.columns).where(models.c.job_id == job_id)
        rows = await self._connection.execute(made.with_for_update())
        return model_mapped.many(rows.all())

    async def trained_on(self, ids: Sequence[UUID]) -> Mapping[UUID, TrainedOn]:
        symbols, features = models.c.card[("market", "symbols")], models.c.card[("features", "names")]
        # Not the whole card, which is large.
        told = select(models.c.id, symbols.label("symbols"), features.label("features")).where(models.c.id.in_(ids))
        rows = (await self._connection.execute(told)).all()
        return {row.id: TrainedOn(tuple(row.symbols or ()), tuple(row.features or ())) for row in rows}

    async def tried(self, viewer: Viewer, beside: Sequence[Model], most: int) -> Sequence[float]:
        a_year = cast(models.c.card[("market", "bars_per_year")].astext, Double)
        ratio = cast(models.c.measures[("test", "sharpe")].astext, Double) / func.sqrt(func.nullif(a_year, 0.0))
        # Which ones first: cards are large, and are read only of these.
        near = select(models.c.id).where(_beside(beside), seen(viewer, models_seen()))
        latest = near.order_by(models.c.id.desc()).limit(most).subquery("latest")
        these = or_(models.c.id.in_(select(latest.c.id)), models.c.id.in_([model.id for model in beside]))
        found = await self._connection.execute(
            select(ratio).where(these).order_by(models.c.id.desc()), {"viewer": viewer.id}
        )
        return [float(value) for value in found.scalars() if value is not None]

    async def in_production(self, strategy_id: UUID) -> Sequence[Model]:
        wanted = (models.c.strategy_id == strategy_id) & (models.c.stage == Stage.PRODUCTION)
        rows = await self._connection.execute(select(*model_mapped.columns).where(wanted).with_for_update())
        return model_mapped.many(rows.all())

    async def _change(self, id: UUID, **values: object) -> None:
        await self._connection.execute(update(models).where(models.c.id == id).values(**values))
