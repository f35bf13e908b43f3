"""What people do with templates of their own. Those of the platform can only be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Refused
from domain.ids import new_id
from domain.projects.places import at_field
from domain.strategies.basis import Basis
from domain.strategies.changes import NewTemplate, TemplateChanges
from domain.strategies.model import StrategyTemplate
from domain.strategies.rights import must_change
from domain.text import Problems
from domain.viewer import Viewer
from domain.work import UnitOfWork, Works


class Templates:
    """Make, change and delete templates."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def create(self, viewer: Viewer, new: NewTemplate) -> StrategyTemplate:
        now = self._clock()
        async with self._works() as work:
            with Problems() as problems:
                words = problems.take(replace(new.words, name=new.words.name or "").cleaned)
                basis = await self._basis(work, viewer, new)
                config = problems.take(basis.completed, new.config if new.config is not None else {})
            template = StrategyTemplate(
                id=new_id(),
                slug=None,
                task_type=basis.task_type,
                algorithm=basis.algorithm,
                config_template=config,
                is_system=False,
                created_by=viewer.id,
                created_at=now,
                updated_at=now,
                **{"description": ""} | words,
            )
            await work.templates.add(template)
        return template

    async def update(self, viewer: Viewer, id: UUID, changes: TemplateChanges) -> StrategyTemplate:
        async with self._works() as work:
            template = await self._own(work, viewer, id)
            with Problems() as problems:
                words = problems.take(changes.words.cleaned)
                config = problems.take(_changed_config, template, changes.config)
            template = replace(template, **words, config_template=config, updated_at=self._clock())
            await work.templates.save(template)
        return template

    async def delete(self, viewer: Viewer, id: UUID) -> StrategyTemplate:
        async with self._works() as work:
            template = await self._own(work, viewer, id)
            await work.templates.delete(id)
            await work.audit.record(
                viewer, Action.TEMPLATE_DELETED, of="StrategyTemplate", id=id, before={"name": template.name}
            )
        return template

    async def _own(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> StrategyTemplate:
        template = await work.templates.lock(viewer, id)
        must_change(viewer, template)
        return template

    async def _basis(self, work: UnitOfWork, viewer: Viewer, new: NewTemplate) -> Basis:
        if new.strategy_id is None:
            return Basis.of(new.task_type, new.algorithm)
        try:
            strategy, _ = await work.strategies.lock(viewer, new.strategy_id)
        except Refused as refused:
            raise at_field("strategy_id", refused) from refused
        return Basis.from_strategy(strategy).agreeing(new.task_type, new.algorithm)


def _changed_config(template: StrategyTemplate, config: object | None) -> dict[str, Any]:
    return template.config_template if config is None else Basis.from_template(template).completed(config)
