"""Datasets, read in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, any_, bindparam, func, select

from domain.datasets.model import Dataset, DatasetFilter, Files, Papers, Part
from domain.datasets.states import KIND
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import DATASETS, access, belongs_to, datasets_seen
from persistence.database import Reader, in_order
from persistence.datasets import dataset_mapped, papers_mapped
from persistence.listing import Listing
from persistence.reading import Query, compiled
from persistence.search import contains, pattern
from persistence.tables.blobs import blob_uses, blobs
from persistence.tables.datasets import datasets
from persistence.tables.projects import project_members

_IDS = bindparam("ids", type_=ARRAY(Uuid))
_PROJECT = bindparam("project", type_=Uuid)
_mine = project_members.alias("memberships_asked_for")

_datasets = Listing(
    dataset_mapped,
    datasets,
    sorts={"name": func.lower(datasets.c.name)},
    filters={
        "text": contains(datasets.c.name, datasets.c.description),
        "data_type": datasets.c.data_type == bindparam("data_type", type_=Text),
        "statuses": datasets.c.status == any_(bindparam("statuses", type_=ARRAY(Text))),
        "tags": datasets.c.tags.bool_op("@>")(bindparam("tags", type_=ARRAY(Text))),
        # Nobody may find out by a filter what the edge `project` would not show.
        "project": (datasets.c.project_id == _PROJECT) & belongs_to(_PROJECT, _mine),
        "any_project": datasets.c.project_id == bindparam("any_project", type_=Uuid),
    },
    paths=DATASETS,
    parents={"parent": datasets.c.parent_id, "project": datasets.c.project_id},
    searches=("text", "tags"),
)


def _both(statement: Select[Any]) -> dict[str, Query]:
    """For an admin, and for those who see some of it."""
    return {"admin": compiled(statement), "member": compiled(statement.where(datasets_seen()))}


_by_ids = _both(select(*dataset_mapped.columns).where(datasets.c.id == any_(_IDS)))
_papers = _both(select(*papers_mapped.columns).where(datasets.c.id == any_(_IDS)))
_parts = datasets.outerjoin(
    blob_uses, (blob_uses.c.owner_id == datasets.c.id) & (blob_uses.c.owner_kind == KIND)
).outerjoin(blobs, blobs.c.sha256 == blob_uses.c.sha256)
_files = _both(
    select(datasets.c.id, blob_uses.c.part, blobs.c.size).select_from(_parts).where(datasets.c.id == any_(_IDS))
)


def _values(viewer: Viewer, filter: DatasetFilter) -> dict[str, object]:
    return {
        "viewer": viewer.id,
        "text": pattern(filter.text),
        "data_type": filter.data_type,
        "statuses": filter.statuses or None,
        "tags": filter.tags or None,
        "any_project" if viewer.is_admin else "project": filter.project_id,
    }


class PostgresDatasetReads:
    """Implements domain.datasets.stores.DatasetReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Dataset | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, dataset_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: DatasetFilter) -> Page[Dataset]:
        return await _datasets.page(self._reader, window, access(viewer), **_values(viewer, filter))

    async def count(self, viewer: Viewer, filter: DatasetFilter) -> int:
        return await _datasets.count(self._reader, access(viewer), **_values(viewer, filter))

    async def pages_of_parents(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Dataset]]:
        return await self._pages("parent", viewer, ids, window, DatasetFilter())

    async def counts_of_parents(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await self._counts("parent", viewer, ids, DatasetFilter())

    async def pages_in_projects(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: DatasetFilter
    ) -> Sequence[Page[Dataset]]:
        return await self._pages("project", viewer, ids, window, filter)

    async def counts_in_projects(self, viewer: Viewer, ids: Sequence[UUID], filter: DatasetFilter) -> Sequence[int]:
        return await self._counts("project", viewer, ids, filter)

    async def papers(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Papers | None]:
        records = await self._reader.rows(_papers[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, papers_mapped.by("id", records))

    async def files(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Files | None]:
        records = await self._reader.rows(_files[access(viewer)], ids=ids, viewer=viewer.id)
        found: dict[UUID, dict[str, int]] = {}
        for id_, part, size in records:
            found.setdefault(id_, {})[part] = size
        return in_order(ids, {id_: _sizes(parts) for id_, parts in found.items()})

    async def _pages(
        self, below: str, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: DatasetFilter
    ) -> Sequence[Page[Dataset]]:
        values = _values(viewer, filter)
        return await _datasets.pages_of(self._reader, below, ids, window, access(viewer), **values)

    async def _counts(self, below: str, viewer: Viewer, ids: Sequence[UUID], filter: DatasetFilter) -> Sequence[int]:
        return await _datasets.counts_of(self._reader, below, ids, access(viewer), **_values(viewer, filter))


def _sizes(parts: dict[str, int]) -> Files:
    return Files(parts.get(Part.ORIGINAL), parts.get(Part.CANONICAL))
