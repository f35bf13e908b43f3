"""Who sits on the service: never more than may, also after a cancel, a retry, and the death of workers."""

from __future__ import annotations

import asyncio

import pytest

from app.embedded.endpoints import Endpoints
from app.settings import Settings
from domain.jobs.events import Log
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from tests.support.jobs import events_of, the_job
from tests.support.people import Person, a_person
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.lab import Lab, a_lab, a_service
from tests.support.trademaster.runs import Mood
from tests.workers.helpers import eventually
from workers.engines.trademaster.errand import NO_SEAT, SEATED
from workers.engines.trademaster.session import CANCEL_NOTE


async def lines(lab: Lab, job: Job) -> list[str]:
    return [event.fact.message for event in await events_of(lab.factory.engine, job.id) if isinstance(event.fact, Log)]


async def begun(lab: Lab, job: Job) -> bool:
    return (await the_job(lab.factory.works, job.id)).has_checkpoint


async def cancelled(lab: Lab, who: Person, job: Job) -> Job:
    """In the middle of its training, which goes on over there."""
    lab.fake.mood.silent_after = 57
    running = asyncio.create_task(lab.worked_at(job))
    await eventually(lambda: begun(lab, job))
    await lab.factory.use.jobs.cancel(who.viewer, job.id)
    return await running


async def test_a_cancelled_job_ends_at_once_and_its_seat_is_held_until_the_service_is_done(
    lab: Lab, ann: Person
) -> None:
    job = await lab.asked(ann)
    over = await cancelled(lab, ann, job)
    assert over.status is JobStatus.CANCELLED
    assert (await lines(lab, job)).count(CANCEL_NOTE) == 1
    assert await lab.seats_taken() == 1
    watching = lab.watching()
    await watching.sweep()
    await watching.sweep()
    await asyncio.sleep(0.05)
    assert await lab.seats_taken() == 1
    lab.fake.mood.silent_after = None

    async def is_free() -> bool:
        return await lab.seats_taken() == 0

    await eventually(is_free)
    assert lab.fake.called("test") == 0
    await watching.stop()


async def test_the_death_of_who_watches_frees_no_seat(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann)
    await cancelled(lab, ann, job)
    first, second = lab.watching(), lab.watching()
    await first.sweep()
    await first.stop()
    assert await lab.seats_taken() == 1
    lab.fake.mood.silent_after = None
    await second.sweep()

    async def is_free() -> bool:
        return await lab.seats_taken() == 0

    await eventually(is_free)
    await second.stop()


@pytest.mark.parametrize("then", ["retry", "delete"])
async def test_a_run_that_is_left_behind_holds_its_seat_all_the_same(lab: Lab, ann: Person, then: str) -> None:
    job = await lab.asked(ann)
    await cancelled(lab, ann, job)
    if then == "delete":
        await lab.factory.use.jobs.delete(ann.viewer, job.id)
        job = await lab.asked(ann)
    else:
        await lab.factory.use.jobs.retry(ann.viewer, job.id)
    again = asyncio.create_task(lab.worked_at(job))

    async def waits() -> bool:
        return NO_SEAT in await lines(lab, job)

    await eventually(waits)
    assert len(lab.fake.sessions) == 1
    watching = lab.watching()
    await watching.sweep()
    lab.fake.mood.silent_after = None
    assert (await again).status is JobStatus.COMPLETED
    assert SEATED in await lines(lab, job)
    assert (len(lab.fake.sessions), lab.fake.most_busy) == (2, 1)
    await watching.stop()


async def test_a_cancelled_job_that_is_resumed_goes_on_with_its_run(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann)
    await cancelled(lab, ann, job)
    lab.fake.mood.silent_after = None
    await lab.factory.use.jobs.resume(ann.viewer, job.id)
    done = await lab.worked_at(job)
    assert (done.status, len(lab.fake.sessions), lab.fake.called("train")) == (JobStatus.COMPLETED, 1, 1)
    assert await lab.seats_taken() == 0


async def test_a_job_between_two_attempts_keeps_its_seat(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann)
    lab.fake.mood.silent_after = 57
    running = asyncio.create_task(lab.worked_at(job))
    await eventually(lambda: begun(lab, job))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    watching = lab.watching()
    await watching.sweep()
    assert await lab.seats_taken() == 1
    await watching.stop()


async def test_a_worker_that_dies_while_it_orders_orders_nothing_twice(lab: Lab, ann: Person) -> None:
    lab.fake.mood.deaf = True
    job = await lab.asked(ann)
    running = asyncio.create_task(lab.worked_at(job))

    async def is_ordered() -> bool:
        return lab.fake.called("train") == 1

    await eventually(is_ordered)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    lab.fake.mood.deaf = False
    failed = await lab.worked_at(job)
    assert (failed.status, failed.error_code, lab.fake.called("train")) == (JobStatus.FAILED, "UNANSWERED", 1)
    # Nobody knows its session, so it counts until the lease ends.
    watching = lab.watching()
    await watching.sweep()
    assert await lab.seats_taken() == 1
    await watching.stop()


@pytest.mark.parametrize("limit", [1, 3])
async def test_ten_jobs_of_three_people_and_two_workers(settings: Settings, endpoints: Endpoints, limit: int) -> None:
    fake = FakeTradeMaster(Mood(lines_per_poll=120, slow_s=0.002))
    async with a_lab(settings, endpoints, fake, trademaster_trainings=limit) as lab, a_service(lab.factory) as others:
        people = [await a_person(lab.factory, name) for name in ("ann", "bob", "cem")]
        jobs = [await lab.asked(people[number % 3]) for number in range(10)]
        workers = [lab.runner(service) for service in (lab.service, others[0])]

        async def work(number: int) -> None:
            for job in jobs[number::4]:
                await workers[number % 2]({"job": str(job.id)})

        await asyncio.gather(*(work(number) for number in range(4)))
        done = [await the_job(lab.factory.works, job.id) for job in jobs]
        assert [job.status for job in done] == [JobStatus.COMPLETED] * 10
        assert all(job.result and job.result["measures"]["test"]["sharpe_ratio"] == 0.462133 for job in done)
        assert len(fake.sessions) == 10
        assert 1 <= fake.most_busy <= limit
        assert fake.most_writes == 1
        assert await lab.seats_taken() == 0
