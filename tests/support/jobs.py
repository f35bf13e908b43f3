"""Jobs as the platform keeps them, without the nouns that ask for them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.blobs import BlobStorage
from domain.ids import new_id
from domain.jobs.events import Fact, JobEvent
from domain.jobs.model import Job
from domain.jobs.service import enqueue
from domain.jobs.status import JobKind, JobStatus
from domain.jobs.stores import Process
from domain.work import Queue, UnitOfWork, Works
from persistence.event_rows import event_columns, event_of
from persistence.tables.datasets import datasets
from persistence.tables.jobs import job_events
from persistence.tables.system import outbox
from tests.support.clock import NOON
from tests.support.people import Person

HERE = Process("here", 1, 0.0)
NO_STORAGE = cast("BlobStorage", object())


def a_job(owner: Person, **values: Any) -> Job:
    """One that is queued, unless said otherwise."""
    usual: dict[str, Any] = {
        "kind": JobKind.INSPECTION,
        "dataset_id": None,
        "strategy_id": None,
        "engine": None,
        "priority": 0,
        "name": "Inspect",
        "status": JobStatus.QUEUED,
        "progress": 0.0,
        "epoch": None,
        "epochs": None,
        "step": None,
        "steps": None,
        "steps_per_second": None,
        "seconds_left": None,
        "parameters": {},
        "result": None,
        "attempt": 0,
        "last_seq": 0,
        "series_from": 0,
        "has_checkpoint": False,
        "error_code": None,
        "error_message": None,
        "cancel_requested_at": None,
        "queued_at": NOON,
        "started_at": None,
        "finished_at": None,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Job(id=new_id(), owner_id=owner.user.id, **usual | values)


async def job_row(works: Works, owner: Person, **values: Any) -> Job:
    """Kept, but without a task."""
    job = a_job(owner, **values)
    async with works() as work:
        await work.jobs.add(job)
    return job


async def asked_for(works: Works, owner: Person, **values: Any) -> Job:
    """As a use case does it: kept, and a worker woken."""
    job = a_job(owner, **values)
    async with works() as work:
        await enqueue(work, job, Queue.DATA)
    return job


async def job_now(works: Works, id: UUID) -> Job | None:
    async with works() as work:
        return await work.jobs.get(id)


async def the_job(works: Works, id: UUID) -> Job:
    job = await job_now(works, id)
    assert job is not None
    return job


async def events_of(engine: AsyncEngine, id: UUID) -> list[JobEvent]:
    """All that is in the log of the job."""
    statement = select(*event_columns).where(job_events.c.job_id == id).order_by(job_events.c.seq)
    async with engine.connect() as connection:
        return [event_of(row) for row in await connection.execute(statement)]


async def facts_of(engine: AsyncEngine, id: UUID) -> list[Fact]:
    """What happened in the job, in its order, which has no hole."""
    events = await events_of(engine, id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    return [event.fact for event in events]


class Endings:
    """Remembers what it was told of, and looks whether that is so in the unit of work that it was given."""

    def __init__(self) -> None:
        self.told: list[tuple[UUID, JobStatus]] = []
        self.error: Exception | None = None

    async def __call__(self, work: UnitOfWork, job: Job) -> None:
        if self.error:
            raise self.error
        assert await work.jobs.get(job.id) == job
        self.told.append((job.id, job.status))


async def task_of(engine: AsyncEngine, job: Job) -> UUID:
    statement = select(outbox.c.id).where(outbox.c.payload["job"].astext == str(job.id))
    async with engine.connect() as connection:
        id_: UUID = (await connection.execute(statement)).scalar_one()
    return id_


async def dataset_row(engine: AsyncEngine, owner: Person, project_id: UUID | None = None, name: str = "Data") -> UUID:
    id_ = new_id()
    values: dict[str, Any] = {"id": id_, "owner_id": owner.user.id, "project_id": project_id, "name": name}
    async with engine.begin() as connection:
        await connection.execute(insert(datasets).values(**values, data_type="market_data", status="processing"))
    return id_
