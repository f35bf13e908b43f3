"""What an attempt tells: written in batches, in order, each fact once, whatever happens to the database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.errors import Unavailable
from domain.jobs.events import Checkpoint, Fact, JobMoved, Level, Log, Metric, Progress, Split, Status
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from domain.jobs.stores import Told
from persistence.work import PostgresWork, Works
from tests.support.bells import HeardBells
from tests.support.clock import StandingClock
from tests.support.jobs import HERE, events_of, facts_of, job_row, the_job
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person
from tests.workers.helpers import eventually
from workers.scribe import BATCH, EVERY_S, MOST, Scribe


def line(number: int) -> Log:
    return Log(Level.INFO, f"line {number}")


def lines(count: int) -> list[Fact]:
    return [line(number) for number in range(1, count + 1)]


class Sleeps:
    """Lasts until the test says that it is over."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._end = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self._end.wait()
        self._end.clear()

    def end(self) -> None:
        self._end.set()


async def no_time(_seconds: float) -> None:
    await asyncio.sleep(0)


class Flaky:
    """Works of a database that goes away, before or after it has done what it was asked to."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self.fate: Callable[[], str] = lambda: "well"
        self.tried = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWork]:
        self.tried += 1
        fate = self.fate()
        if fate == "away":
            raise Unavailable("away")
        async with self._works() as work:
            yield work
            if fate == "undone":
                raise Unavailable("rolled back")
        if fate == "unsaid":
            raise Unavailable("committed, but nobody heard the answer")


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def bells() -> HeardBells:
    return HeardBells()


@pytest.fixture
def works(engine: AsyncEngine, bells: HeardBells, clock: StandingClock) -> Works:
    return Works(engine, bells, clock)


@pytest.fixture
def flaky(works: Works) -> Flaky:
    return Flaky(works)


@pytest.fixture
async def job(works: Works, ann: Person, clock: StandingClock, bells: HeardBells) -> Job:
    """In its first attempt; its log holds that."""
    waiting = await job_row(works, ann)
    begun = await started(works, waiting, clock)
    bells.told.clear()
    return begun


async def started(works: Works, job: Job, clock: StandingClock) -> Job:
    async with works() as work:
        begun = await work.jobs.start(job.id, clock(), HERE)
    assert begun is not None
    return begun


class Superseded:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@asynccontextmanager
async def at_work(job: Job, works: Any, clock: StandingClock, **options: Any) -> AsyncIterator[Scribe]:
    usual: dict[str, Any] = {"heard": 0, "on_superseded": Superseded(), "sleep": no_time}
    scribe = Scribe(job, works=works, clock=clock, **usual | options)
    running = asyncio.create_task(scribe.run())
    try:
        yield scribe
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def turns(number: int = 20) -> None:
    """Everybody else does what they can do without waiting for anything."""
    for _ in range(number):
        await asyncio.sleep(0)


def moves(bells: HeardBells) -> list[tuple[int, int]]:
    return [(moved.first_seq, moved.last_seq) for moved in bells.told if isinstance(moved, JobMoved)]


async def test_it_waits_a_moment_for_more_and_writes_all_at_once(
    engine: AsyncEngine, job: Job, works: Works, clock: StandingClock, bells: HeardBells
) -> None:
    sleeps = Sleeps()
    async with at_work(job, works, clock, sleep=sleeps) as scribe:
        for place, fact in enumerate(lines(3)):
            clock.advance(seconds=place)
            await scribe.tell(fact)
        await turns()
        assert (sleeps.asked, len(await facts_of(engine, job.id))) == ([EVERY_S], 1)
        sleeps.end()
        await eventually(lambda: told(bells))
    events = (await events_of(engine, job.id))[1:]
    assert [event.fact for event in events] == lines(3)
    assert [(event.at - events[0].at).total_seconds() for event in events] == [0, 1, 3]
    assert moves(bells) == [(2, 4)]


async def told(bells: HeardBells) -> bool:
    return bool(bells.told)


async def test_nothing_is_written_when_there_is_nothing(job: Job, flaky: Flaky, clock: StandingClock) -> None:
    async with at_work(job, flaky, clock) as scribe:
        await turns(100)
        await scribe.written()
        await scribe.finish()
        await turns(100)
    assert flaky.tried == 0


async def test_many_do_not_wait_for_the_moment_to_pass(
    job: Job, works: Works, clock: StandingClock, bells: HeardBells
) -> None:
    async with at_work(job, works, clock, sleep=Sleeps()) as scribe:
        for fact in lines(BATCH):
            await scribe.tell(fact)
        await eventually(lambda: told(bells))
    assert moves(bells) == [(2, BATCH + 1)]


async def test_who_asks_for_it_has_all_written_at_once_in_batches(
    engine: AsyncEngine, job: Job, works: Works, clock: StandingClock, bells: HeardBells
) -> None:
    async with at_work(job, works, clock, sleep=Sleeps()) as scribe:
        for fact in lines(2 * BATCH + 1):
            await scribe.tell(fact)
        await scribe.written()
        assert (await facts_of(engine, job.id))[1:] == lines(2 * BATCH + 1)
    assert [last - first + 1 for first, last in moves(bells)] == [BATCH, BATCH, 1]


async def test_who_tells_too_much_waits_until_there_is_room_and_nothing_is_lost(
    engine: AsyncEngine, job: Job, flaky: Flaky, clock: StandingClock
) -> None:
    flaky.fate = lambda: "away"
    sleeps = Sleeps()
    async with at_work(job, flaky, clock, sleep=sleeps) as scribe:

        async def tells() -> None:
            for fact in lines(MOST + BATCH + 1):
                await scribe.tell(fact)

        telling = asyncio.create_task(tells())
        await eventually(lambda: tried(flaky, 1))
        await turns(200)
        assert not telling.done()
        flaky.fate = lambda: "well"
        sleeps.end()
        await telling
        await scribe.written()
    assert (await facts_of(engine, job.id))[1:] == lines(MOST + BATCH + 1)


async def tried(flaky: Flaky, times: int) -> bool:
    return flaky.tried >= times


async def test_while_the_database_is_away_it_waits_longer_each_time(
    engine: AsyncEngine, job: Job, flaky: Flaky, clock: StandingClock
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    flaky.fate = lambda: "away" if flaky.tried <= 9 else "well"
    async with at_work(job, flaky, clock, sleep=sleep) as scribe:
        await scribe.tell(line(1))
        await scribe.written()
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert (await facts_of(engine, job.id))[1:] == [line(1)]


@pytest.mark.parametrize("fate", ["unsaid", "undone", "away"])
@pytest.mark.parametrize("number", [None, 1])
async def test_when_the_answer_of_a_commit_is_lost_each_fact_is_there_once(
    engine: AsyncEngine, job: Job, flaky: Flaky, works: Works, clock: StandingClock, fate: str, number: int | None
) -> None:
    flaky.fate = lambda: fate if flaky.tried == 1 else "well"
    async with at_work(job, flaky, clock) as scribe:
        scribe.progress(Progress(10))
        await scribe.tell(line(1), number)
        # Others write as well, meanwhile: how the job stands, and what it would go on from.
        async with works() as work:
            await work.jobs.request_cancel(job.id, clock())
            await work.jobs.record(job.id, job.attempt, [Told(clock(), Checkpoint(1))], None)
        await scribe.finish()
        await scribe.tell(line(2), number and 2)
        await scribe.written()
    facts = [fact for fact in await facts_of(engine, job.id) if not isinstance(fact, Status | Checkpoint)]
    assert facts == [line(1), Progress(10), line(2)]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_fails_all_is_there_once_and_in_order(
    engine: AsyncEngine, works: Works, job: Job, flaky: Flaky, clock: StandingClock, seed: int
) -> None:
    rng = random.Random(seed)
    flaky.fate = lambda: rng.choice(["well", "away", "undone", "unsaid"])
    wanted: list[Fact] = []
    heard = 0
    for _ in range(3):
        attempt = await started(works, job, clock)
        async with works() as work:
            assert await work.jobs.heard(job.id) == heard
        async with at_work(attempt, flaky, clock, heard=heard) as scribe:
            number = rng.randint(0, heard)
            for place in range(rng.randint(1, 60)):
                if rng.random() < 0.7:
                    number += 1
                    await scribe.tell(line(number), number)
                    if number > heard:
                        wanted.append(line(number))
                else:
                    wanted.append(Metric(attempt.attempt, place, Split.TRAIN, {"x": 0.5}))
                    await scribe.tell(wanted[-1])
                if rng.random() < 0.1:
                    async with works() as work:
                        await work.jobs.request_cancel(job.id, clock())
                await turns(rng.randint(0, 30))
            await scribe.finish()
            heard = scribe.heard
    facts = [fact for fact in await facts_of(engine, job.id) if not isinstance(fact, Status)]
    assert facts == wanted


async def test_one_progress_a_second_is_kept_the_newest_and_at_the_end_the_last(
    engine: AsyncEngine, job: Job, works: Works, clock: StandingClock
) -> None:
    async with at_work(job, works, clock) as scribe:

        async def shown(percent: float) -> None:
            async def is_shown() -> bool:
                return (await the_job(works, job.id)).progress == percent

            await eventually(is_shown)

        scribe.progress(Progress(1))
        await shown(1)
        for seconds, percent in ((0.3, 2), (0.3, 3), (0.3, 4)):
            clock.advance(seconds=seconds)
            scribe.progress(Progress(percent))
            await scribe.tell(line(percent))
            await scribe.written()
        assert (await the_job(works, job.id)).progress == 1
        clock.advance(seconds=0.1)
        await shown(4)
        scribe.progress(Progress(5))
        await scribe.finish()
    kept = [fact.percent for fact in await facts_of(engine, job.id) if isinstance(fact, Progress)]
    assert kept == [1, 4, 5]


async def test_progress_that_is_told_like_a_fact_is_progress(
    engine: AsyncEngine, job: Job, works: Works, clock: StandingClock
) -> None:
    async with at_work(job, works, clock) as scribe:
        await scribe.tell(Progress(7), 3)
        await scribe.finish()
        assert scribe.heard == 0
    assert (await facts_of(engine, job.id))[1:] == [Progress(7)]


async def test_when_another_has_the_job_it_lets_go_of_all_and_says_so_once(
    engine: AsyncEngine, works: Works, job: Job, flaky: Flaky, clock: StandingClock
) -> None:
    superseded = Superseded()
    async with at_work(job, flaky, clock, on_superseded=superseded) as scribe:
        await started(works, job, clock)
        for fact in lines(3):
            await scribe.tell(fact)
        scribe.progress(Progress(50))
        await scribe.written()
        for fact in lines(2 * MOST):
            await scribe.tell(fact)
        await scribe.finish()
    assert (superseded.times, flaky.tried) == (1, 1)
    assert await facts_of(engine, job.id) == [Status(JobStatus.RUNNING, 1), Status(JobStatus.RUNNING, 2)]


async def test_who_waits_for_room_is_let_go_when_another_has_the_job(
    works: Works, job: Job, flaky: Flaky, clock: StandingClock
) -> None:
    flaky.fate = lambda: "away"
    sleeps = Sleeps()
    async with at_work(job, flaky, clock, sleep=sleeps) as scribe:

        async def tells() -> None:
            for fact in lines(3 * MOST):
                await scribe.tell(fact)

        telling = asyncio.create_task(tells())
        await eventually(lambda: tried(flaky, 1))
        await started(works, job, clock)
        flaky.fate = lambda: "well"
        sleeps.end()
        async with asyncio.timeout(PATIENCE_S):
            await telling


async def test_numbers_that_were_heard_are_not_even_sent(
    engine: AsyncEngine, works: Works, job: Job, flaky: Flaky, clock: StandingClock
) -> None:
    async with at_work(job, flaky, clock, heard=2) as scribe:
        await scribe.tell(line(1), 1)
        await scribe.tell(line(2), 2)
        await scribe.written()
        assert (flaky.tried, scribe.heard) == (0, 2)
        await scribe.tell(line(3), 3)
        await scribe.written()
        assert (flaky.tried, scribe.heard) == (1, 3)


async def test_how_a_job_stands_is_not_told(job: Job, works: Works, clock: StandingClock) -> None:
    async with at_work(job, works, clock) as scribe:
        with pytest.raises(TypeError):
            await scribe.tell(Status(JobStatus.COMPLETED, 1))


async def test_a_fact_that_cannot_be_kept_ends_it_and_leaves_nobody_waiting(
    job: Job, works: Works, clock: StandingClock
) -> None:
    scribe = Scribe(job, heard=0, works=works, clock=clock, on_superseded=Superseded(), sleep=no_time)
    running = asyncio.create_task(scribe.run())
    await scribe.tell(replace(Metric(0, 0, Split.TRAIN, {}), epoch=2**40))
    await scribe.written()
    with pytest.raises(OverflowError, match="int32"):
        await running


async def test_connections_that_are_killed_again_and_again_lose_and_double_nothing(
    engine: AsyncEngine, works: Works, job: Job, clock: StandingClock, endpoints: Endpoints
) -> None:
    kills = 0

    async def kill(admin: asyncpg.Connection) -> None:
        nonlocal kills
        while True:
            kills += await admin.fetchval(_KILL)
            await asyncio.sleep(0.004)

    admin = await asyncpg.connect(endpoints.database_url)
    counted = Flaky(works)
    async with at_work(job, counted, clock, sleep=lambda _: asyncio.sleep(0.002)) as scribe:
        killing = asyncio.create_task(kill(admin))
        wanted = lines(3_000)
        for number, fact in enumerate(wanted, 1):
            await scribe.tell(fact, number if number % 3 else None)
            if number % 20 == 0:
                await asyncio.sleep(0.002)
        await eventually(lambda: tried(counted, 30))
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
        await scribe.written()
    await admin.close()
    assert kills > 0
    assert (await facts_of(engine, job.id))[1:] == wanted


_KILL = """
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
