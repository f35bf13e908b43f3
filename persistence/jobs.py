"""Jobs in Postgres: every step one guarded UPDATE, which also counts on in the log of the job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    case,
    cast,
    delete,
    func,
    literal,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.blobs import BlobStore
from domain.clock import Clock
from domain.errors import Code, Refused
from domain.jobs.events import Checkpoint, EventKind, JobMoved, Progress, Result
from domain.jobs.model import CHECKPOINT, Job
from domain.jobs.model import KIND as JOB
from domain.jobs.plain import kind_of
from domain.jobs.service import RUN
from domain.jobs.status import OF_DATASETS, JobKind, JobStatus
from domain.jobs.stores import Process, Told
from domain.viewer import Viewer
from persistence.access import jobs_seen, seen
from persistence.job_log import JobLog
from persistence.job_steps import (
    ascending,
    begun_again,
    columns_of,
    count_of,
    forgotten,
    numbers_of,
    over,
    waiting,
)
from persistence.reading import Mapped
from persistence.tables.jobs import is_open, job_events, jobs
from persistence.tables.system import outbox
from persistence.writing import WriteStore

job_mapped = Mapped(Job, jobs, convert={"kind": JobKind, "status": JobStatus})

# What the row was before the statement.
_heard_before: ColumnElement[int] = literal_column("old.heard", BigInteger)
_seq_before: ColumnElement[int] = literal_column("old.last_seq", BigInteger)


class PostgresJobs(WriteStore):
    """Implements domain.jobs.stores.JobStore."""

    def __init__(self, connection: AsyncConnection, clock: Clock, blobs: BlobStore) -> None:
        super().__init__(connection)
        self._clock = clock
        self._blobs = blobs
        self._log = JobLog(connection)

    @property
    def moved(self) -> Sequence[JobMoved]:
        """What is to be published once the unit of work is committed: one for each job."""
        return self._log.moved

    async def add(self, job: Job, idempotency_key: str | None = None) -> bool:
        values = asdict(job) | {"idempotency_key": idempotency_key}
        if job.result is None:
            values["result"] = null()
        statement = insert(jobs).values(**values)
        if idempotency_key is not None:
            statement = statement.on_conflict_do_nothing(index_elements=[jobs.c.owner_id, jobs.c.idempotency_key])
        if await self._one(statement.returning(jobs.c.id)) is None:
            return False
        self._log.asked_for(job)
        return True

    async def made_with(self, owner_id: UUID, idempotency_key: str) -> Job | None:
        wanted = (jobs.c.owner_id == owner_id) & (jobs.c.idempotency_key == idempotency_key)
        return await self._first(select(*job_mapped.columns).where(wanted))

    async def lock(self, viewer: Viewer, id: UUID) -> Job:
        statement = select(*job_mapped.columns).where(jobs.c.id == id, seen(viewer, jobs_seen())).with_for_update()
        row = await self._one(statement, {} if viewer.is_admin else {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such job, or you may not see it.", "id")
        return job_mapped.one(row)

    async def get(self, id: UUID) -> Job | None:
        return await self._first(select(*job_mapped.columns).where(jobs.c.id == id))

    async def start(self, id: UUID, now: datetime, process: Process) -> Job | None:
        values = {
            "status": JobStatus.RUNNING,
            "attempt": jobs.c.attempt + 1,
            "started_at": func.coalesce(jobs.c.started_at, now),
            "process": asdict(process),
        }
        return await self._stepped((jobs.c.id == id) & is_open, values | begun_again(), now)

    async def heard(self, id: UUID) -> int:
        return (await self._connection.execute(select(jobs.c.heard).where(jobs.c.id == id))).scalar_one_or_none() or 0

    async def record(self, id: UUID, attempt: int, told: Sequence[Told], progress: Progress | None) -> int | None:
        told, now = ascending(told), self._clock()
        values: dict[str, Any] = {"last_seq": jobs.c.last_seq + count_of(told, progress), "updated_at": now}
        if numbers := numbers_of(told):
            values["heard"] = func.greatest(jobs.c.heard, literal(numbers[-1], BigInteger))
        for each in told:
            if isinstance(each.fact, Result):
                values["result"] = dict(each.fact.body)
        statement = update(jobs).where(_running(id, attempt)).values(**values | columns_of(progress))
        row = await self._one(statement.returning(*job_mapped.columns, _heard_before.label("heard_before")))
        if row is None:
            return None
        job = job_mapped.one(row)
        facts = [(one.at, one.fact) for one in told if one.number is None or one.number > row.heard_before]
        await self._log.add(job, [*facts, (now, progress)] if progress else facts)
        return job.last_seq

    async def has_kept(self, id: UUID, attempt: int, seq: int, told: Told | None) -> bool | None:
        locked = await self._first(select(*job_mapped.columns).where(_running(id, attempt)).with_for_update())
        if locked is None:
            return None
        # A statement of its own: only now all is seen that whoever held the row has written.
        kind = EventKind.PROGRESS if told is None else kind_of(told.fact)
        later = [job_events.c.job_id == id, job_events.c.seq > seq, job_events.c.kind == kind]
        this = later if told is None else [*later, job_events.c.at == told.at]
        return await self._one(select(job_events.c.seq).where(*this).limit(1)) is not None

    async def at_work(self, id: UUID, attempt: int, group: int | None) -> bool:
        process = jobs.c.process.concat(literal({"group": group}, JSONB))
        return await self._changed(id, attempt, {"process": process})

    async def checkpoint_kept(self, id: UUID, attempt: int) -> bool:
        return await self._changed(id, attempt, {"has_checkpoint": True})

    async def last_checkpoint(self, id: UUID) -> Checkpoint | None:
        of_job = (job_events.c.job_id == id) & (job_events.c.kind == EventKind.CHECKPOINT)
        row = await self._one(select(job_events.c.body).where(of_job).order_by(job_events.c.seq.desc()).limit(1))
        return Checkpoint(**row.body) if row else None

    async def remember_session(self, id: UUID, attempt: int, session: str) -> bool:
        return await self._changed(id, attempt, {"remote_session": session})

    async def session_of(self, id: UUID) -> str | None:
        found = await self._connection.execute(select(jobs.c.remote_session).where(jobs.c.id == id))
        return found.scalar_one_or_none()

    async def labelled_since(self, labelling: Job) -> bool:
        its, later = jobs.alias(), jobs.alias()
        same = (later.c.owner_id == its.c.owner_id) & (later.c.remote_session == its.c.remote_session)
        done = (later.c.kind == JobKind.LABELLING) & (later.c.status == JobStatus.COMPLETED)
        wanted = (its.c.id == labelling.id) & same & done & (later.c.finished_at > its.c.finished_at)
        return (await self._connection.execute(select(later.c.id).where(wanted).limit(1))).first() is not None

    async def complete(
        self, id: UUID, attempt: int, now: datetime, result: Mapping[str, Any] | None = None
    ) -> Job | None:
        # There is nothing left to go on with.
        values = over(JobStatus.COMPLETED, now) | {"progress": 100.0, "seconds_left": None, "has_checkpoint": False}
        if result is None:
            return await self._stepped(_running(id, attempt), values, now)
        return await self._stepped(_running(id, attempt), values | {"result": dict(result)}, now, Result(result))

    async def fail(self, id: UUID, attempt: int, code: str, message: str, now: datetime) -> Job | None:
        mine = (jobs.c.id == id) & (jobs.c.attempt == attempt) & is_open
        values = over(JobStatus.FAILED, now) | {"error_code": code, "error_message": message}
        return await self._stepped(mine, values, now)

    async def stumble(self, id: UUID, attempt: int, now: datetime) -> int | None:
        values = {"status": JobStatus.QUEUED, "failures": jobs.c.failures + 1, "queued_at": now}
        job = await self._stepped(_running(id, attempt), values | begun_again(), now)
        return await self.failures(id) if job else None

    async def failures(self, id: UUID) -> int:
        found = await self._connection.execute(select(jobs.c.failures).where(jobs.c.id == id))
        return found.scalar_one_or_none() or 0

    async def request_cancel(self, id: UUID, now: datetime) -> Job | None:
        is_queued = jobs.c.status == JobStatus.QUEUED
        values = {
            "status": case((is_queued, JobStatus.CANCELLED), else_=jobs.c.status),
            "finished_at": case((is_queued, now)),
            # Who asks again has not asked later, and tells nothing new.
            "cancel_requested_at": func.coalesce(jobs.c.cancel_requested_at, now),
            "last_seq": jobs.c.last_seq + case((is_queued | jobs.c.cancel_requested_at.is_(None), 1), else_=0),
        }
        job = await self._stepped((jobs.c.id == id) & is_open, values, now)
        if job is not None and job.status.is_over:
            # It would keep a place in the queue until its turn came.
            await self._drop_task(id)
        return job

    async def cancelled(self, id: UUID, attempt: int, now: datetime) -> Job | None:
        return await self._stepped(_running(id, attempt), over(JobStatus.CANCELLED, now), now)

    async def requeue(self, id: UUID, now: datetime, *, from_scratch: bool) -> Job | None:
        has_failed = (jobs.c.id == id) & jobs.c.status.in_([JobStatus.FAILED, JobStatus.CANCELLED])
        job = await self._stepped(has_failed, waiting(now) | (forgotten() if from_scratch else {}), now)
        if job is None:
            return None
        # A worker that is still about to lay down the last run has its task; two would run it twice.
        await self._drop_task(id)
        if from_scratch:
            await self._blobs.release(JOB, id, CHECKPOINT)
        return job

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(jobs).where(jobs.c.id == id))
        self._log.forget(id)

    async def open_of(self, dataset_id: UUID) -> Sequence[Job]:
        wanted = (jobs.c.dataset_id == dataset_id) & jobs.c.kind.in_(OF_DATASETS)
        return await self._found(select(*job_mapped.columns).where(wanted, is_open))

    async def open_of_strategy(self, strategy_id: UUID) -> Sequence[Job]:
        return await self._found(select(*job_mapped.columns).where(jobs.c.strategy_id == strategy_id, is_open))

    async def lost(self, limit: int) -> Sequence[Job]:
        given_up = outbox.c.failed_at.is_not(None)
        its_task = select(literal(1)).where(outbox.c.task == RUN, _names(cast(jobs.c.id, Text)), ~given_up)
        return await self._found(
            select(*job_mapped.columns).where(is_open, ~its_task.exists()).order_by(jobs.c.id).limit(limit)
        )

    async def running_on(self, machine: str) -> Sequence[tuple[Job, Process]]:
        here = (jobs.c.status == JobStatus.RUNNING) & (jobs.c.process["machine"].astext == machine) & is_open
        statement = select(*job_mapped.columns, jobs.c.process).where(here).order_by(jobs.c.id)
        rows = (await self._connection.execute(statement)).all()
        return [(job_mapped.one(row), Process(**row.process)) for row in rows]

    async def _drop_task(self, id: UUID) -> None:
        await self._connection.execute(delete(outbox).where(outbox.c.task == RUN, _names(literal(str(id)))))

    async def _first(self, statement: Select[Any]) -> Job | None:
        row = await self._one(statement)
        return job_mapped.one(row) if row else None

    async def _found(self, statement: Select[Any]) -> Sequence[Job]:
        return job_mapped.many((await self._connection.execute(statement)).all())

    async def _stepped(
        self, condition: ColumnElement[bool], values: Mapping[str, Any], now: datetime, *facts: Result
    ) -> Job | None:
        """Writes the facts and then how the job stands, unless the step says that there is nothing new."""
        counted = {"last_seq": jobs.c.last_seq + 1 + len(facts), "updated_at": now} | dict(values)
        row = await self._row(update(jobs).where(condition).values(**counted))
        if row is None:
            return None
        job = job_mapped.one(row)
        if job.last_seq > row.seq_before:
            await self._log.stepped(job, now, *facts)
        return job

    async def _row(self, statement: Any) -> Row[Any] | None:
        return await self._one(statement.returning(*job_mapped.columns, _seq_before.label("seq_before")))

    async def _changed(self, id: UUID, attempt: int, values: Mapping[str, Any]) -> bool:
        changed = await self._connection.execute(update(jobs).where(_running(id, attempt)).values(**values))
        return bool(changed.rowcount == 1)


def _running(id: UUID, attempt: int) -> ColumnElement[bool]:
    return (jobs.c.id == id) & (jobs.c.attempt == attempt) & (jobs.c.status == JobStatus.RUNNING)


def _names(job_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Of a task."""
    matches: ColumnElement[bool] = outbox.c.payload["job"].astext == job_id
    return matches
