"""Jobs that no task will run any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.factory import Factory
from domain.clock import utc_now
from domain.jobs.model import Job
from domain.jobs.running import LOST
from domain.jobs.service import RUN
from domain.jobs.status import OPEN, JobKind, JobStatus
from domain.work import UnitOfWork
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.clock import StandingClock
from tests.support.jobs import Endings, asked_for, job_row, task_of, the_job
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.workers.doing import Busy, Does, a_job_runner
from tests.workers.helpers import NEVER_S, a_runner, a_worker, at_work
from workers.lost_jobs import LostJobs
from workers.tasks import CLAIMS


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def endings() -> Endings:
    return Endings()


@pytest.fixture
def lost(works: Works, clock: StandingClock, endings: Endings) -> LostJobs:
    return LostJobs(works=works, endings={JobKind.INSPECTION: endings}, clock=clock)


async def test_a_job_without_a_task_has_failed(
    lost: LostJobs, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    jobs = [await job_row(works, ann, status=status, attempt=3) for status in sorted(OPEN)]
    clock.advance(hours=1)
    await lost.sweep()
    for job in jobs:
        now, lines = await the_job(works, job.id), int(job.status is JobStatus.RUNNING)
        changed = {
            "status": JobStatus.FAILED,
            "last_seq": lines + 1,
            "error_code": LOST,
            "error_message": now.error_message,
        }
        assert now == replace(job, finished_at=clock(), updated_at=clock(), **changed)  # type: ignore[arg-type]
        assert now.error_message
    assert endings.told == [(job.id, JobStatus.FAILED) for job in jobs]


async def test_a_job_that_has_its_task_or_is_over_is_left_alone(
    lost: LostJobs, engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    for status in JobStatus:
        await asked_for(works, ann, status=status)
        if status not in OPEN:
            await job_row(works, ann, status=status)
    before = await fingerprint(engine)
    clock.advance(days=30)
    await lost.sweep()
    assert await fingerprint(engine) == before


async def test_a_task_that_is_put_off_or_at_work_is_there(
    lost: LostJobs, engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    job, busy = await asked_for(works, ann), Busy()
    runner = a_runner(engine, clock, {RUN: a_job_runner(works, clock, busy)})
    working = asyncio.create_task(runner.run(await task_of(engine, job)))
    await busy.started.wait()
    await lost.sweep()
    busy.go_on.set()
    await working
    assert (await the_job(works, job.id)).status is JobStatus.COMPLETED


async def test_a_job_whose_worker_died_in_each_attempt_is_lost(
    lost: LostJobs, engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    job, does = await asked_for(works, ann, status=JobStatus.RUNNING, attempt=5), Does()
    task = await task_of(engine, job)
    async with engine.begin() as connection:
        await connection.execute(outbox.update().where(outbox.c.id == task).values(attempts=CLAIMS))
    await a_runner(engine, clock, {RUN: a_job_runner(works, clock, does)}).run(task)
    assert does.began == []
    await lost.sweep()
    now = await the_job(works, job.id)
    assert (now.status, now.error_code) == (JobStatus.FAILED, LOST)


async def test_one_that_cannot_be_ended_does_not_keep_the_others(
    works: Works, ann: Person, clock: StandingClock
) -> None:
    bad, good = await job_row(works, ann), await job_row(works, ann)

    async def on_end(_work: UnitOfWork, job: Job) -> None:
        if job.id == bad.id:
            raise RuntimeError("no")

    with capture_logs() as logs:
        await LostJobs(works=works, endings={JobKind.INSPECTION: on_end}, clock=clock).sweep()
    assert await the_job(works, bad.id) == bad
    assert (await the_job(works, good.id)).status is JobStatus.FAILED
    assert [log["event"] for log in logs] == ["lost job not ended", "job lost"]


async def test_when_many_sweep_each_job_ends_once(lost: LostJobs, works: Works, ann: Person, endings: Endings) -> None:
    jobs = [await job_row(works, ann) for _ in range(3)]
    await asyncio.gather(*(lost.sweep() for _ in range(4)))
    assert sorted(id for id, _ in endings.told) == sorted(job.id for job in jobs)


async def test_a_data_worker_sweeps_when_it_starts(
    engine: AsyncEngine, redis: Redis, works: Works, ann: Person, endings: Endings
) -> None:
    swept = asyncio.Event()

    class Told(Endings):
        async def __call__(self, work: UnitOfWork, job: Job) -> None:
            await super().__call__(work, job)
            swept.set()

    job = await job_row(works, ann)
    sweeper = LostJobs(works=works, endings={JobKind.INSPECTION: Told()}, clock=utc_now)
    worker = a_worker(engine, redis, utc_now, {}, sweep_s=NEVER_S, reconcilers={"lost jobs": sweeper.sweep})
    async with at_work(worker), asyncio.timeout(PATIENCE_S):
        await swept.wait()
    assert (await the_job(works, job.id)).error_code == LOST
