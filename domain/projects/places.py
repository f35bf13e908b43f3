"""Where a thing lies: in a project, whose members see it, or with its owner alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from domain.audit import Action
from domain.errors import Forbidden, Refused
from domain.viewer import Viewer

if TYPE_CHECKING:
    from domain.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Move:
    """Into that project, or out of all projects."""

    to: UUID | None


class Placed(Protocol):
    """A dataclass of something that may lie in a project."""

    @property
    def id(self) -> UUID: ...
    @property
    def project_id(self) -> UUID | None: ...


Thing = TypeVar("Thing", bound=Placed)


async def enter(work: UnitOfWork, viewer: Viewer, project_id: UUID | None) -> None:
    """Refuses, or forbids, unless the viewer may put something into this project."""
    if project_id is None:
        return
    try:
        _, role = await work.projects.lock(viewer, project_id)
    except Refused as refused:
        raise at_field("project_id", refused) from refused
    if not role.may_edit:
        raise Forbidden("Only editors and owners of a project may put something into it.")


async def moved(work: UnitOfWork, viewer: Viewer, thing: Thing, move: Move | None, noting: Action) -> Thing:
    """The thing in its new place. Other people see it there, so it is noted."""
    if move is None or move.to == thing.project_id:
        return thing
    await enter(work, viewer, move.to)
    before, after = {"project": shown(thing.project_id)}, {"project": shown(move.to)}
    await work.audit.record(viewer, noting, of=type(thing).__name__, id=thing.id, before=before, after=after)
    there: Any = thing
    result: Thing = replace(there, project_id=move.to)
    return result


def at_field(field: str, refused: Refused) -> Refused:
    """The same refusal, at the field of the input that named the object."""
    return Refused(*(replace(problem, field=(field,)) for problem in refused.problems))


def shown(id: UUID | None) -> str | None:
    return str(id) if id else None
