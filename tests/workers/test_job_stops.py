"""Jobs that do not run to their end: cancelled, taken over by another worker, left at a shutdown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.factory import Factory
from domain.jobs.events import Progress
from domain.jobs.model import Job
from domain.jobs.running import Finish, JobFailed, Run
from domain.jobs.service import RUN, Jobs
from domain.jobs.status import JobStatus
from persistence.tables.jobs import jobs
from persistence.work import Works
from tests.support.clock import NOON, StandingClock
from tests.support.jobs import HERE, Endings, asked_for, job_now, job_row, task_of, the_job
from tests.support.people import Person, a_person
from tests.workers.doing import Busy, Does, a_job_runner, leaves_result, payload_of, results
from tests.workers.helpers import NEVER_S, a_runner, row_of
from workers.jobs import JobRunner
from workers.tasks import PutOff


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def endings() -> Endings:
    return Endings()


@pytest.fixture
def use(works: Works, clock: StandingClock) -> Jobs:
    return Jobs(works=works, clock=clock, endings={})


@asynccontextmanager
async def running(runner: JobRunner, job: Job, busy: Busy) -> AsyncIterator[asyncio.Task[None]]:
    """The job has begun; the block ends when the runner has returned."""
    task = asyncio.create_task(runner(payload_of(job)))
    await busy.started.wait()
    yield task
    await task


async def taken_over(works: Works, clock: StandingClock, id: UUID) -> None:
    """As another worker does it."""
    async with works() as work:
        assert await work.jobs.start(id, clock(), HERE)


async def test_a_wish_to_cancel_is_seen_at_the_next_look(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, use: Jobs, endings: Endings
) -> None:
    job, busy = await job_row(works, ann), Busy()
    async with running(a_job_runner(works, clock, busy, endings, look_s=0.01), job, busy):
        marked = await use.cancel(ann.viewer, job.id)
        assert marked.status is JobStatus.RUNNING
    now = await the_job(works, job.id)
    assert now == replace(marked, status=JobStatus.CANCELLED, last_seq=marked.last_seq + 2, finished_at=NOON)
    assert endings.told == [(job.id, JobStatus.CANCELLED)]
    assert await results(engine) == []


async def test_a_job_is_cancelled_only_when_its_executor_has_ended_which_may_take_its_time(
    works: Works, ann: Person, clock: StandingClock, use: Jobs
) -> None:
    cleaning, cleaned = asyncio.Event(), asyncio.Event()

    class Careful(Busy):
        async def _wait(self, job: Job, run: Run) -> None:
            try:
                await super()._wait(job, run)
            finally:
                cleaning.set()
                await cleaned.wait()

    job, busy = await job_row(works, ann), Careful()
    async with running(a_job_runner(works, clock, busy, look_s=0.001), job, busy):
        await use.cancel(ann.viewer, job.id)
        await cleaning.wait()
        # The wish is seen again and again now.
        for _ in range(20):
            assert (await the_job(works, job.id)).status is JobStatus.RUNNING
        assert busy.ended == []
        cleaned.set()
    assert busy.ended == [1]
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED


async def test_what_is_done_before_it_hears_of_the_wish_is_done(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, use: Jobs
) -> None:
    job, busy = await job_row(works, ann), Busy()
    async with running(a_job_runner(works, clock, busy, look_s=NEVER_S), job, busy):
        await use.cancel(ann.viewer, job.id)
        busy.go_on.set()
    now = await the_job(works, job.id)
    assert (now.status, now.cancel_requested_at) == (JobStatus.COMPLETED, NOON)
    assert await results(engine) == [1]


@pytest.mark.parametrize("error", [RuntimeError("in the middle"), JobFailed("X", "x")])
async def test_an_executor_that_fails_while_it_is_cancelled_is_cancelled(
    works: Works, ann: Person, clock: StandingClock, use: Jobs, endings: Endings, error: Exception
) -> None:
    class Clumsy(Busy):
        async def _wait(self, job: Job, run: Run) -> None:
            try:
                await super()._wait(job, run)
            except asyncio.CancelledError:
                raise error from None

    job, busy = await job_row(works, ann), Clumsy()
    with capture_logs() as logs:
        async with running(a_job_runner(works, clock, busy, endings), job, busy):
            await use.cancel(ann.viewer, job.id)
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED
    assert endings.told == [(job.id, JobStatus.CANCELLED)]
    assert "executor failed while it was stopped" in [log["event"] for log in logs]


async def test_a_wish_that_its_worker_did_not_live_to_hear_is_obeyed_by_the_next(
    works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await job_row(works, ann, status=JobStatus.RUNNING, attempt=1, cancel_requested_at=NOON, started_at=NOON)
    does = Does()
    await a_job_runner(works, clock, does, endings)(payload_of(job))
    now = await the_job(works, job.id)
    assert now == replace(job, status=JobStatus.CANCELLED, attempt=2, last_seq=3, finished_at=NOON)
    assert does.began == []
    assert endings.told == [(job.id, JobStatus.CANCELLED)]


async def test_a_job_that_was_cancelled_while_it_waited_keeps_no_place_in_the_queue(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, use: Jobs
) -> None:
    job, other, does = await asked_for(works, ann), await asked_for(works, ann), Does()
    task, its = await task_of(engine, job), await task_of(engine, other)
    await use.cancel(ann.viewer, job.id)
    assert await row_of(engine, task) is None
    assert await row_of(engine, its) is not None
    await a_runner(engine, clock, {RUN: a_job_runner(works, clock, does)}).run(task)
    assert does.began == []


async def test_a_job_that_is_cancelled_when_its_task_is_just_claimed_is_not_begun(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, use: Jobs
) -> None:
    job, does = await asked_for(works, ann), Does()
    runner = a_runner(engine, clock, {RUN: a_job_runner(works, clock, does)})
    claimed = await runner.claim(await task_of(engine, job))
    assert claimed is not None
    await use.cancel(ann.viewer, job.id)
    await runner.work(claimed)
    assert does.began == []
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED


async def test_a_job_that_waits_for_its_next_try_is_cancelled_at_once(
    works: Works, ann: Person, clock: StandingClock, use: Jobs
) -> None:
    async def do(_job: Job, _run: Run) -> None:
        raise RuntimeError

    job = await job_row(works, ann)
    with pytest.raises(PutOff):
        await a_job_runner(works, clock, Does(do))(payload_of(job))
    assert (await use.cancel(ann.viewer, job.id)).status is JobStatus.CANCELLED


async def test_a_job_that_breaks_before_it_hears_of_the_wish_is_cancelled_and_not_tried_again(
    works: Works, ann: Person, clock: StandingClock, use: Jobs, endings: Endings
) -> None:
    async def do(job: Job, _run: Run) -> None:
        await use.cancel(ann.viewer, job.id)
        raise RuntimeError

    job = await job_row(works, ann)
    await a_job_runner(works, clock, Does(do), endings, look_s=NEVER_S)(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.CANCELLED
    assert endings.told == [(job.id, JobStatus.CANCELLED)]


async def test_a_worker_that_is_told_to_stop_leaves_the_job_to_the_next(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job, busy = await asked_for(works, ann), Busy()
    task = await task_of(engine, job)
    working = asyncio.create_task(a_runner(engine, clock, {RUN: a_job_runner(works, clock, busy, endings)}).run(task))
    await busy.started.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert busy.ended == [1]
    left = await the_job(works, job.id)
    assert (left.status, left.attempt) == (JobStatus.RUNNING, 1)
    await a_runner(engine, clock, {RUN: a_job_runner(works, clock, Does(), endings)}).run(task)
    now = await the_job(works, job.id)
    assert (now.status, now.attempt) == (JobStatus.COMPLETED, 2)
    assert await results(engine) == [2]
    assert endings.told == []
    assert await row_of(engine, task) is None


OUTCOMES = {
    "a result": None,
    "a failure": JobFailed("X", "x"),
    "an error": RuntimeError("x"),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
async def test_a_worker_that_wakes_after_another_took_the_job_changes_nothing(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, endings: Endings, outcome: str
) -> None:
    class Sleeper(Busy):
        async def __call__(self, job: Job, run: Run) -> Finish:
            await super().__call__(job, run)
            if error := OUTCOMES[outcome]:
                raise error
            return leaves_result(job)

    job, busy = await job_row(works, ann), Sleeper()
    async with running(a_job_runner(works, clock, busy, endings, look_s=NEVER_S), job, busy):
        await taken_over(works, clock, job.id)
        between = await the_job(works, job.id)
        busy.go_on.set()
    assert await the_job(works, job.id) == between
    assert between.attempt == 2
    assert await results(engine) == []
    assert endings.told == []


async def test_of_a_sleeper_and_the_one_who_took_over_only_the_second_leaves_a_result(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    job, busy = await job_row(works, ann), Busy()
    async with running(a_job_runner(works, clock, busy, look_s=NEVER_S), job, busy):
        await a_job_runner(works, clock, Does())(payload_of(job))
        over = await the_job(works, job.id)
        busy.go_on.set()
    assert await the_job(works, job.id) == over
    assert (over.status, over.attempt) == (JobStatus.COMPLETED, 2)
    assert await results(engine) == [2]


async def test_a_worker_that_looks_sees_that_another_has_the_job_and_stops(
    works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job, busy = await job_row(works, ann), Busy()
    with capture_logs() as logs:
        async with running(a_job_runner(works, clock, busy, endings), job, busy):
            await taken_over(works, clock, job.id)
    assert busy.ended == [1]
    assert [log["event"] for log in logs] == ["job given up to others"]
    assert ((await the_job(works, job.id)).status, endings.told) == (JobStatus.RUNNING, [])


async def test_an_executor_that_tells_its_progress_hears_that_another_has_the_job(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    after: list[str] = []

    async def do(job: Job, run: Run) -> None:
        await taken_over(works, clock, job.id)
        await run.progress(Progress(50))
        await asyncio.Event().wait()
        after.append("went on")

    job, does = await job_row(works, ann), Does(do)
    await a_job_runner(works, clock, does, look_s=NEVER_S)(payload_of(job))
    assert (does.ended, after, await results(engine)) == ([1], [], [])
    assert (await the_job(works, job.id)).progress == 0.0


async def test_progress_from_a_task_beside_stops_the_executor_too(
    works: Works, ann: Person, clock: StandingClock
) -> None:
    async def do(job: Job, run: Run) -> None:
        async def beside() -> None:
            await taken_over(works, clock, job.id)
            await run.progress(Progress(50))

        async with asyncio.TaskGroup() as group:
            group.create_task(beside())
            await asyncio.Event().wait()

    job, does = await job_row(works, ann), Does(do)
    await a_job_runner(works, clock, does, look_s=NEVER_S)(payload_of(job))
    assert does.ended == [1]


async def test_a_job_that_is_deleted_under_way_is_stopped(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job, busy = await job_row(works, ann), Busy()
    async with running(a_job_runner(works, clock, busy, endings), job, busy), engine.begin() as connection:
        await connection.execute(delete(jobs).where(jobs.c.id == job.id))
    assert busy.ended == [1]
    assert await job_now(works, job.id) is None
    assert endings.told == []


async def test_two_jobs_beside_each_other_are_cancelled_apart(
    works: Works, ann: Person, clock: StandingClock, use: Jobs
) -> None:
    first, second = await job_row(works, ann), await job_row(works, ann)
    one, other = Busy(), Busy()
    async with running(a_job_runner(works, clock, other), second, other):
        async with running(a_job_runner(works, clock, one), first, one):
            await use.cancel(ann.viewer, first.id)
        assert (await the_job(works, second.id)).status is JobStatus.RUNNING
        other.go_on.set()
    assert (await the_job(works, first.id)).status is JobStatus.CANCELLED
    assert (await the_job(works, second.id)).status is JobStatus.COMPLETED
