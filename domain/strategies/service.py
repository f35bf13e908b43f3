"""What people do with strategies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Refused
from domain.ids import new_id
from domain.projects.places import at_field, enter, moved, shown
from domain.strategies import versions
from domain.strategies.basis import Basis
from domain.strategies.changes import NewStrategy, StrategyChanges, Words, message_or
from domain.strategies.model import Strategy
from domain.strategies.rights import must_delete, must_edit
from domain.strategies.rules import MAX_NAME, clean_name
from domain.strategies.status import StrategyAction, StrategyStatus, next_status
from domain.text import Problems
from domain.viewer import Viewer
from domain.work import UnitOfWork, Works

_IN_USE = frozenset({StrategyStatus.ACTIVE, StrategyStatus.PAUSED})
_COPY = " copy"


class Strategies:
    """Create, change, archive, clone and delete strategies, and bring back old versions of them."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def create(self, viewer: Viewer, new: NewStrategy) -> Strategy:
        async with self._works() as work:
            with Problems() as problems:
                words = problems.take(replace(new.words, name=new.words.name or "").cleaned)
                message = problems.take(message_or, new.message, "First version")
                basis = await self._basis(work, viewer, new)
                config = problems.take(basis.completed, new.config if new.config is not None else {})
                await enter(work, viewer, new.project_id)
            strategy = self._made(viewer, basis, project_id=new.project_id, config=config, **words)
            await self._add(work, viewer, strategy, message)
        return strategy

    async def update(self, viewer: Viewer, id: UUID, changes: StrategyChanges) -> Strategy:
        now = self._clock()
        async with self._works() as work:
            strategy = await self._editable(work, viewer, id)
            versions.must_stand_at(strategy, changes.expected_version)
            with Problems() as problems:
                words = problems.take(changes.words.cleaned)
                message = problems.take(message_or, changes.message, "")
                config = problems.take(_changed_config, strategy, changes.config)
                changed = await moved(work, viewer, strategy, changes.move, Action.STRATEGY_MOVED)
            changed = await versions.with_config(work, viewer, changed, config, message=message, now=now)
            changed = replace(changed, **words, updated_at=now)
            await work.strategies.save(changed)
        return changed

    async def archive(self, viewer: Viewer, id: UUID) -> Strategy:
        return await self._step(viewer, id, StrategyAction.ARCHIVE)

    async def restore(self, viewer: Viewer, id: UUID) -> Strategy:
        """Out of the archive, as a draft."""
        return await self._step(viewer, id, StrategyAction.RESTORE)

    async def delete(self, viewer: Viewer, id: UUID) -> Strategy:
        async with self._works() as work:
            strategy, role = await work.strategies.lock(viewer, id)
            must_delete(viewer, strategy, role)
            if strategy.status in _IN_USE:
                message = f"This strategy is {strategy.status.value}. Stop it first, then delete it."
                raise Refused.because(Code.WRONG_STATE, message, "id")
            await _must_be_free(work, id)
            await work.strategies.delete(id)
            before = {"name": strategy.name, "owner": str(strategy.owner_id), "project": shown(strategy.project_id)}
            await work.audit.record(viewer, Action.STRATEGY_DELETED, of="Strategy", id=id, before=before)
        return strategy

    async def clone(
        self, viewer: Viewer, id: UUID, *, name: str | None = None, project_id: UUID | None = None
    ) -> Strategy:
        """A copy that belongs to the viewer, whoever owns the original; it starts its own versions."""
        async with self._works() as work:
            # The project first: whoever deletes it holds it, and then wants the strategies in it.
            await enter(work, viewer, project_id)
            source, _ = await work.strategies.lock(viewer, id)
            own = clean_name(_copy_of(source.name) if name is None else name)
            copied = {"description": source.description, "tags": source.tags, "tm_config": source.tm_config}
            basis = Basis.from_strategy(source)
            strategy = self._made(viewer, basis, project_id=project_id, config=source.config, name=own, **copied)
            await self._add(work, viewer, strategy, f"Clone of {source.name}, version {source.version}")
        return strategy

    async def restore_version(self, viewer: Viewer, id: UUID, number: int, message: str | None = None) -> Strategy:
        """An old configuration as a new version."""
        now = self._clock()
        async with self._works() as work:
            strategy = await self._editable(work, viewer, id)
            said = message_or(message, f"Restored version {number}")
            version = await versions.present(work, strategy, number)
            config = replace(Basis.from_strategy(strategy), config={}).completed(version.config)
            changed = await versions.with_config(work, viewer, strategy, config, message=said, now=now)
            changed = replace(changed, updated_at=now)
            await work.strategies.save(changed)
        return changed

    # Parts

    async def _basis(self, work: UnitOfWork, viewer: Viewer, new: NewStrategy) -> Basis:
        if new.template_id is None:
            return Basis.of(new.task_type, new.algorithm)
        try:
            template = await work.templates.lock(viewer, new.template_id)
        except Refused as refused:
            raise at_field("template_id", refused) from refused
        return Basis.from_template(template).agreeing(new.task_type, new.algorithm)

    def _made(self, viewer: Viewer, basis: Basis, **values: Any) -> Strategy:
        now = self._clock()
        blank = {"description": "", "tags": (), "tm_config": {}}
        return Strategy(
            id=new_id(),
            owner_id=viewer.id,
            task_type=basis.task_type,
            algorithm=basis.algorithm,
            status=StrategyStatus.DRAFT,
            version=1,
            created_at=now,
            updated_at=now,
            **blank | values,
        )

    async def _add(self, work: UnitOfWork, viewer: Viewer, strategy: Strategy, message: str) -> None:
        await work.strategies.add(strategy)
        await versions.record(work, viewer, strategy, message, strategy.created_at)

    async def _editable(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> Strategy:
        strategy, role = await work.strategies.lock(viewer, id)
        must_edit(viewer, strategy, role)
        if strategy.status is StrategyStatus.ARCHIVED:
            message = "This strategy is archived. Restore it first, then change it."
            raise Refused.because(Code.WRONG_STATE, message, "id")
        return strategy

    async def _step(self, viewer: Viewer, id: UUID, action: StrategyAction) -> Strategy:
        async with self._works() as work:
            strategy, role = await work.strategies.lock(viewer, id)
            must_edit(viewer, strategy, role)
            changed = replace(strategy, status=next_status(strategy.status, action), updated_at=self._clock())
            await work.strategies.save(changed)
        return changed


async def _must_be_free(work: UnitOfWork, id: UUID) -> None:
    """Its trainings and models go with it. The caller holds it, so nothing begins meanwhile."""
    if await work.jobs.open_of_strategy(id):
        message = "A training of this strategy is not over. Wait for its end or cancel it, then delete the strategy."
        raise Refused.because(Code.WRONG_STATE, message, "id")
    if await work.models.in_production(id):
        message = "A model of this strategy is in production. Give it another stage first, then delete the strategy."
        raise Refused.because(Code.WRONG_STATE, message, "id")


def _copy_of(name: str) -> str:
    return name[: MAX_NAME - len(_COPY)].rstrip() + _COPY


def _changed_config(strategy: Strategy, config: object | None) -> dict[str, Any]:
    return strategy.config if config is None else Basis.from_strategy(strategy).completed(config)


__all__ = ["NewStrategy", "Strategies", "StrategyChanges", "Words"]
