"""Who may do what with a dataset that they see."""

from __future__ import annotations

from uuid import UUID

from domain.datasets.model import Dataset
from domain.errors import Forbidden, Refused
from domain.projects.model import MemberRole
from domain.projects.places import at_field
from domain.viewer import Viewer
from domain.work import UnitOfWork


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


def _owns(viewer: Viewer, dataset: Dataset) -> bool:
    return viewer.is_admin or dataset.owner_id == viewer.id
