"""Where a strategy lies: in a project, whose members see it, or with its owner alone."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from domain.audit import Action
from domain.errors import Forbidden, Refused
from domain.strategies.changes import Move
from domain.strategies.model import Strategy
from domain.viewer import Viewer
from domain.work import UnitOfWork


async def enter(work: UnitOfWork, viewer: Viewer, project_id: UUID | None) -> None:
    """Refuses, or forbids, unless the viewer may put something into this project."""
    if project_id is None:
        return
    try:
        _, role = await work.projects.lock(viewer, project_id)
    except Refused as refused:
        raise at_field("project_id", refused) from refused
    if not role.may_edit:
        raise Forbidden("Only editors and owners of a project may put strategies into it.")


async def moved(work: UnitOfWork, viewer: Viewer, strategy: Strategy, move: Move | None) -> Strategy:
    """The strategy in its new place. Other people see it there, so it is noted."""
    if move is None or move.to == strategy.project_id:
        return strategy
    await enter(work, viewer, move.to)
    before, after = {"project": shown(strategy.project_id)}, {"project": shown(move.to)}
    await work.audit.record(viewer, Action.STRATEGY_MOVED, of="Strategy", id=strategy.id, before=before, after=after)
    return replace(strategy, project_id=move.to)


def at_field(field: str, refused: Refused) -> Refused:
    """The same refusal, at the field of the input that named the object."""
    return Refused(*(replace(problem, field=(field,)) for problem in refused.problems))


def shown(id: UUID | None) -> str | None:
    return str(id) if id else None
