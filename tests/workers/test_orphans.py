"""What a dead worker of this machine left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.factory import Factory
from domain.jobs.model import Job
from domain.jobs.running import Endings as JobEndings
from domain.jobs.service import Jobs
from domain.jobs.status import JobKind, JobStatus
from domain.jobs.stores import Process
from domain.work import Queue
from persistence.outbox import PostgresOutbox
from persistence.work import Works
from tests.support.clock import StandingClock
from tests.support.jobs import Endings, asked_for, task_of, the_job
from tests.support.people import Person, a_person
from tests.workers.helpers import committed, row_of, the_row
from workers.machine import signature
from workers.orphans import TOO_LONG, Orphans

LEASE = timedelta(seconds=20)
DEAD, ALIVE, ELSEWHERE = Process("here", 11, 1.0), Process("here", 12, 2.0), Process("there", 11, 1.0)
GROUP = 77


class World:
    """The processes of this machine, and what was done to them."""

    def __init__(self) -> None:
        self.ended: list[tuple[int, float]] = []
        self.rung: list[str] = []
        self.obeys = True
        self.stands_still = False

    def is_alive(self, process: Process) -> bool:
        assert process.machine == "here"
        return (process.pid, process.started) == (ALIVE.pid, ALIVE.started)

    async def end_group(self, group: int, started_after: float) -> bool:
        self.ended.append((group, started_after))
        return self.obeys

    async def ring(self, queue: Queue, task_id: str) -> None:
        self.rung.append(task_id)
        raise ConnectionError("Redis is away")


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def endings() -> Endings:
    return Endings()


def an_orphans(
    works: Works, engine: AsyncEngine, clock: StandingClock, world: World, endings: JobEndings | None = None
) -> Orphans:
    return Orphans(
        works=works,
        outbox=PostgresOutbox(engine),
        bell=world,
        endings=endings or {},
        clock=clock,
        this_machine=lambda: "here",
        is_alive=world.is_alive,
        stands_still=lambda _: world.stands_still,
        end_group=world.end_group,
    )


@pytest.fixture
def orphans(works: Works, engine: AsyncEngine, clock: StandingClock, world: World, endings: Endings) -> Orphans:
    return an_orphans(works, engine, clock, world, {JobKind.INSPECTION: endings})


async def begun(works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, process: Process) -> Job:
    """A job in the middle of its first attempt."""
    job = await asked_for(works, ann)
    task = await PostgresOutbox(engine).claim(await task_of(engine, job), clock(), LEASE, signature(process, "t"))
    assert task is not None
    async with works() as work:
        started = await work.jobs.start(job.id, clock(), process)
        assert started is not None
        assert await work.jobs.at_work(job.id, started.attempt, GROUP)
    return started


async def test_the_job_of_a_dead_worker_is_due_at_once_when_its_group_is_gone(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World
) -> None:
    job = await begun(works, engine, ann, clock, DEAD)
    task = await task_of(engine, job)
    await orphans.sweep()
    row = await the_row(engine, task)
    assert (row.due_at, row.attempts, row.claimed_by) == (clock(), 1, None)
    assert world.ended == [(GROUP, DEAD.started)]
    assert world.rung == [str(task)]
    assert await the_job(works, job.id) == job


async def test_a_cancelled_job_of_a_dead_worker_is_over_at_once(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await begun(works, engine, ann, clock, DEAD)
    task = await task_of(engine, job)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    clock.advance(seconds=1)
    await orphans.sweep()
    now = await the_job(works, job.id)
    assert (now.status, now.finished_at) == (JobStatus.CANCELLED, clock())
    assert endings.told == [(job.id, JobStatus.CANCELLED)]
    assert await row_of(engine, task) is None


async def test_while_something_of_it_may_run_nobody_else_begins(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World
) -> None:
    job = await begun(works, engine, ann, clock, DEAD)
    task = await task_of(engine, job)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    before = await the_row(engine, task)
    world.obeys = False
    with capture_logs() as logs:
        await orphans.sweep()
    assert [log["event"] for log in logs] == ["process group not ended"]
    assert (await the_job(works, job.id)).status is JobStatus.RUNNING
    assert await the_row(engine, task) == before
    world.obeys = True
    await orphans.sweep()
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED


@pytest.mark.parametrize("process", [ALIVE, ELSEWHERE], ids=["alive", "elsewhere"])
async def test_who_lives_or_is_elsewhere_is_left_alone(
    orphans: Orphans,
    works: Works,
    engine: AsyncEngine,
    ann: Person,
    clock: StandingClock,
    world: World,
    process: Process,
) -> None:
    job = await begun(works, engine, ann, clock, process)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    now, task = await the_job(works, job.id), await the_row(engine, await task_of(engine, job))
    await orphans.sweep()
    assert (await the_job(works, job.id), await the_row(engine, task.id)) == (now, task)
    assert (world.ended, world.rung) == ([], [])


async def test_a_cancelled_job_that_waits_for_its_turn_is_over_at_once(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    """Its worker was stopped in order, on a machine that is no more."""
    job = await begun(works, engine, ann, clock, ELSEWHERE)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    assert await PostgresOutbox(engine).release(await task_of(engine, job), 1, clock())
    await orphans.sweep()
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED
    assert endings.told == [(job.id, JobStatus.CANCELLED)]


async def test_a_cancelled_job_of_a_dead_machine_is_over_when_its_lease_is(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock
) -> None:
    job = await begun(works, engine, ann, clock, ELSEWHERE)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    clock.now += LEASE - timedelta(seconds=1)
    await orphans.sweep()
    assert (await the_job(works, job.id)).status is JobStatus.RUNNING
    clock.advance(seconds=1)
    await orphans.sweep()
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED


async def test_a_job_that_only_waits_for_its_turn_is_left_alone(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World
) -> None:
    job = await begun(works, engine, ann, clock, DEAD)
    assert await PostgresOutbox(engine).release(await task_of(engine, job), 1, clock())
    now = await the_job(works, job.id)
    await orphans.sweep()
    assert await the_job(works, job.id) == now
    assert world.rung == []


async def test_a_group_that_does_not_obey_a_cancel_is_ended(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World
) -> None:
    job = await begun(works, engine, ann, clock, ALIVE)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    clock.now += TOO_LONG
    await orphans.sweep()
    assert world.ended == []
    clock.advance(seconds=1)
    await orphans.sweep()
    assert world.ended == [(GROUP, ALIVE.started)]
    # The rest is its worker's, which lives.
    assert (await the_job(works, job.id)).status is JobStatus.RUNNING


async def test_a_cancelled_job_of_a_worker_that_was_stopped_is_over_at_once(
    orphans: Orphans,
    works: Works,
    engine: AsyncEngine,
    ann: Person,
    clock: StandingClock,
    world: World,
    endings: Endings,
) -> None:
    """When it goes on, it finds that the job is over, and can write nothing."""
    job = await begun(works, engine, ann, clock, ALIVE)
    task = await task_of(engine, job)
    world.stands_still = True
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    await orphans.sweep()
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED
    assert world.ended == [(GROUP, ALIVE.started)]
    assert endings.told == [(job.id, JobStatus.CANCELLED)]
    assert await row_of(engine, task) is None
    async with works() as work:
        assert await work.jobs.complete(job.id, job.attempt, clock()) is None


async def test_a_job_of_a_worker_that_was_stopped_goes_on_when_that_does_unless_it_is_to_be_cancelled(
    orphans: Orphans, works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World
) -> None:
    job = await begun(works, engine, ann, clock, ALIVE)
    task = await the_row(engine, await task_of(engine, job))
    world.stands_still = True
    await orphans.sweep()
    assert (await the_job(works, job.id), await the_row(engine, task.id), world.ended) == (job, task, [])


async def test_when_two_look_at_once_it_is_done_once(
    works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World, endings: Endings
) -> None:
    job = await begun(works, engine, ann, clock, DEAD)
    other = await begun(works, engine, ann, clock, DEAD)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    both = [an_orphans(works, engine, clock, world, {JobKind.INSPECTION: endings}) for _ in range(4)]
    await asyncio.gather(*(each.sweep() for each in both))
    assert endings.told == [(job.id, JobStatus.CANCELLED)]
    # Who looks in the middle may ring for the one that is over, too: whoever takes it finds that out.
    assert world.rung.count(str(await task_of(engine, other))) == 1
    assert len(world.rung) == len(set(world.rung)) <= 2


async def test_one_that_somebody_began_again_meanwhile_is_theirs(
    works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World
) -> None:
    job = await begun(works, engine, ann, clock, DEAD)
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
    task = await task_of(engine, job)

    async def end_group(group: int, started_after: float) -> bool:
        clock.now += LEASE
        assert await PostgresOutbox(engine).claim(task, clock(), LEASE, signature(ALIVE, "t"))
        async with works() as work:
            assert await work.jobs.start(job.id, clock(), ALIVE)
        return True

    world.end_group = end_group  # type: ignore[method-assign]
    await an_orphans(works, engine, clock, world).sweep()
    now, row = await the_job(works, job.id), await the_row(engine, task)
    assert (now.status, now.attempt, row.attempts, row.claimed_by) == (
        JobStatus.RUNNING,
        2,
        2,
        signature(ALIVE, "t"),
    )


async def test_a_task_that_is_no_job_is_due_at_once(
    orphans: Orphans, engine: AsyncEngine, clock: StandingClock, world: World
) -> None:
    store = PostgresOutbox(engine)
    dead, alive, away = [await committed(engine) for _ in range(3)]
    for id, process in ((dead, DEAD), (alive, ALIVE), (away, ELSEWHERE)):
        assert await store.claim(id, clock(), LEASE, signature(process, "t"))
    await orphans.sweep()
    assert await store.due(Queue.DATA, clock(), 10) == [dead]
    assert world.rung == [str(dead)]


async def test_a_machine_whose_name_begins_alike_is_another(
    orphans: Orphans, engine: AsyncEngine, clock: StandingClock
) -> None:
    id, store = await committed(engine), PostgresOutbox(engine)
    await store.claim(id, clock(), LEASE, signature(replace(DEAD, machine="here2"), "t"))
    await store.claim(await committed(engine), clock(), LEASE, "her%|11|1.0|t")
    assert await store.claimed_on("here", clock()) == []
    await orphans.sweep()
    assert await store.due(Queue.DATA, clock(), 10) == []


async def test_one_that_cannot_be_put_right_does_not_keep_the_others(
    works: Works, engine: AsyncEngine, ann: Person, clock: StandingClock, world: World, endings: Endings
) -> None:
    bad, good = [await begun(works, engine, ann, clock, DEAD) for _ in range(2)]
    await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, bad.id)
    endings.error = RuntimeError("no")
    with capture_logs() as logs:
        await an_orphans(works, engine, clock, world, {JobKind.INSPECTION: endings}).sweep()
    assert [log["event"] for log in logs] == ["orphan not put right", "task of a dead worker"]
    assert (await the_job(works, bad.id)).status is JobStatus.RUNNING
    assert world.rung == [str(await task_of(engine, good))]
