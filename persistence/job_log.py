"""Writes the events of jobs, by COPY on the connection of the unit of work, and remembers what is to be published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Unavailable
from domain.jobs.events import Fact, JobEvent, JobMoved, Result, Status
from domain.jobs.model import Job
from persistence.database import UNREACHABLE
from persistence.event_rows import COLUMNS, row_of
from persistence.tables.jobs import job_events


class JobLog:
    """Lives inside one unit of work. Whoever calls it holds the row of the job, and has counted its events there."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._moved: dict[UUID, JobMoved] = {}

    @property
    def moved(self) -> Sequence[JobMoved]:
        return tuple(self._moved.values())

    def forget(self, job_id: UUID) -> None:
        self._moved.pop(job_id, None)

    def asked_for(self, job: Job) -> None:
        """There is a job, of which nothing has happened yet."""
        self._note(JobMoved(job.id, job.owner_id, job.strategy_id, job.dataset_id, 1, 0, ()))

    async def stepped(self, job: Job, now: datetime, *facts: Result) -> None:
        """The job stands now as it is given."""
        has_wish = job.cancel_requested_at is not None
        status: Fact = Status(job.status, job.attempt, has_wish, job.error_code, job.error_message)
        await self.add(job, [(now, fact) for fact in (*facts, status)])

    async def add(self, job: Job, facts: Sequence[tuple[datetime, Fact]]) -> None:
        """As the last events of the job, up to its last seq."""
        if not facts:
            return
        first = job.last_seq - len(facts) + 1
        events = tuple(JobEvent(seq, at, fact) for seq, (at, fact) in enumerate(facts, first))
        await self._copy([row_of(job.id, event) for event in events])
        self._note(JobMoved(job.id, job.owner_id, job.strategy_id, job.dataset_id, first, job.last_seq, events))

    def _note(self, moved: JobMoved) -> None:
        if before := self._moved.get(moved.job_id):
            moved = replace(moved, first_seq=before.first_seq, events=before.events + moved.events)
        self._moved[moved.job_id] = moved

    async def _copy(self, rows: Sequence[tuple[Any, ...]]) -> None:
        records = [(*row, None if body is None else orjson.dumps(body).decode()) for *row, body in rows]
        raw = (await self._connection.get_raw_connection()).driver_connection
        assert raw is not None  # noqa: S101 - it is in use
        try:
            await raw.copy_records_to_table(job_events.name, records=records, columns=COLUMNS)
        except UNREACHABLE as error:
            raise Unavailable from error
