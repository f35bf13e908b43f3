"""Who may do what with a dataset that they see, and where it may lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from domain.audit import Action
from domain.datasets.model import Dataset
from domain.errors import Forbidden, Refused
from domain.projects.model import MemberRole
from domain.viewer import Viewer
from domain.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Move:
    """Into that project, or out of all projects."""

    to: UUID | None


async def editable(work: UnitOfWork, viewer: Viewer, id: UUID, *, field: str = "id") -> Dataset:
    """The dataset, held until the unit of work ends. Its owner may change it, and editors and owners of its project."""
    dataset, role = await held(work, viewer, id, field=field)
    if not (_owns(viewer, dataset) or (role and role.may_edit)):
        raise Forbidden("Only the owner of a dataset, and editors and owners of its project, may change it.")
    return dataset


async def deletable(work: UnitOfWork, viewer: Viewer, id: UUID) -> Dataset:
    dataset, role = await held(work, viewer, id)
    if not (_owns(viewer, dataset) or role is MemberRole.OWNER):
        raise Forbidden("Only the owner of a dataset, and owners of its project, may delete it.")
    return dataset


async def held(work: UnitOfWork, viewer: Viewer, id: UUID, *, field: str = "id") -> tuple[Dataset, MemberRole | None]:
    """The dataset as whoever sees it, with the viewer's role in its project. Refuses at the field that named it."""
    try:
        return await work.datasets.lock(viewer, id)
    except Refused as refused:
        raise at_field(field, refused) from refused


async def enter(work: UnitOfWork, viewer: Viewer, project_id: UUID | None) -> None:
    """Refuses, or forbids, unless the viewer may put something into this project."""
    if project_id is None:
        return
    try:
        _, role = await work.projects.lock(viewer, project_id)
    except Refused as refused:
        raise at_field("project_id", refused) from refused
    if not role.may_edit:
        raise Forbidden("Only editors and owners of a project may put datasets into it.")


async def moved(work: UnitOfWork, viewer: Viewer, dataset: Dataset, move: Move | None) -> Dataset:
    """The dataset in its new place. Other people see it there, so it is noted."""
    if move is None or move.to == dataset.project_id:
        return dataset
    await enter(work, viewer, move.to)
    before, after = {"project": shown(dataset.project_id)}, {"project": shown(move.to)}
    await work.audit.record(viewer, Action.DATASET_MOVED, of="Dataset", id=dataset.id, before=before, after=after)
    return replace(dataset, project_id=move.to)


def at_field(field: str, refused: Refused) -> Refused:
    """The same refusal, at the field of the input that named the object."""
    return Refused(*(replace(problem, field=(field,)) for problem in refused.problems))


def shown(id: UUID | None) -> str | None:
    return str(id) if id else None


def _owns(viewer: Viewer, dataset: Dataset) -> bool:
    return viewer.is_admin or dataset.owner_id == viewer.id
