"""A worker that is killed, or stands still, in the middle of a job."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from app.settings import ROOT
from domain.clock import utc_now
from domain.jobs.events import Level, Log
from domain.jobs.model import Job
from domain.jobs.running import Run
from domain.jobs.service import RUN, Jobs, enqueue
from domain.jobs.status import JobStatus
from domain.work import Queue
from persistence.work import Works
from tests.support.jobs import Endings, a_job, facts_of, task_of, the_job
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person
from tests.workers.doing import Does, a_job_runner, results
from tests.workers.helpers import a_worker, at_work, eventually, row_of
from workers.bells import RedisBells
from workers.worker import QueueWorker

LEASE_S = 3.0


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def real(engine: AsyncEngine, redis: Redis) -> Works:
    """On the time of the world, as two processes must agree on it."""
    return Works(engine, RedisBells(redis), utc_now)


@asynccontextmanager
async def mortal(works: Works, ann: Person, database_url: str, redis_url: str) -> AsyncIterator[tuple[Process, Job]]:
    """A process that is in the middle of a job."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("mortal_jobs.py")),
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "DATABASE": database_url, "REDIS": redis_url, "LEASE_S": str(LEASE_S)},
        stdout=PIPE,
    )
    try:
        job = a_job(ann)
        async with works() as work:
            await enqueue(work, job, Queue.DATA)
        await heard(process, b"began attempt 1\n")
        yield process, job
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def heard(process: Process, words: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        while (line := await process.stdout.readline()) != words:
            assert line, "it ended without these words"


def next_worker(engine: AsyncEngine, redis: Redis, works: Works, does: Does, **options: Any) -> QueueWorker:
    runner = a_job_runner(works, utc_now, does, **options)
    return a_worker(engine, redis, utc_now, {RUN: runner}, sweep_s=0.05)


async def test_another_takes_the_job_up_and_nothing_is_doubled(
    engine: AsyncEngine, redis: Redis, real: Works, ann: Person, database_url: str, redis_url: str
) -> None:
    does = Does()
    async with mortal(real, ann, database_url, redis_url) as (process, job):

        async def half_done() -> bool:
            return (await the_job(real, job.id)).progress == 50.0

        await eventually(half_done)
        process.kill()
        await process.wait()
    left = await the_job(real, job.id)
    assert (left.status, left.attempt, left.progress) == (JobStatus.RUNNING, 1, 50.0)
    task = await task_of(engine, job)

    async def settled() -> bool:
        return await row_of(engine, task) is None

    async with at_work(next_worker(engine, redis, real, does)):
        await eventually(settled)
    now = await the_job(real, job.id)
    assert (now.status, now.attempt, now.progress, now.started_at) == (JobStatus.COMPLETED, 2, 100.0, left.started_at)
    assert [one.attempt for one in does.began] == [2]
    assert await results(engine) == [2]


async def test_a_process_that_stood_still_for_longer_than_its_lease_gives_the_job_up(
    engine: AsyncEngine, redis: Redis, real: Works, ann: Person, database_url: str, redis_url: str
) -> None:
    does = Does()
    async with mortal(real, ann, database_url, redis_url) as (process, job):
        process.send_signal(signal.SIGSTOP)

        async def completed() -> bool:
            return (await the_job(real, job.id)).status is JobStatus.COMPLETED

        async with at_work(next_worker(engine, redis, real, does)):
            await eventually(completed)
        over, told = await the_job(real, job.id), await facts_of(engine, job.id)
        process.send_signal(signal.SIGCONT)
        await heard(process, b"ended attempt 1\n")
    assert await the_job(real, job.id) == over
    assert await facts_of(engine, job.id) == told
    assert (over.attempt, await results(engine)) == (2, [2])


async def test_what_the_killed_one_told_is_repeated_and_there_once(
    engine: AsyncEngine, redis: Redis, real: Works, ann: Person, database_url: str, redis_url: str
) -> None:
    async with mortal(real, ann, database_url, redis_url) as (process, job):

        async def many() -> bool:
            return (await the_job(real, job.id)).last_seq > 100

        await eventually(many)
        process.kill()
        await process.wait()
    heard: list[int] = []

    async def again(_job: Job, run: Run) -> None:
        heard.append(run.heard)
        for number in range(1, run.heard + 50):
            await run.tell(Log(Level.INFO, f"line {number}"), number=number)

    async def completed() -> bool:
        return (await the_job(real, job.id)).status is JobStatus.COMPLETED

    async with at_work(next_worker(engine, redis, real, Does(again))):
        await eventually(completed)
    lines = [fact.message for fact in await facts_of(engine, job.id) if isinstance(fact, Log)]
    assert heard[0] > 50
    assert [each for each in lines if each.startswith("line")] == [f"line {n}" for n in range(1, heard[0] + 50)]
    assert lines[heard[0] + 1].startswith("Taken up again after its worker died")


async def test_a_wish_to_cancel_outlives_the_worker(
    engine: AsyncEngine, redis: Redis, real: Works, ann: Person, database_url: str, redis_url: str
) -> None:
    does, endings = Does(), Endings()
    async with mortal(real, ann, database_url, redis_url) as (process, job):
        process.kill()
        await process.wait()
    await Jobs(works=real, clock=utc_now, endings={}).cancel(ann.viewer, job.id)

    async def over() -> bool:
        return (await the_job(real, job.id)).status.is_over

    async with at_work(next_worker(engine, redis, real, does, endings=endings)):
        await eventually(over)
    assert (await the_job(real, job.id)).status is JobStatus.CANCELLED
    assert (does.began, endings.told) == ([], [(job.id, JobStatus.CANCELLED)])


async def test_a_whole_worker_cancels(
    engine: AsyncEngine, redis: Redis, real: Works, ann: Person, database_url: str, redis_url: str
) -> None:
    async with mortal(real, ann, database_url, redis_url) as (_, job):
        await Jobs(works=real, clock=utc_now, endings={}).cancel(ann.viewer, job.id)

        async def over() -> bool:
            return (await the_job(real, job.id)).status.is_over

        await eventually(over)
    assert (await the_job(real, job.id)).status is JobStatus.CANCELLED
