"""A worker that is killed or stopped while the process that works for it lives on. Nobody waits for the long lease."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.clock import utc_now
from domain.jobs.model import Job
from domain.jobs.service import Jobs, enqueue
from domain.jobs.status import JobKind, JobStatus
from domain.jobs.stores import Process
from domain.work import Queue
from persistence.tables.jobs import job_events
from persistence.work import Works
from tests.chaos.conductor import Workers, alive, workers
from tests.support.jobs import a_job, task_of, the_job
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person
from tests.workers.helpers import eventually, row_of, the_row
from workers.bells import RedisBells
from workers.machine import this_machine

TOY = "tests.chaos.toy"
LEASE_S = 600.0


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def real(engine: AsyncEngine, redis: Redis) -> Works:
    """On the time of the world, as two processes must agree on it."""
    return Works(engine, RedisBells(redis), utc_now)


@pytest.fixture
def hands(endpoints: Endpoints, tmp_path: Path) -> Workers:
    return Workers(endpoints, tmp_path, TOY, LEASE_S)


async def ask_for(works: Works, ann: Person, **more: Any) -> Job:
    parameters = {"seed": 1, "steps": 1_000_000, "pace_s": 0.02, "stubborn": True} | more
    job = a_job(ann, kind=JobKind.TRAINING, parameters=parameters)
    async with works() as work:
        await enqueue(work, job, Queue.TRAINING)
    return job


async def at_work(works: Works, job: Job, attempt: int) -> Process:
    """Once a child of this attempt is at work, and has told something."""
    found: list[Process] = []

    async def seen() -> bool:
        async with works() as work:
            running = await work.jobs.running_on(this_machine())
        found[:] = [place for each, place in running if each.id == job.id and each.attempt == attempt and place.group]
        return bool(found) and (await the_job(works, job.id)).last_seq > 10 * attempt

    await eventually(seen, PATIENCE_S)
    return found[0]


async def events(engine: AsyncEngine, job: Job) -> list[tuple[datetime, dict[str, Any]]]:
    """When it began to stand so, and how."""
    statement = select(job_events.c.at, job_events.c.body).where(
        job_events.c.job_id == job.id, job_events.c.kind == "status"
    )
    async with engine.connect() as connection:
        return [(row.at, row.body) for row in await connection.execute(statement.order_by(job_events.c.seq))]


HARM = pytest.mark.parametrize(
    ("worker", "child"),
    [(signal.SIGKILL, None), (signal.SIGKILL, signal.SIGSTOP), (signal.SIGSTOP, None)],
    ids=["killed", "killed-its-child-stopped", "stopped"],
)


@HARM
async def test_a_cancel_does_not_wait_for_the_lease(
    real: Works, engine: AsyncEngine, ann: Person, hands: Workers, worker: int, child: int | None
) -> None:
    assert await cancelled(real, engine, ann, hands, worker, child) < timedelta(seconds=LEASE_S)


@pytest.mark.soak
@HARM
async def test_a_cancel_takes_less_than_two_seconds(
    real: Works, engine: AsyncEngine, ann: Person, hands: Workers, worker: int, child: int | None
) -> None:
    """On a machine that has nothing else to do."""
    assert await cancelled(real, engine, ann, hands, worker, child) < timedelta(seconds=2)


async def cancelled(
    real: Works, engine: AsyncEngine, ann: Person, hands: Workers, worker: int, child: int | None
) -> timedelta:
    """How long it took while another worker of the machine lives; the process that worked is gone then."""
    job = await ask_for(real, ann)
    async with workers(hands, "one"):
        place, task = await at_work(real, job, 1), await task_of(engine, job)
        # The other one shall be up already.
        await hands.start("other")
        await eventually(lambda: listens(hands.folder / "other.log"), PATIENCE_S)
        if child is not None:
            os.killpg(place.group or 0, child)
        if worker == signal.SIGKILL:
            await hands.kill("one")
        else:
            await stop_between_transactions(engine, hands.processes["one"])
        asked = utc_now()
        await Jobs(works=real, clock=utc_now, endings={}).cancel(ann.viewer, job.id)
        await eventually(lambda: over(real, job.id))
        now = await the_job(real, job.id)
        assert now.status is JobStatus.CANCELLED
        assert alive({place.group or 0}) == []

        async def task_gone() -> bool:
            return await row_of(engine, task) is None

        await eventually(task_gone)
    assert now.finished_at is not None
    return now.finished_at - asked


async def stop_between_transactions(engine: AsyncEngine, process: asyncio.subprocess.Process) -> None:
    """In the middle of one it would keep its locks until the server ends it: tests/persistence/test_work.py."""

    async def stands_between() -> bool:
        process.send_signal(signal.SIGSTOP)
        # Twice: what it said last may not have been heard at once.
        if await is_idle(engine, process) and await is_idle(engine, process):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    await eventually(stands_between)


async def is_idle(engine: AsyncEngine, process: asyncio.subprocess.Process) -> bool:
    ports = [each.laddr.port for each in psutil.Process(process.pid).net_connections("tcp")]
    states = text("SELECT state FROM pg_stat_activity WHERE client_port = ANY(:ports)")
    async with engine.connect() as connection:
        found = set((await connection.execute(states, {"ports": ports})).scalars())
    return found == {"idle"}


async def test_a_worker_that_is_started_again_takes_its_job_up_long_before_the_lease_ends(
    real: Works, engine: AsyncEngine, ann: Person, hands: Workers
) -> None:
    job = await ask_for(real, ann)
    async with workers(hands, "one"):
        first = await at_work(real, job, 1)
        task = await task_of(engine, job)
        lease = (await the_row(engine, task)).due_at
        await hands.kill("one")
        await hands.start("one")
        second = await at_work(real, job, 2)
        assert alive({first.group or 0}) == []
        assert (second.pid, second.group) != (first.pid, first.group)
        assert (await events(engine, job))[-1][0] < lease
        await Jobs(works=real, clock=utc_now, endings={}).cancel(ann.viewer, job.id)
        await eventually(lambda: over(real, job.id))


async def over(works: Works, id: UUID) -> bool:
    return (await the_job(works, id)).status.is_over


async def listens(log: Path) -> bool:
    return "worker listens" in await asyncio.to_thread(log.read_text)
