"""Jobs in Postgres: every step one guarded UPDATE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, cast, delete, func, literal, or_, select, update

from domain.errors import Code, Refused
from domain.jobs.model import Job
from domain.jobs.service import RUN
from domain.jobs.status import JobKind, JobStatus
from domain.viewer import Viewer
from persistence.access import VIEWER, belongs_to, seen
from persistence.reading import Mapped
from persistence.tables.datasets import datasets
from persistence.tables.jobs import is_open, jobs
from persistence.tables.system import outbox
from persistence.writing import WriteStore

job_mapped = Mapped(Job, jobs, convert={"kind": JobKind, "status": JobStatus})


def jobs_seen() -> ColumnElement[bool]:
    """One's own, and those about a dataset in a project one belongs to."""
    shared = select(datasets.c.id).where(datasets.c.id == jobs.c.dataset_id, belongs_to(datasets.c.project_id))
    return or_(jobs.c.owner_id == VIEWER, shared.exists())


class PostgresJobs(WriteStore):
    """Implements domain.jobs.stores.JobStore."""

    async def add(self, job: Job) -> None:
        await self._insert(jobs, job)

    async def lock(self, viewer: Viewer, id: UUID) -> Job:
        statement = select(*job_mapped.columns).where(jobs.c.id == id, seen(viewer, jobs_seen())).with_for_update()
        row = await self._one(statement, {} if viewer.is_admin else {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such job, or you may not see it.", "id")
        return job_mapped.one(row)

    async def get(self, id: UUID) -> Job | None:
        row = await self._one(select(*job_mapped.columns).where(jobs.c.id == id))
        return job_mapped.one(row) if row else None

    async def start(self, id: UUID, now: datetime) -> Job | None:
        values = {
            "status": JobStatus.RUNNING,
            "attempt": jobs.c.attempt + 1,
            "started_at": func.coalesce(jobs.c.started_at, now),
            "progress": 0.0,
            "updated_at": now,
        }
        return await self._stepped((jobs.c.id == id) & is_open, values)

    async def advance(self, id: UUID, attempt: int, progress: float, now: datetime) -> bool:
        values = {"progress": progress, "updated_at": now}
        return await self._stepped(_running(id, attempt), values) is not None

    async def complete(self, id: UUID, attempt: int, now: datetime) -> Job | None:
        return await self._stepped(_running(id, attempt), _over(JobStatus.COMPLETED, now) | {"progress": 100.0})

    async def fail(self, id: UUID, attempt: int, code: str, message: str, now: datetime) -> Job | None:
        mine = (jobs.c.id == id) & (jobs.c.attempt == attempt) & is_open
        return await self._stepped(mine, _over(JobStatus.FAILED, now) | {"error_code": code, "error_message": message})

    async def stumble(self, id: UUID, attempt: int, now: datetime) -> int | None:
        values = {"status": JobStatus.QUEUED, "progress": 0.0, "failures": jobs.c.failures + 1, "updated_at": now}
        statement = update(jobs).where(_running(id, attempt)).values(**values).returning(jobs.c.failures)
        row = await self._one(statement)
        return int(row.failures) if row else None

    async def request_cancel(self, id: UUID, now: datetime) -> Job | None:
        is_queued = jobs.c.status == JobStatus.QUEUED
        values = {
            "status": case((is_queued, JobStatus.CANCELLED), else_=jobs.c.status),
            "finished_at": case((is_queued, now)),
            # Who asks again has not asked later.
            "cancel_requested_at": func.coalesce(jobs.c.cancel_requested_at, now),
            "updated_at": now,
        }
        return await self._stepped((jobs.c.id == id) & is_open, values)

    async def cancelled(self, id: UUID, attempt: int, now: datetime) -> Job | None:
        return await self._stepped(_running(id, attempt), _over(JobStatus.CANCELLED, now))

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(jobs).where(jobs.c.id == id))

    async def open_of(self, dataset_id: UUID) -> Sequence[Job]:
        return await self._found(select(*job_mapped.columns).where(jobs.c.dataset_id == dataset_id, is_open))

    async def lost(self, limit: int) -> Sequence[Job]:
        waiting = select(literal(1)).where(
            outbox.c.task == RUN, outbox.c.payload["job"].astext == cast(jobs.c.id, Text), outbox.c.failed_at.is_(None)
        )
        return await self._found(
            select(*job_mapped.columns).where(is_open, ~waiting.exists()).order_by(jobs.c.id).limit(limit)
        )

    async def _found(self, statement: Select[Any]) -> Sequence[Job]:
        return job_mapped.many((await self._connection.execute(statement)).all())

    async def _stepped(self, condition: ColumnElement[bool], values: dict[str, Any]) -> Job | None:
        row = await self._one(update(jobs).where(condition).values(**values).returning(*job_mapped.columns))
        return job_mapped.one(row) if row else None


def _running(id: UUID, attempt: int) -> ColumnElement[bool]:
    return (jobs.c.id == id) & (jobs.c.attempt == attempt) & (jobs.c.status == JobStatus.RUNNING)


def _over(status: JobStatus, now: datetime) -> dict[str, Any]:
    return {"status": status, "finished_at": now, "updated_at": now}
