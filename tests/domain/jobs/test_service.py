"""Cancelling and deleting jobs: who may, when, and what becomes of what they were about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.errors import Forbidden, Refused, Unauthenticated
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.service import Jobs, new_job
from domain.jobs.status import OPEN, JobKind, JobStatus
from domain.viewer import NOBODY, Role
from domain.work import Queue
from persistence.work import Works
from tests.support.bells import HeardBells
from tests.support.clock import NOON, StandingClock
from tests.support.jobs import HERE, Endings, a_job, asked_for, dataset_row, job_now, job_row, task_of, the_job
from tests.support.people import Person, a_person
from tests.support.refusals import refused
from tests.support.rows import fingerprint
from tests.support.strategies import project_row
from tests.support.written import sent

OVER = [status for status in JobStatus if status not in OPEN]


@pytest.fixture
def endings() -> Endings:
    return Endings()


@pytest.fixture
def use(works: Works, clock: StandingClock, endings: Endings) -> Jobs:
    return Jobs(works=works, clock=clock, endings={JobKind.INSPECTION: endings})


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def test_a_new_job_waits_and_has_done_nothing(ann: Person, clock: StandingClock) -> None:
    dataset = new_id()
    job = new_job(ann.viewer, JobKind.IMPORTING, "Fetch", clock, dataset_id=dataset, parameters={"a": 1})
    values = {"kind": JobKind.IMPORTING, "name": "Fetch", "dataset_id": dataset, "parameters": {"a": 1}}
    assert job == replace(a_job(ann, **values), id=job.id)
    assert new_job(ann.viewer, JobKind.IMPORTING, "Fetch", clock).parameters == {}


async def test_a_job_and_its_task_are_kept_together_and_the_bell_rings(
    engine: AsyncEngine, ann: Person, clock: StandingClock
) -> None:
    bells = HeardBells()
    job = await asked_for(Works(engine, bells, clock), ann)
    assert bells.rung == [Queue.DATA]
    assert await task_of(engine, job)


async def test_a_waiting_job_is_cancelled_at_once(
    use: Jobs, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await job_row(works, ann)
    clock.advance(seconds=5)
    cancelled = await use.cancel(ann.viewer, job.id)
    changed = {"status": JobStatus.CANCELLED, "last_seq": 1, "cancel_requested_at": clock(), "finished_at": clock()}
    assert cancelled == replace(job, updated_at=clock(), **changed)  # type: ignore[arg-type]
    assert await the_job(works, job.id) == cancelled
    assert endings.told == [(job.id, JobStatus.CANCELLED)]


async def test_a_running_job_is_marked_and_ended_by_its_worker(
    use: Jobs, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    job = await job_row(works, ann, status=JobStatus.RUNNING, attempt=1)
    clock.advance(seconds=5)
    marked = await use.cancel(ann.viewer, job.id)
    assert marked == replace(job, last_seq=1, updated_at=clock(), cancel_requested_at=clock())
    again = await use.cancel(ann.viewer, job.id)
    assert again == marked
    assert await the_job(works, job.id) == marked
    assert endings.told == []


@pytest.mark.parametrize("status", OVER)
async def test_a_job_that_is_over_cannot_be_cancelled(
    use: Jobs, works: Works, ann: Person, endings: Endings, status: JobStatus
) -> None:
    job = await job_row(works, ann, status=status)
    assert await refused(use.cancel(ann.viewer, job.id)) == [("WRONG_STATE", "id")]
    assert await the_job(works, job.id) == job
    assert endings.told == []


async def test_when_many_cancel_a_waiting_job_one_does(use: Jobs, works: Works, ann: Person, endings: Endings) -> None:
    job = await job_row(works, ann)
    answers = await asyncio.gather(*(use.cancel(ann.viewer, job.id) for _ in range(4)), return_exceptions=True)
    assert [one.status for one in answers if isinstance(one, Job)] == [JobStatus.CANCELLED]
    assert len([one for one in answers if isinstance(one, Refused)]) == 3
    assert endings.told == [(job.id, JobStatus.CANCELLED)]


async def test_cancel_and_start_race_and_the_wish_is_never_lost(
    use: Jobs, works: Works, ann: Person, clock: StandingClock, endings: Endings
) -> None:
    async def started(id: UUID) -> Job | None:
        async with works() as work:
            return await work.jobs.start(id, clock(), HERE)

    for _ in range(10):
        endings.told.clear()
        job = await job_row(works, ann)
        _, begun = await asyncio.gather(use.cancel(ann.viewer, job.id), started(job.id))
        now = await the_job(works, job.id)
        assert now.cancel_requested_at == NOON
        assert now.status is (JobStatus.RUNNING if begun else JobStatus.CANCELLED)
        assert endings.told == ([] if begun else [(job.id, JobStatus.CANCELLED)])


async def test_when_the_object_cannot_be_put_right_the_job_stays_as_it_was(
    use: Jobs, works: Works, ann: Person, endings: Endings
) -> None:
    job = await job_row(works, ann)
    endings.error = RuntimeError("no")
    with pytest.raises(RuntimeError, match="no"):
        await use.cancel(ann.viewer, job.id)
    assert await the_job(works, job.id) == job


async def test_a_kind_without_an_ending_needs_none(use: Jobs, works: Works, ann: Person) -> None:
    job = await job_row(works, ann, kind=JobKind.TRAINING)
    assert (await use.cancel(ann.viewer, job.id)).status is JobStatus.CANCELLED


@pytest.mark.parametrize("status", OVER)
async def test_a_job_that_is_over_can_be_deleted_and_that_is_noted(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person, status: JobStatus
) -> None:
    job = await job_row(works, ann, status=status)
    assert await use.delete(ann.viewer, job.id) == job
    assert await job_now(works, job.id) is None
    async with engine.connect() as connection:
        noted = await connection.execute(text("SELECT action, object_id, before->>'status' FROM audit_log"))
    assert [tuple(row) for row in noted] == [("job.deleted", job.id, status.value)]


@pytest.mark.parametrize("status", sorted(OPEN))
async def test_a_job_that_is_not_over_cannot_be_deleted(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person, status: JobStatus
) -> None:
    job = await job_row(works, ann, status=status)
    before = await fingerprint(engine)
    assert await refused(use.delete(ann.viewer, job.id)) == [("WRONG_STATE", "id")]
    assert await fingerprint(engine) == before


async def test_only_who_started_a_job_and_admins_may_end_or_delete_it(
    use: Jobs, factory: Factory, engine: AsyncEngine, works: Works, ann: Person
) -> None:
    bob, root = await a_person(factory, "bob"), await a_person(factory, "root", Role.ADMIN)
    project = await project_row(factory, ann, bob)
    private = await job_row(works, ann)
    shared = await job_row(works, ann, dataset_id=await dataset_row(engine, ann, project.id))
    before = await fingerprint(engine)
    for act in (use.cancel, use.delete):
        assert await refused(act(bob.viewer, private.id)) == [("NOT_FOUND", "id")]
        with pytest.raises(Unauthenticated):
            await act(NOBODY, private.id)
        assert await refused(act(ann.viewer, new_id())) == [("NOT_FOUND", "id")]
        with pytest.raises(Forbidden):
            await act(bob.viewer, shared.id)
    assert await fingerprint(engine) == before
    for job in (private, shared):
        assert (await use.cancel(root.viewer, job.id)).status is JobStatus.CANCELLED
        await use.delete(root.viewer, job.id)


async def test_a_cancel_of_one_that_waits_takes_its_task_along(
    use: Jobs, engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await job_row(works, ann, kind=JobKind.TRAINING)
    with sent(engine) as statements:
        await use.cancel(ann.viewer, job.id)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE", "DELETE", "COMMIT"]
