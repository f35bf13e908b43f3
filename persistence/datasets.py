"""Datasets and the uploads that are meant for them, written inside units of work."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.datasets.model import Dataset, DatasetStatus, DataType, Papers, Upload
from domain.errors import Code, Refused
from domain.jobs.status import OF_DATASETS
from domain.projects.model import MemberRole
from domain.viewer import Viewer
from persistence.access import VIEWER, seen
from persistence.reading import Mapped
from persistence.tables.datasets import dataset_uploads, datasets
from persistence.tables.jobs import jobs
from persistence.tables.projects import project_members
from persistence.writing import WriteStore

dataset_mapped = Mapped(Dataset, datasets, convert={"data_type": DataType, "status": DatasetStatus, "tags": tuple})
papers_mapped = Mapped(Papers, datasets)
upload_mapped = Mapped(Upload, dataset_uploads)


class PostgresDatasets(WriteStore):
    """Implements domain.datasets.stores.DatasetStore."""

    async def lock(self, viewer: Viewer, id: UUID) -> tuple[Dataset, MemberRole | None]:
        role = project_members.c.role
        membership = (project_members.c.project_id == datasets.c.project_id) & (project_members.c.user_id == VIEWER)
        statement = (
            select(*dataset_mapped.columns, role)
            .select_from(datasets.outerjoin(project_members, membership))
            .where(datasets.c.id == id, seen(viewer, or_(datasets.c.owner_id == VIEWER, role.is_not(None))))
            .with_for_update(of=datasets)
        )
        row = await self._one(statement, {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such dataset, or you may not see it.", "id")
        return dataset_mapped.one(row), MemberRole(row.role) if row.role else None

    async def hold(self, id: UUID) -> Dataset | None:
        return await self._first(select(*dataset_mapped.columns).where(datasets.c.id == id).with_for_update())

    async def add(self, dataset: Dataset, papers: Papers, key: str | None = None) -> bool:
        values = asdict(dataset) | _papers(papers) | {"tags": list(dataset.tags), "idempotency_key": key}
        statement = insert(datasets).values(**values).on_conflict_do_nothing().returning(datasets.c.id)
        return await self._one(statement) is not None

    async def made_with(self, owner_id: UUID, key: str) -> Dataset | None:
        wanted = (datasets.c.owner_id == owner_id) & (datasets.c.idempotency_key == key)
        return await self._first(select(*dataset_mapped.columns).where(wanted))

    async def save(self, dataset: Dataset) -> None:
        await self._update(datasets, dataset)

    async def papers(self, id: UUID) -> Papers:
        row = await self._one(select(*papers_mapped.columns).where(datasets.c.id == id))
        return papers_mapped.one(row) if row else Papers(id)

    async def save_papers(self, papers: Papers) -> None:
        await self._connection.execute(update(datasets).where(datasets.c.id == papers.id).values(**_papers(papers)))

    async def delete(self, id: UUID) -> None:
        # Jobs that only trained on it outlive it: they have its data.
        its_own = (jobs.c.dataset_id == id) & jobs.c.kind.in_(OF_DATASETS)
        await self._connection.execute(delete(jobs).where(its_own))
        await self._connection.execute(delete(datasets).where(datasets.c.id == id))

    async def _first(self, statement: Select[Any]) -> Dataset | None:
        row = await self._one(statement)
        return dataset_mapped.one(row) if row else None


class PostgresUploads(WriteStore):
    """Implements domain.datasets.stores.UploadStore."""

    async def add(self, upload: Upload, key: str | None = None) -> bool:
        statement = insert(dataset_uploads).values(**asdict(upload), idempotency_key=key)
        return await self._one(statement.on_conflict_do_nothing().returning(dataset_uploads.c.id)) is not None

    async def asked_with(self, user_id: UUID, key: str) -> Upload | None:
        wanted = (dataset_uploads.c.user_id == user_id) & (dataset_uploads.c.idempotency_key == key)
        return await self._first(select(*upload_mapped.columns).where(wanted))

    async def lock(self, id: UUID) -> Upload | None:
        # The dataset is held before what is promised to it, here as everywhere: whoever deletes it holds it first.
        of = select(dataset_uploads.c.dataset_id).where(dataset_uploads.c.id == id).scalar_subquery()
        await self._connection.execute(select(datasets.c.id).where(datasets.c.id == of).with_for_update())
        wanted = select(*upload_mapped.columns).where(dataset_uploads.c.id == id)
        return await self._first(wanted.with_for_update())

    async def done(self, id: UUID, at: datetime) -> None:
        await self._connection.execute(update(dataset_uploads).where(dataset_uploads.c.id == id).values(done_at=at))

    async def _first(self, statement: Select[Any]) -> Upload | None:
        row = await self._one(statement)
        return upload_mapped.one(row) if row else None


def _papers(papers: Papers) -> dict[str, Any]:
    """Columns; what is not there is NULL, and not the null of JSON."""
    values = {name: null() if value is None else value for name, value in asdict(papers).items()}
    values.pop("id")
    return values
