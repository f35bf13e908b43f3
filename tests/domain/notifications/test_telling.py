"""What is told of, to whom, and together with what it tells of."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from app.jobs import endings
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.running import JobFailed, Run
from domain.jobs.status import JobKind, JobStatus
from domain.notifications.endings import telling
from domain.notifications.model import MAX_TITLE, end_of, following, moment_of
from domain.notifications.notices import Notices
from domain.projects.model import MemberRole
from domain.work import Notified
from persistence.tables.notifications import notifications
from persistence.work import Works
from tests.support.api import Api
from tests.support.bells import HeardBells
from tests.support.clock import StandingClock
from tests.support.datasets import a_dataset, a_link, jobs_done, uuid_of
from tests.support.jobs import HERE, NO_STORAGE, dataset_row, job_row, the_job
from tests.support.people import Person, a_person
from tests.support.strategies import project_row
from tests.workers.doing import Do, Does, at_once, payload_of
from tests.workers.helpers import LONG
from workers.jobs import JobRunner
from workers.lost_jobs import LostJobs
from workers.tasks import PutOff


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def bells() -> HeardBells:
    return HeardBells()


@pytest.fixture
def heard(engine: AsyncEngine, bells: HeardBells, clock: StandingClock) -> Works:
    return Works(engine, bells, clock)


def a_runner(works: Works, clock: StandingClock, do: Do) -> JobRunner:
    """Wired as the workers' own, but for what is done."""
    executors = dict.fromkeys(JobKind, Does(do))
    return JobRunner(
        works=works,
        executors=telling(executors, Notices(clock=clock)),
        endings=endings(clock),
        storage=NO_STORAGE,
        process=HERE,
        clock=clock,
        time_limits=dict.fromkeys(JobKind, LONG),
    )


async def told(engine: AsyncEngine) -> list[tuple[Any, ...]]:
    """Whom, of what kind, in which words, about what."""
    columns = ("user_id", "kind", "type", "title", "message", "link_type", "link_id")
    statement = select(*(notifications.c[name] for name in columns)).order_by(notifications.c.id)
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(statement)]


async def fails(_job: Job, _run: Run) -> None:
    raise JobFailed("NO_DATA", "There is no data.")


async def breaks(_job: Job, _run: Run) -> None:
    raise ZeroDivisionError


async def test_a_long_job_that_is_done_is_told_to_its_owner(
    engine: AsyncEngine, heard: Works, bells: HeardBells, ann: Person, clock: StandingClock
) -> None:
    job = await job_row(heard, ann, kind=JobKind.TRAINING, name="Dax")
    await a_runner(heard, clock, at_once)(payload_of(job))
    words = ("job_completed", "success", 'The training "Dax" is done', "Its model is ready.")
    assert await told(engine) == [(ann.user.id, *words, "Job", job.id)]
    [notified] = [event for event in bells.told if isinstance(event, Notified)]
    async with engine.connect() as connection:
        [id_] = (await connection.execute(select(notifications.c.id))).scalars()
    assert notified == Notified(ann.user.id, id_)


@pytest.mark.parametrize("kind", [JobKind.TRAINING, JobKind.EVALUATION])
async def test_one_that_failed_too_with_the_reason(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, kind: JobKind
) -> None:
    job = await job_row(works, ann, kind=kind, name="Dax")
    await a_runner(works, clock, fails)(payload_of(job))
    words = ("job_failed", "error", f'The {kind.value} "Dax" failed', "There is no data.")
    assert await told(engine) == [(ann.user.id, *words, "Job", job.id)]


async def test_one_that_is_tried_again_is_told_of_once_it_is_over(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    job = await job_row(works, ann, kind=JobKind.TRAINING)
    counts = []
    for _ in range(2):
        with pytest.raises(PutOff):
            await a_runner(works, clock, breaks)(payload_of(job))
        counts.append(len(await told(engine)))
    await a_runner(works, clock, breaks)(payload_of(job))
    assert [*counts, len(await told(engine))] == [0, 0, 1]


async def test_one_whose_work_was_lost_is_told_of(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    job = await job_row(works, ann, kind=JobKind.TRAINING)
    await LostJobs(works=works, endings=endings(clock), clock=clock).sweep()
    [(user, kind, *_)] = await told(engine)
    assert (user, kind, (await the_job(works, job.id)).status) == (ann.user.id, "job_failed", JobStatus.FAILED)


async def test_who_cancelled_a_job_is_not_told(
    engine: AsyncEngine, factory: Factory, works: Works, ann: Person, clock: StandingClock
) -> None:
    waiting = await job_row(works, ann, kind=JobKind.TRAINING)
    await factory.use.jobs.cancel(ann.viewer, waiting.id)
    running = await job_row(works, ann, kind=JobKind.TRAINING, status=JobStatus.RUNNING, attempt=1)
    await factory.use.jobs.cancel(ann.viewer, running.id)
    await a_runner(works, clock, at_once)(payload_of(running))
    assert (await the_job(works, running.id)).status is JobStatus.CANCELLED
    assert await told(engine) == []


async def test_what_was_not_kept_is_not_told(
    engine: AsyncEngine, works: Works, bells: HeardBells, heard: Works, ann: Person, clock: StandingClock
) -> None:
    """Both are in one unit of work."""
    job = await job_row(works, ann, kind=JobKind.TRAINING)

    async def taken_by_another(job: Job, _run: Run) -> None:
        async with works() as work:
            await work.jobs.start(job.id, clock(), HERE)

    await a_runner(heard, clock, taken_by_another)(payload_of(job))
    assert await told(engine) == []
    assert [event for event in bells.told if isinstance(event, Notified)] == []


@pytest.mark.parametrize("kind", [JobKind.INSPECTION, JobKind.IMPORTING])
async def test_short_jobs_are_not_told_of_unless_a_dataset_is_of_no_use(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, kind: JobKind
) -> None:
    dataset = await dataset_row(engine, ann, name="Bars")
    done = await job_row(works, ann, dataset_id=dataset, kind=kind)
    await a_runner(works, clock, at_once)(payload_of(done))
    assert await told(engine) == []
    failed = await job_row(works, ann, dataset_id=dataset, kind=kind)
    await a_runner(works, clock, fails)(payload_of(failed))
    words = ("dataset_bad", "error", 'The dataset "Bars" cannot be used', "There is no data.")
    assert await told(engine) == [(ann.user.id, *words, "Dataset", dataset)]


async def test_of_a_labelling_it_is_told_what_became_of_its_dataset(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    dataset = await dataset_row(engine, ann, name="Bars")
    for do in (at_once, fails):
        job = await job_row(works, ann, dataset_id=dataset, kind=JobKind.LABELLING)
        await a_runner(works, clock, do)(payload_of(job))
    assert [kind for _, kind, *_ in await told(engine)] == ["job_completed", "dataset_bad"]


async def test_a_file_that_cannot_be_read(api: Api, factory: Factory, ann: Person) -> None:
    dataset = await a_dataset(api, ann, "Rubbish")
    sent = await api.client.put(await a_link(api, ann, dataset), content=b"\x00\x01\x02")
    assert sent.status_code == 200
    await jobs_done(factory)
    [(user, kind, _, title, message, *link)] = await told(factory.engine)
    assert (user, kind, title) == (ann.user.id, "dataset_bad", 'The dataset "Rubbish" cannot be used')
    assert message
    assert link == ["Dataset", uuid_of(dataset)]


async def test_who_is_let_into_a_project_is_told_and_nobody_else(
    engine: AsyncEngine, factory: Factory, ann: Person
) -> None:
    bob, project = await a_person(factory, "bob"), await project_row(factory, ann, name="Desk")
    await factory.use.projects.invite(ann.viewer, project.id, "bob", MemberRole.EDITOR)
    words = ("project_invitation", "info", 'You are in the project "Desk" now', "You may change what lies in it.")
    assert await told(engine) == [(bob.user.id, *words, "Project", project.id)]


async def test_a_long_name_is_cut(engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock) -> None:
    job = await job_row(works, ann, kind=JobKind.EVALUATION, name="x" * 200)
    await a_runner(works, clock, at_once)(payload_of(job))
    [(_, _, _, title, *_)] = await told(engine)
    assert len(title) == MAX_TITLE
    assert title.endswith('x…" is done')


def test_ids_follow_each_other_by_milliseconds() -> None:
    first = new_id()
    assert following(first, first) > first
    assert moment_of(following(first, first)) == moment_of(first) + 1
    later = following(new_id(), following(first, first))
    assert later.version == first.version == 7
    assert first <= end_of(moment_of(first)) < following(first, first)
