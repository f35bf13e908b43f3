"""Many jobs of several people, on few hands."""

from __future__ import annotations

import asyncio
import gc
import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.clock import utc_now
from domain.jobs.model import Job
from domain.jobs.running import Finish, Run
from domain.jobs.service import RUN, enqueue
from domain.jobs.status import JobStatus
from domain.work import Queue, UnitOfWork
from persistence.outbox import ClaimedTask, PostgresOutbox
from persistence.tables.jobs import jobs
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.jobs import a_job
from tests.support.people import Person, a_person
from tests.workers.doing import Does, a_job_runner
from tests.workers.helpers import LONG, a_worker, at_work, eventually
from tests.workers.turns import counted_by_the_database, most_at_once, most_passed_over, quota_of
from workers.bells import RedisBells
from workers.worker import QueueWorker

PEOPLE = 5
# Who waits and has nothing at work sees each of the others come before at most once; and one claim more may be on its
# way, of a list that was read before.
PASSED_OVER_AT_MOST = PEOPLE - 1 + 1


@pytest.fixture
async def people(factory: Factory) -> list[Person]:
    return [await a_person(factory, f"ann{number}") for number in range(PEOPLE)]


class Watched(PostgresOutbox):
    """Remembers who came in which order."""

    def __init__(self, engine: AsyncEngine, owners: dict[UUID, UUID]) -> None:
        super().__init__(engine)
        self._owners = owners
        self._tasks: dict[UUID, UUID] = {}
        self.log: list[tuple[str, UUID]] = []

    async def claim(self, id: UUID, now: datetime, lease: timedelta, by: str) -> ClaimedTask | None:
        task = await super().claim(id, now, lease, by)
        if task is not None:
            self._tasks[id] = self._owners[UUID(task.payload["job"])]
            self.log.append(("claim", self._tasks[id]))
        return task

    async def done(self, id: UUID, attempt: int) -> bool:
        self.log.append(("done", self._tasks[id]))
        return await super().done(id, attempt)


async def ask_for(works: Works, engine: AsyncEngine, people: list[Person], each: int, quota: int) -> dict[UUID, UUID]:
    """The owner of each job. Everybody asks for all at once, one person after the other."""
    await quota_of(engine, quota)
    rng, owners = random.Random(quota), {}
    for person in people:
        async with works() as work:
            for _ in range(each):
                job = a_job(person, priority=rng.randint(-10, 10))
                owners[job.id] = person.user.id
                await enqueue(work, job, Queue.TRAINING)
    return owners


@pytest.mark.parametrize(("workers", "each", "quota"), [(1, 40, 1), (3, 10, 2)])
async def test_many_jobs_of_five_people_all_end_in_turn(
    engine: AsyncEngine, redis: Redis, people: list[Person], workers: int, each: int, quota: int
) -> None:
    works = Works(engine, RedisBells(redis), utc_now)
    owners = await ask_for(works, engine, people, each, quota)
    watched, rng = Watched(engine, owners), random.Random(quota)

    async def a_moment(_job: Job, _run: Run) -> None:
        for _ in range(rng.randint(0, 50)):
            await asyncio.sleep(0)

    does = Does(a_moment)
    runner = a_job_runner(works, utc_now, does)

    async def all_over() -> bool:
        statement = select(jobs.c.id).where(jobs.c.status != JobStatus.COMPLETED)
        async with engine.connect() as connection:
            return (await connection.execute(statement)).first() is None

    stopping = asyncio.Event()
    async with counted_by_the_database(engine):
        running = [
            asyncio.create_task(
                QueueWorker(
                    queue=Queue.TRAINING,
                    slots=2,
                    outbox=watched,
                    handlers={RUN: runner},
                    redis=redis,
                    clock=utc_now,
                    time_limit=LONG,
                    version="1.2.3",
                ).run(stopping, grace_s=10)
            )
            for _ in range(workers)
        ]
        await eventually(all_over)
        stopping.set()
        await asyncio.gather(*running)
        most_at_work = await most_at_once(engine)
        async with engine.connect() as connection:
            left = (await connection.execute(select(outbox.c.id).where(outbox.c.task == RUN))).all()
    assert left == []
    assert Counter(job.id for job in does.began) == dict.fromkeys(owners, 1)
    assert most_at_work <= min(quota, 2 * workers)
    if workers == 1:
        assert most_passed_over(watched.log) <= PASSED_OVER_AT_MOST
        assert_own_lists_go_by_priority(does.began)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_worker_does_not_grow_with_what_it_has_done(
    engine: AsyncEngine, redis: Redis, people: list[Person]
) -> None:
    """Memory after 1,000 jobs, against that after the first 200."""
    works, sizes = Works(engine, RedisBells(redis), utc_now), list[int]()
    runner = a_job_runner(works, utc_now, nothing)
    async with at_work(a_worker(engine, redis, utc_now, {RUN: runner}, queue=Queue.TRAINING, slots=2)):
        for _ in range(5):
            for person in people:
                async with works() as work:
                    for _ in range(40):
                        await enqueue(work, a_job(person), Queue.TRAINING)
            await eventually(lambda: nothing_left(engine), within_s=100)
            gc.collect()
            sizes.append(psutil.Process().memory_info().rss)
    assert sizes[-1] - sizes[0] < 4 << 20, sizes


async def nothing(_job: Job, _run: Run) -> Finish:
    return leave_it


async def leave_it(_work: UnitOfWork) -> None:
    """Nothing to write down."""


async def nothing_left(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return (await connection.execute(select(outbox.c.id).where(outbox.c.task == RUN))).first() is None


def assert_own_lists_go_by_priority(began: list[Job]) -> None:
    """Two of one owner may be at work at once, so neighbours may have changed places on their way."""
    for owner in {job.owner_id for job in began}:
        priorities = [job.priority for job in began if job.owner_id == owner]
        for place, (first, second) in enumerate(pairwise(priorities)):
            assert first >= second or sorted(priorities[place : place + 2], reverse=True) == [second, first]
