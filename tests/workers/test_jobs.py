"""What becomes of a job: completed, failed, tried again."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.factory import Factory
from domain.errors import Code, Problem, Refused, Unavailable
from domain.ids import new_id
from domain.jobs.events import Progress
from domain.jobs.model import Job
from domain.jobs.running import Finish, JobFailed, Run
from domain.jobs.service import RUN
from domain.jobs.status import OPEN, JobKind, JobStatus
from domain.work import Task, UnitOfWork
from persistence.work import PostgresWork, Works
from tests.support.clock import NOON, StandingClock
from tests.support.jobs import Endings, asked_for, job_row, task_of, the_job
from tests.support.people import Person, a_person
from tests.support.written import sent
from tests.workers.doing import Do, Does, a_job_runner, payload_of, results
from tests.workers.helpers import NEVER_S, a_runner, row_of, the_row
from workers.jobs import MAKE_ROOM, NO_ROOM, TRIES_WITHOUT_ROOM
from workers.tasks import PutOff


class Broken(Exception):
    pass


def raises(error: BaseException) -> Do:
    async def do(_job: Job, _run: Run) -> None:
        raise error

    return do


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def endings() -> Endings:
    return Endings()


async def test_a_job_is_done_and_its_result_kept(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await job_row(works, ann, parameters={"a": 1})
    does = Does()
    clock.advance(seconds=5)
    await a_job_runner(works, clock, does, endings)(payload_of(job))
    begun = replace(job, status=JobStatus.RUNNING, attempt=1, last_seq=2, started_at=clock(), updated_at=clock())
    assert does.began == [begun]
    over = replace(begun, status=JobStatus.COMPLETED, progress=100.0, last_seq=3, finished_at=clock())
    assert await the_job(works, job.id) == over
    assert await results(engine) == [1]
    assert endings.told == []


async def test_there_is_nothing_to_do_for_a_job_that_is_over_or_gone(
    works: Works, ann: Person, clock: StandingClock
) -> None:
    does = Does()
    for status in set(JobStatus) - OPEN:
        job = await job_row(works, ann, status=status)
        await a_job_runner(works, clock, does)(payload_of(job))
        assert await the_job(works, job.id) == job
    await a_job_runner(works, clock, does)({"job": str(new_id())})
    assert does.began == []


async def test_the_result_and_the_end_are_kept_together_or_not_at_all(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    async def executor(_job: Job, _run: Run) -> Finish:
        async def finish(work: UnitOfWork) -> None:
            await work.enqueue(Task("result", {"attempt": 1}))
            raise JobFailed("GONE", "The dataset was deleted meanwhile.")

        return finish

    job = await job_row(works, ann)
    await a_job_runner(works, clock, executor, endings)(payload_of(job))
    now = await the_job(works, job.id)
    assert (now.status, now.progress, now.error_code) == (JobStatus.FAILED, 0.0, "GONE")
    assert await results(engine) == []
    assert endings.told == [(job.id, JobStatus.FAILED)]


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (JobFailed("BAD_FILE", "It is a picture."), "BAD_FILE", "It is a picture."),
        (
            Refused(Problem(Code.TOO_LONG, "One.", ("a",)), Problem(Code.INVALID, "Two.")),
            "TOO_LONG",
            "One.; Two.",
        ),
        (JobFailed("X" * 60, "a\0b\ud800" + "x" * 3000), "X" * 50, "ab?" + "x" * 1997),
    ],
)
async def test_what_cannot_succeed_fails_at_once(
    works: Works, ann: Person, clock: StandingClock, endings: Endings, error: Exception, code: str, message: str
) -> None:
    job = await job_row(works, ann)
    does = Does(raises(error))
    await a_job_runner(works, clock, does, endings)(payload_of(job))
    now = await the_job(works, job.id)
    assert (now.status, now.error_code, now.error_message) == (JobStatus.FAILED, code, message)
    assert (now.attempt, now.finished_at) == (1, clock())
    assert endings.told == [(job.id, JobStatus.FAILED)]


async def test_a_job_whose_object_cannot_be_put_right_has_not_failed_yet(
    works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await job_row(works, ann)
    endings.error = Broken("no")
    with pytest.raises(Broken):
        await a_job_runner(works, clock, Does(raises(JobFailed("X", "x"))), endings)(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.RUNNING
    endings.error = None
    await a_job_runner(works, clock, Does(raises(JobFailed("X", "x"))), endings)(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.FAILED


async def test_an_error_that_may_pass_is_tried_three_times_in_all(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await asked_for(works, ann)
    task, does = await task_of(engine, job), Does(raises(Broken("secret of the house")))
    runner = a_runner(engine, clock, {RUN: a_job_runner(works, clock, does, endings)})
    for attempt, wait_s in ((1, 5), (2, 30)):
        await runner.run(task)
        now = await the_job(works, job.id)
        assert (now.status, now.attempt, now.finished_at) == (JobStatus.QUEUED, attempt, None)
        row = await the_row(engine, task)
        assert (row.due_at, row.error) == (clock() + timedelta(seconds=wait_s), "Broken: secret of the house")
        assert endings.told == []
        clock.now = row.due_at
    with capture_logs() as logs:
        await runner.run(task)
    now = await the_job(works, job.id)
    assert (now.status, now.attempt, now.error_code) == (JobStatus.FAILED, 3, "INTERNAL")
    assert "secret" not in str(now.error_message)
    assert endings.told == [(job.id, JobStatus.FAILED)]
    assert await row_of(engine, task) is None
    assert [log["error"] for log in logs if log["log_level"] == "error"] == ["Broken: secret of the house"]


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "full"), Broken("OSError: [Errno 28] No space left on device: 'model.safetensors'")],
    ids=["here", "in a child"],
)
async def test_a_full_disk_is_given_time_to_be_cleared(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, error: Exception
) -> None:
    job = await asked_for(works, ann)
    task, does = await task_of(engine, job), Does(raises(error))
    runner = a_runner(engine, clock, {RUN: a_job_runner(works, clock, does)})
    for wait_s in (5, *[30] * (TRIES_WITHOUT_ROOM - 2)):
        await runner.run(task)
        assert (await the_job(works, job.id)).status is JobStatus.QUEUED
        assert (await the_row(engine, task)).due_at == clock() + timedelta(seconds=wait_s)
        clock.advance(seconds=wait_s)
    await runner.run(task)
    now = await the_job(works, job.id)
    assert (now.status, now.error_code, now.error_message) == (JobStatus.FAILED, NO_ROOM, MAKE_ROOM)
    assert await row_of(engine, task) is None


async def test_an_error_that_passes_does_no_harm(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    errors = [Broken("once"), Broken("twice")]

    async def do(_job: Job, _run: Run) -> None:
        if errors:
            raise errors.pop()

    job, does = await job_row(works, ann), Does(do)
    for _ in range(2):
        with pytest.raises(PutOff):
            await a_job_runner(works, clock, does)(payload_of(job))
    await a_job_runner(works, clock, does)(payload_of(job))
    now = await the_job(works, job.id)
    assert (now.status, now.attempt, now.error_code) == (JobStatus.COMPLETED, 3, None)
    assert await results(engine) == [3]


async def test_attempts_that_died_do_not_count_as_errors(works: Works, ann: Person, clock: StandingClock) -> None:
    job = await job_row(works, ann, status=JobStatus.RUNNING, attempt=7)
    for _ in range(2):
        with pytest.raises(PutOff):
            await a_job_runner(works, clock, Does(raises(Broken())))(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.QUEUED


async def test_a_kind_that_nobody_here_can_do_is_left_for_those_who_can(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    job = await job_row(works, ann, kind=JobKind.TRAINING)
    runner = a_job_runner(works, clock, Does())
    with pytest.raises(PutOff) as again:
        await runner(payload_of(job))
    assert isinstance(again.value.__cause__, LookupError)
    assert (await the_job(works, job.id)).status is JobStatus.QUEUED


async def test_a_job_that_runs_too_long_is_ended(
    works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    async def endless(_job: Job, _run: Run) -> None:
        await asyncio.Event().wait()

    job, does = await job_row(works, ann), Does(endless)
    limit = timedelta(milliseconds=20)
    await a_job_runner(works, clock, does, endings, time_limit=limit, look_s=NEVER_S)(payload_of(job))
    now = await the_job(works, job.id)
    assert (now.status, now.error_code) == (JobStatus.FAILED, "TIMED_OUT")
    assert does.ended == [1]
    assert endings.told == [(job.id, JobStatus.FAILED)]


async def test_an_executor_that_cancels_itself_has_failed(works: Works, ann: Person, clock: StandingClock) -> None:
    job = await job_row(works, ann)
    with pytest.raises(PutOff):
        await a_job_runner(works, clock, Does(raises(asyncio.CancelledError())))(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.QUEUED


@pytest.mark.parametrize(("told", "kept"), [(-3.0, 0.0), (1e9, 100.0), (float("nan"), 0.0), (55.5, 55.5)])
async def test_progress_is_kept_within_bounds(
    works: Works, ann: Person, clock: StandingClock, told: float, kept: float
) -> None:
    async def do(_job: Job, run: Run) -> None:
        await run.progress(Progress(told))
        raise JobFailed("X", "x")

    job = await job_row(works, ann)
    await a_job_runner(works, clock, Does(do))(payload_of(job))
    assert (await the_job(works, job.id)).progress == kept


async def test_each_attempt_begins_at_nothing(works: Works, ann: Person, clock: StandingClock) -> None:
    async def do(_job: Job, run: Run) -> None:
        await run.progress(Progress(80))
        raise Broken

    job = await job_row(works, ann)
    with pytest.raises(PutOff):
        await a_job_runner(works, clock, Does(do))(payload_of(job))
    assert (await the_job(works, job.id)).progress == 0.0


class Shaky:
    """Works of a database that is away now and then."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self.away = False
        self.refusals = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[PostgresWork]:
        if self.away:
            self.refusals += 1
            raise Unavailable("away")
        async with self._works() as work:
            yield work


async def test_a_database_that_is_away_for_a_while_disturbs_neither_progress_nor_looking(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    shaky = Shaky(works)

    async def do(_job: Job, run: Run) -> None:
        shaky.away = True
        await run.progress(Progress(50))
        while shaky.refusals < 3:  # noqa: ASYNC110 - the third is a look
            await asyncio.sleep(0.001)
        shaky.away = False

    job = await job_row(works, ann)
    await a_job_runner(shaky, clock, Does(do))(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.COMPLETED
    assert await results(engine) == [1]


async def test_a_database_that_is_away_at_the_start_leaves_the_job_to_its_task(
    works: Works, ann: Person, clock: StandingClock
) -> None:
    shaky, does = Shaky(works), Does()
    shaky.away = True
    job = await job_row(works, ann)
    with pytest.raises(Unavailable):
        await a_job_runner(shaky, clock, does)(payload_of(job))
    assert does.began == []
    assert await the_job(works, job.id) == job


async def test_a_database_that_is_away_at_the_end_loses_the_attempt_and_not_the_job(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    shaky = Shaky(works)

    async def do(_job: Job, _run: Run) -> None:
        shaky.away = True

    job = await job_row(works, ann)
    with pytest.raises(Unavailable):
        await a_job_runner(shaky, clock, Does(do))(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.RUNNING
    shaky.away = False
    await a_job_runner(shaky, clock, Does())(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.COMPLETED
    assert await results(engine) == [2]


async def test_a_whole_job_is_three_short_transactions(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    looked = asyncio.Event()

    class Looked(Shaky):
        @asynccontextmanager
        async def __call__(self) -> AsyncIterator[PostgresWork]:
            async with super().__call__() as work:
                yield work
            looked.set()

    async def do(_job: Job, _run: Run) -> None:
        looked.clear()
        await looked.wait()

    job = await job_row(works, ann)
    with sent(engine) as statements:
        await a_job_runner(Looked(works), clock, Does(do), look_s=NEVER_S)(payload_of(job))
    kinds = [text.split()[0] for text in statements]
    begun, ended = ["SELECT", "UPDATE", "UPDATE", "COMMIT"], ["UPDATE", "INSERT", "COMMIT"]
    assert kinds == [*begun, "SELECT", "COMMIT", *ended]
    assert clock() == NOON
