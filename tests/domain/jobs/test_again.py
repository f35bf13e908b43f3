"""Retrying and resuming jobs, and what keeps a job from being deleted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.blobs import Content, Owner
from domain.errors import Forbidden, Refused, Unauthenticated
from domain.ids import new_id
from domain.jobs.events import Status
from domain.jobs.model import Job
from domain.jobs.service import Jobs
from domain.jobs.status import OF_DATASETS, JobKind, JobStatus
from domain.models.model import Stage
from domain.viewer import NOBODY, Role
from domain.work import Queue
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.bells import HeardBells
from tests.support.clock import NOON, StandingClock
from tests.support.jobs import asked_for, events_of, job_now, job_row, the_job
from tests.support.people import Person, a_person
from tests.support.refusals import refused
from tests.support.rows import fingerprint
from tests.support.strategies import project_row
from tests.support.trainings import a_model, a_trading_strategy

AGAIN = ("retry", "resume")
FAILED = {"kind": JobKind.TRAINING, "status": JobStatus.FAILED, "attempt": 2, "error_code": "X", "has_checkpoint": True}


@pytest.fixture
def bells() -> HeardBells:
    return HeardBells()


@pytest.fixture
def works(engine: AsyncEngine, bells: HeardBells, clock: StandingClock) -> Works:
    return Works(engine, bells, clock)


@pytest.fixture
def use(works: Works, clock: StandingClock) -> Jobs:
    return Jobs(works=works, clock=clock, endings={})


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def tasks_of(engine: AsyncEngine, job: Job) -> list[tuple[str, object, int]]:
    wanted = outbox.c.payload["job"].astext == str(job.id)
    async with engine.connect() as connection:
        rows = await connection.execute(select(outbox.c.queue, outbox.c.owner_id, outbox.c.priority).where(wanted))
        return [tuple(row) for row in rows]


async def with_checkpoint(works: Works, job: Job) -> None:
    content = Content(job.id.hex * 2, 5)
    async with works() as work:
        await work.blobs.expect(content)
        for part in ("checkpoint", "input"):
            await work.blobs.use(Owner("job", job.id, part), content)


async def parts_of(works: Works, job: Job) -> list[str]:
    async with works() as work:
        return [part for part in ("checkpoint", "input") if await work.blobs.of(Owner("job", job.id, part))]


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
@pytest.mark.parametrize("how", AGAIN)
async def test_what_did_not_succeed_waits_again_with_a_task_and_says_so(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells, status: JobStatus, how: str
) -> None:
    wish = {"cancel_requested_at": NOON, "finished_at": NOON, "started_at": NOON, "priority": 3, "progress": 40.0}
    job = await job_row(works, ann, **FAILED | {"status": status} | wish)
    await with_checkpoint(works, job)
    waiting = await getattr(use, how)(ann.viewer, job.id)
    kept = {"has_checkpoint": how == "resume", "progress": 40.0 if how == "resume" else 0.0}
    gone = {"error_code": None, "cancel_requested_at": None, "finished_at": None, "started_at": None}
    assert waiting == replace(job, status=JobStatus.QUEUED, last_seq=1, **kept, **gone)  # type: ignore[arg-type]
    assert await the_job(works, job.id) == waiting
    assert await tasks_of(engine, job) == [("training", ann.user.id, 3)]
    assert bells.rung == [Queue.TRAINING]
    [event] = await events_of(engine, job.id)
    assert event.fact == Status(JobStatus.QUEUED, 2)
    # Its data stays its own.
    assert await parts_of(works, job) == (["checkpoint", "input"] if how == "resume" else ["input"])


@pytest.mark.parametrize("how", AGAIN)
@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.COMPLETED])
async def test_what_is_not_over_or_succeeded_is_not_begun_again(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells, how: str, status: JobStatus
) -> None:
    job = await job_row(works, ann, **FAILED | {"status": status})
    bells.told.clear()
    before = await fingerprint(engine)
    assert await refused(getattr(use, how)(ann.viewer, job.id)) == [("WRONG_STATE", "id")]
    assert await fingerprint(engine) == before
    assert (bells.rung, bells.told) == ([], [])


async def test_without_a_checkpoint_there_is_a_retry_but_no_resume(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await job_row(works, ann, **FAILED | {"has_checkpoint": False})
    before = await fingerprint(engine)
    with pytest.raises(Refused, match="no checkpoint") as refusal:
        await use.resume(ann.viewer, job.id)
    assert [problem.code for problem in refusal.value.problems] == ["WRONG_STATE"]
    assert await fingerprint(engine) == before
    assert (await use.retry(ann.viewer, job.id)).status is JobStatus.QUEUED


@pytest.mark.parametrize("kind", sorted(OF_DATASETS))
@pytest.mark.parametrize("how", AGAIN)
async def test_a_job_that_reads_or_makes_a_dataset_is_asked_for_anew(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person, kind: JobKind, how: str
) -> None:
    job = await job_row(works, ann, **FAILED | {"kind": kind})
    before = await fingerprint(engine)
    assert await refused(getattr(use, how)(ann.viewer, job.id)) == [("WRONG_STATE", "id")]
    assert await fingerprint(engine) == before


@pytest.mark.parametrize("how", AGAIN)
async def test_only_who_started_it_and_admins_may(
    use: Jobs, factory: Factory, engine: AsyncEngine, works: Works, ann: Person, how: str
) -> None:
    bob, root = await a_person(factory, "bob"), await a_person(factory, "root", Role.ADMIN)
    project = await project_row(factory, ann, bob)
    private = await job_row(works, ann, **FAILED)
    strategy = await a_trading_strategy(factory, ann, "Shared", project)
    shared = await job_row(works, ann, **FAILED, strategy_id=strategy.id)
    act, before = getattr(use, how), await fingerprint(engine)
    assert await refused(act(bob.viewer, private.id)) == [("NOT_FOUND", "id")]
    assert await refused(act(ann.viewer, new_id())) == [("NOT_FOUND", "id")]
    with pytest.raises(Unauthenticated):
        await act(NOBODY, private.id)
    with pytest.raises(Forbidden):
        await act(bob.viewer, shared.id)
    assert await fingerprint(engine) == before
    assert (await act(root.viewer, private.id)).status is JobStatus.QUEUED


async def test_of_many_who_retry_at_once_one_does(use: Jobs, engine: AsyncEngine, works: Works, ann: Person) -> None:
    job = await job_row(works, ann, **FAILED)
    answers = await asyncio.gather(*(use.retry(ann.viewer, job.id) for _ in range(4)), return_exceptions=True)
    assert len([one for one in answers if isinstance(one, Job)]) == 1
    assert len(await tasks_of(engine, job)) == 1
    assert (await the_job(works, job.id)).last_seq == 1


async def test_what_was_cancelled_while_it_waited_keeps_one_task_when_it_is_retried(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await asked_for(works, ann, kind=JobKind.TRAINING)
    other = await asked_for(works, ann, kind=JobKind.TRAINING)
    await use.cancel(ann.viewer, job.id)
    await use.retry(ann.viewer, job.id)
    assert await tasks_of(engine, job) == [("training", ann.user.id, 0)]
    assert len(await tasks_of(engine, other)) == 1


async def test_a_job_whose_model_is_in_use_is_not_deleted(
    use: Jobs, factory: Factory, engine: AsyncEngine, works: Works, ann: Person
) -> None:
    for stage in Stage:
        job = await the_job(works, (await a_model(factory, ann, stage=stage)).job_id)
        before = await fingerprint(engine)
        if stage in {Stage.STAGING, Stage.PRODUCTION}:
            assert await refused(use.delete(ann.viewer, job.id)) == [("WRONG_STATE", "id")]
            assert await fingerprint(engine) == before
        else:
            await use.delete(ann.viewer, job.id)
            assert await job_now(works, job.id) is None
