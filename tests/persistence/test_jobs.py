"""The steps of a job in Postgres: each is one guarded UPDATE, and changes everything it should or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.ids import new_id
from domain.jobs.events import Level, Log, Progress
from domain.jobs.model import Job
from domain.jobs.status import JobKind, JobStatus
from domain.jobs.stores import JobStore, Told
from domain.live import Standing
from domain.work import Queue, Task
from persistence.event_log import PostgresEventLog
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.clock import NOON
from tests.support.events import a_running_job, lines
from tests.support.jobs import HERE, asked_for, dataset_row, job_row, task_of, the_job
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.strategies import project_row
from tests.support.written import sent

LATER = NOON + timedelta(minutes=1)
LINE = Log(Level.INFO, "Hello.")
ATTEMPT = 2

Changes = dict[str, Any]
Step = Callable[[JobStore, UUID, int], Awaitable[object]]

STEPS: dict[str, Step] = {
    "start": lambda jobs, id, _: jobs.start(id, LATER, HERE),
    "record": lambda jobs, id, attempt: jobs.record(id, attempt, [Told(NOON, LINE)], Progress(40.0, step=7)),
    "complete": lambda jobs, id, attempt: jobs.complete(id, attempt, LATER),
    "fail": lambda jobs, id, attempt: jobs.fail(id, attempt, "BAD_FILE", "It is bad.", LATER),
    "stumble": lambda jobs, id, attempt: jobs.stumble(id, attempt, LATER),
    "request_cancel": lambda jobs, id, _: jobs.request_cancel(id, LATER),
    "cancelled": lambda jobs, id, attempt: jobs.cancelled(id, attempt, LATER),
    "retry": lambda jobs, id, _: jobs.requeue(id, LATER, from_scratch=True),
    "resume": lambda jobs, id, _: jobs.requeue(id, LATER, from_scratch=False),
}
FENCED = ("record", "complete", "fail", "stumble", "cancelled")

_Q, _R, _C, _F, _X = JobStatus
ENDED: Changes = {"finished_at": LATER}
FAILED: Changes = {"status": _F, "error_code": "BAD_FILE", "error_message": "It is bad."} | ENDED
WISH: Changes = {"cancel_requested_at": LATER}
USUAL: Changes = {"updated_at": LATER, "last_seq": 6}
AGAIN: Changes = {"status": _Q, "queued_at": LATER}
STARTED: Changes = {"status": _R, "attempt": ATTEMPT + 1, "progress": 0.0, "started_at": LATER}

# What each step makes of a job in the second attempt, 30 % done. What is not here is refused.
YES: dict[tuple[str, JobStatus], Changes] = {
    ("start", _Q): STARTED,
    ("start", _R): STARTED,
    ("record", _R): {"progress": 40.0, "step": 7, "last_seq": 7, "updated_at": NOON},
    ("complete", _R): {"status": _C, "progress": 100.0} | ENDED,
    ("fail", _Q): FAILED,
    ("fail", _R): FAILED,
    ("stumble", _R): {"status": _Q, "progress": 0.0, "queued_at": LATER},
    ("request_cancel", _Q): {"status": _X} | WISH | ENDED,
    ("request_cancel", _R): WISH,
    ("cancelled", _R): {"status": _X} | ENDED,
    ("retry", _F): AGAIN | {"progress": 0.0, "series_from": 5},
    ("retry", _X): AGAIN | {"progress": 0.0, "series_from": 5},
    ("resume", _F): AGAIN,
    ("resume", _X): AGAIN,
}


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def taken(works: Works, step: str, id: UUID, attempt: int = ATTEMPT) -> object:
    async with works() as work:
        return await STEPS[step](work.jobs, id, attempt)


@pytest.mark.parametrize("step", STEPS)
async def test_each_step_does_what_the_table_says(works: Works, ann: Person, step: str) -> None:
    for status in JobStatus:
        job = await job_row(works, ann, status=status, attempt=ATTEMPT, progress=30.0, last_seq=5)
        answer = await taken(works, step, job.id)
        now = await the_job(works, job.id)
        if changes := YES.get((step, status)):
            assert now == replace(job, **USUAL | changes)
            assert answer == {"record": 7, "stumble": 1}.get(step, now)
        else:
            assert answer in (None, False), status
            assert now == job


async def test_another_attempt_changes_nothing(works: Works, ann: Person) -> None:
    for status in (JobStatus.QUEUED, JobStatus.RUNNING):
        job = await job_row(works, ann, status=status, attempt=ATTEMPT)
        for step in FENCED:
            for attempt in (ATTEMPT - 1, ATTEMPT + 1):
                assert await taken(works, step, job.id, attempt) in (None, False), step
        assert await the_job(works, job.id) == job


async def test_a_job_that_is_gone_is_left_alone(engine: AsyncEngine, works: Works, ann: Person) -> None:
    await job_row(works, ann, status=JobStatus.RUNNING, attempt=ATTEMPT)
    before = await fingerprint(engine)
    for step in STEPS:
        assert await taken(works, step, new_id()) in (None, False), step
    assert await fingerprint(engine) == before


async def test_the_first_start_and_the_first_wish_to_cancel_are_what_is_remembered(works: Works, ann: Person) -> None:
    job = await job_row(works, ann)
    async with works() as work:
        await work.jobs.start(job.id, NOON, HERE)
        await work.jobs.request_cancel(job.id, NOON)
        await work.jobs.start(job.id, LATER, HERE)
        await work.jobs.request_cancel(job.id, LATER)
    now = await the_job(works, job.id)
    assert (now.started_at, now.cancel_requested_at, now.updated_at, now.attempt) == (NOON, NOON, LATER, 2)


async def test_stumbles_are_counted_apart_from_attempts(works: Works, ann: Person) -> None:
    job = await job_row(works, ann)
    async with works() as work:
        await work.jobs.start(job.id, NOON, HERE)
        await work.jobs.start(job.id, NOON, HERE)
        assert await work.jobs.stumble(job.id, 2, NOON) == 1
        await work.jobs.start(job.id, NOON, HERE)
        assert await work.jobs.stumble(job.id, 2, NOON) is None
        assert await work.jobs.stumble(job.id, 3, NOON) == 2


async def test_each_step_is_one_update_beside_the_copy_of_its_events(
    engine: AsyncEngine, works: Works, ann: Person
) -> None:
    for step, status in YES:
        job = await job_row(works, ann, status=status, attempt=ATTEMPT)
        with sent(engine) as statements:
            await taken(works, step, job.id)
        # How often it stumbled is asked for; the task it may still have and what it has in store are given up.
        others = {"stumble": ["SELECT"], "retry": ["DELETE", "DELETE"], "resume": ["DELETE"]}.get(step, [])
        if step == "request_cancel" and status is JobStatus.QUEUED:
            others = ["DELETE"]
        assert [text.split()[0] for text in statements] == ["UPDATE", *others, "COMMIT"], step


async def test_of_many_that_race_one_wins(works: Works, ann: Person) -> None:
    for step in ("complete", "fail", "stumble", "cancelled"):
        job = await job_row(works, ann, status=JobStatus.RUNNING, attempt=ATTEMPT)
        answers = await asyncio.gather(*(taken(works, step, job.id) for _ in range(5)))
        assert len([answer for answer in answers if answer is not None]) == 1, step


async def test_starts_that_race_get_different_attempts(works: Works, ann: Person) -> None:
    job = await job_row(works, ann)
    started = await asyncio.gather(*(taken(works, "start", job.id) for _ in range(5)))
    assert sorted(one.attempt for one in started if isinstance(one, Job)) == [1, 2, 3, 4, 5]


async def test_a_status_or_kind_that_there_is_not_is_kept_out_by_the_database(works: Works, ann: Person) -> None:
    for values in ({"status": "resting"}, {"kind": "resting"}):
        with pytest.raises(Exception, match="ck_jobs_"):
            await job_row(works, ann, **values)


async def test_all_of_a_job_is_kept(works: Works, ann: Person) -> None:
    job = await job_row(
        works,
        ann,
        kind=JobKind.TRAINING,
        name="Ünï",
        status=JobStatus.FAILED,
        progress=12.5,
        parameters={"a": [1, None, {"b": "ü"}]},
        attempt=3,
        error_code="X",
        error_message="Line\nline",
        cancel_requested_at=NOON,
        started_at=LATER,
        finished_at=LATER,
    )
    assert await the_job(works, job.id) == job


async def test_a_job_goes_with_its_dataset_and_with_its_owner(engine: AsyncEngine, works: Works, ann: Person) -> None:
    dataset = await dataset_row(engine, ann)
    of_dataset, other = await job_row(works, ann, dataset_id=dataset), await job_row(works, ann)
    trained = await job_row(works, ann, dataset_id=dataset, kind=JobKind.TRAINING)
    async with works() as work:
        await work.datasets.delete(dataset)
    async with works() as work:
        assert await work.jobs.get(trained.id) == replace(trained, dataset_id=None)
        assert await work.jobs.get(of_dataset.id) is None
        assert await work.jobs.get(other.id) == other
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"DELETE FROM users WHERE id = '{ann.user.id}'")
    async with works() as work:
        assert await work.jobs.get(other.id) is None


async def test_the_open_jobs_of_a_dataset(engine: AsyncEngine, works: Works, ann: Person) -> None:
    dataset, other = await dataset_row(engine, ann), await dataset_row(engine, ann)
    made = {status: await job_row(works, ann, dataset_id=dataset, status=status) for status in JobStatus}
    await job_row(works, ann, dataset_id=other)
    await job_row(works, ann)
    async with works() as work:
        found = await work.jobs.open_of(dataset)
    assert {job.id for job in found} == {made[JobStatus.QUEUED].id, made[JobStatus.RUNNING].id}


async def test_lost_is_what_is_open_and_has_no_task(engine: AsyncEngine, works: Works, ann: Person) -> None:
    lost = [await job_row(works, ann, status=status) for status in (JobStatus.QUEUED, JobStatus.RUNNING)]
    for status in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED):
        await job_row(works, ann, status=status)
    await asked_for(works, ann)
    given_up = await asked_for(works, ann)
    async with engine.begin() as connection:
        task = await task_of(engine, given_up)
        await connection.execute(update(outbox).where(outbox.c.id == task).values(failed_at=NOON))
    renamed = await job_row(works, ann)
    async with works() as work:
        await work.enqueue(Task("other", {"job": str(renamed.id)}, Queue.DATA))
        assert await work.jobs.lost(10) == [*lost, given_up, renamed]
        assert await work.jobs.lost(2) == lost


async def test_lost_jobs_are_looked_for_among_the_open_ones_only(
    engine: AsyncEngine, works: Works, ann: Person
) -> None:
    await job_row(works, ann)
    with sent(engine) as statements:
        async with works() as work:
            await work.jobs.lost(1)
    assert "jobs.status IN ('queued', 'running')" in statements[0]


async def test_who_sees_a_job(factory: Factory, engine: AsyncEngine, works: Works, ann: Person) -> None:
    bob, eve = await a_person(factory, "bob"), await a_person(factory, "eve")
    project = await project_row(factory, ann, bob)
    shared = await dataset_row(engine, ann, project.id)
    private = await dataset_row(engine, ann)
    jobs = [
        await job_row(works, ann),
        await job_row(works, ann, dataset_id=private),
        await job_row(works, ann, dataset_id=shared),
        await job_row(works, bob, dataset_id=shared),
    ]
    root = replace(eve.viewer, role=eve.viewer.role.ADMIN)
    for viewer, visible in ((ann.viewer, jobs), (bob.viewer, jobs[2:]), (eve.viewer, []), (root, jobs)):
        found = await factory.reads.jobs.by_ids(viewer, [job.id for job in jobs])
        assert found == [job if job in visible else None for job in jobs]
        assert [await factory.reads.jobs.by_ids(viewer, [job.id]) for job in jobs] == [[each] for each in found]
        latest = await factory.reads.jobs.latest_of_datasets(viewer, [private, shared, new_id()])
        assert latest == [jobs[1] if jobs[1] in visible else None, jobs[3] if visible else None, None]


async def test_how_far_logs_go_is_the_same_asked_for_one_or_many(factory: Factory, ann: Person) -> None:
    log = PostgresEventLog(factory.reader)
    jobs = [await a_running_job(factory, ann, *lines("a", "b")), await a_running_job(factory, ann)]
    standings = {jobs[0].id: Standing(1, 2, is_over=False), jobs[1].id: Standing(1, 0, is_over=False)}
    assert await log.stands([*standings, new_id()]) == standings
    assert [await log.stands([id_]) for id_ in standings] == [{id_: each} for id_, each in standings.items()]
    assert await log.stands([new_id()]) == {}
