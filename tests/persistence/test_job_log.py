"""The log of a job: each fact once, no hole, and no word of a writer who was given up on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.errors import Unavailable
from domain.ids import new_id
from domain.jobs.events import Checkpoint, Fact, JobMoved, Level, Log, Metric, Progress, Result, Split, Status
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from domain.jobs.stores import Process, Told
from persistence.work import Works
from tests.support.bells import HeardBells
from tests.support.clock import NOON, StandingClock
from tests.support.jobs import HERE, dataset_row, events_of, facts_of, job_now, job_row, the_job
from tests.support.people import Person, a_person
from tests.support.rows import fingerprint
from tests.support.written import sent

LATER = NOON + timedelta(minutes=1)
STARTED = Status(JobStatus.RUNNING, 1)


def line(number: int) -> Log:
    return Log(Level.INFO, f"line {number}")


def numbered(first: int, last: int) -> list[Told]:
    return [Told(NOON, line(number), number) for number in range(first, last + 1)]


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def bells() -> HeardBells:
    return HeardBells()


@pytest.fixture
def works(engine: AsyncEngine, bells: HeardBells, clock: StandingClock) -> Works:
    return Works(engine, bells, clock)


async def begun(works: Works, id: UUID) -> Job:
    async with works() as work:
        job = await work.jobs.start(id, NOON, HERE)
    assert job is not None
    return job


async def recorded(works: Works, job: Job, *told: Told, progress: Progress | None = None) -> int | None:
    async with works() as work:
        return await work.jobs.record(job.id, job.attempt, told, progress)


async def test_all_kinds_of_facts_are_kept_as_they_were_told(engine: AsyncEngine, works: Works, ann: Person) -> None:
    facts: list[Fact] = [
        Log(Level.ERROR, "Ünï\nline"),
        Metric(3, 2**40, Split.VALID, {"a.b": -1.5, "c": 0.0}, seed=7),
        Metric(3, 2**40, Split.TEST, {}),
        Checkpoint(12_000),
        Result({"verdict": "poor", "list": [1, None]}),
    ]
    job = await begun(works, (await job_row(works, ann)).id)
    told = [Told(NOON + timedelta(seconds=place), fact) for place, fact in enumerate(facts)]
    assert await recorded(works, job, *told, progress=Progress(12.5, 1, 8, 100, 800, 9.5, 73.0)) == 7
    events = await events_of(engine, job.id)
    assert [event.fact for event in events] == [STARTED, *facts, Progress(12.5, 1, 8, 100, 800, 9.5, 73.0)]
    assert [event.at for event in events] == [NOON, *(one.at for one in told), NOON]
    now = await the_job(works, job.id)
    assert now == replace(
        job,
        last_seq=7,
        progress=12.5,
        epoch=1,
        epochs=8,
        step=100,
        steps=800,
        steps_per_second=9.5,
        seconds_left=73.0,
        result={"verdict": "poor", "list": [1, None]},
    )


async def test_what_was_heard_is_dropped_and_leaves_no_hole(engine: AsyncEngine, works: Works, ann: Person) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    assert await recorded(works, job, *numbered(1, 3)) == 4
    again = await begun(works, job.id)
    assert await recorded(works, again, Told(NOON, line(0)), *numbered(2, 5), Told(NOON, line(0))) == 9
    assert await recorded(works, again, *numbered(1, 5)) == 9
    lines = [line(number) for number in (1, 2, 3)]
    expected = [STARTED, *lines, Status(JobStatus.RUNNING, 2), line(0), line(4), line(5), line(0)]
    assert await facts_of(engine, job.id) == expected
    async with works() as work:
        assert await work.jobs.heard(job.id) == 5
        assert await work.jobs.heard(new_id()) == 0


async def test_a_number_that_comes_twice_in_one_batch_is_kept_once(
    engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    assert await recorded(works, job, *numbered(1, 2), *numbered(1, 3)) == 4
    assert await facts_of(engine, job.id) == [STARTED, line(1), line(2), line(3)]


async def test_an_attempt_that_was_given_up_on_writes_nothing(
    engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells
) -> None:
    first = await begun(works, (await job_row(works, ann)).id)
    await recorded(works, first, *numbered(1, 2))
    second = await begun(works, first.id)
    before = await fingerprint(engine)
    bells.told.clear()
    assert await recorded(works, first, *numbered(3, 4), progress=Progress(90)) is None
    async with works() as work:
        assert not await work.jobs.at_work(first.id, first.attempt, 77)
        assert not await work.jobs.checkpoint_kept(first.id, first.attempt)
        assert not await work.jobs.remember_session(first.id, first.attempt, "s")
        assert await work.jobs.has_kept(first.id, first.attempt, 0, numbered(1, 1)[0]) is None
    assert await fingerprint(engine) == before
    assert bells.told == []
    assert await recorded(works, second, *numbered(3, 3)) == 5


async def test_two_writers_at_once_are_never_mixed(engine: AsyncEngine, works: Works, ann: Person) -> None:
    first = await begun(works, (await job_row(works, ann)).id)

    async def writes(job: Job, who: str) -> int:
        kept = 0
        for number in range(12):
            said = Told(NOON, Log(Level.INFO, f"{who} {number}"))
            kept += await recorded(works, job, said, said) is not None
        return kept

    async def takes_over() -> int:
        await asyncio.sleep(0)
        return await writes(await begun(works, first.id), "second")

    of_first, of_second = await asyncio.gather(writes(first, "first"), takes_over())
    facts = await facts_of(engine, first.id)
    place = facts.index(Status(JobStatus.RUNNING, 2))
    words = [fact.message.split()[0] for fact in facts if isinstance(fact, Log)]
    assert words == ["first"] * 2 * of_first + ["second"] * 2 * of_second
    assert (place, of_second) == (1 + 2 * of_first, 12)


async def test_many_writers_of_one_attempt_leave_neither_holes_nor_doubles(
    engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    batches = [[Told(NOON, line(10 * batch + place)) for place in range(batch % 4)] for batch in range(12)]
    ends = await asyncio.gather(*(recorded(works, job, *batch) for batch in batches))
    facts = await facts_of(engine, job.id)
    assert max(end for end in ends if end) == len(facts) == 1 + sum(map(len, batches))
    assert sorted(str(fact) for fact in facts[1:]) == sorted(str(told.fact) for batch in batches for told in batch)


async def test_a_batch_of_five_thousand_is_one_update_and_one_copy(
    engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    bells.told.clear()
    copied: list[int] = []
    really = asyncpg.Connection.copy_records_to_table

    async def copy(connection: asyncpg.Connection, table: str, *, records: list[object], **options: object) -> object:
        copied.append(len(records))
        return await really(connection, table, records=records, **options)

    metrics = [Metric(1, step, Split.TRAIN, {"loss": step / 7}) for step in range(5_000)]
    told = [Told(NOON, metric, number) for number, metric in enumerate(metrics, 1)]
    with sent(engine) as statements, monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "copy_records_to_table", copy)
        assert await recorded(works, job, *told) == 5_001
    assert ([text.split()[0] for text in statements], copied) == (["UPDATE", "COMMIT"], [5_000])
    assert await facts_of(engine, job.id) == [STARTED, *metrics]
    [moved] = bells.told
    assert isinstance(moved, JobMoved)
    assert (moved.first_seq, moved.last_seq, len(moved.events)) == (2, 5_001, 5_000)


async def test_what_is_published_is_what_is_kept(
    engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells
) -> None:
    dataset = await dataset_row(engine, ann)
    id_ = (await job_row(works, ann, dataset_id=dataset)).id
    assert bells.told == [JobMoved(id_, ann.user.id, None, dataset, 1, 0, ())]
    bells.told.clear()
    async with works() as work:
        job = await work.jobs.start(id_, NOON, HERE)
        assert job is not None
        await work.jobs.record(id_, 1, numbered(1, 2), Progress(5))
        await work.jobs.request_cancel(id_, NOON)
        await work.jobs.request_cancel(id_, LATER)
        assert bells.told == []
    events = await events_of(engine, id_)
    assert bells.told == [JobMoved(id_, ann.user.id, None, dataset, 1, 5, tuple(events))]
    assert events[-1].fact == Status(JobStatus.RUNNING, 1, cancel_requested=True)
    bells.told.clear()
    await recorded(works, job, *numbered(1, 2))
    assert bells.told == []
    await recorded(works, job, *numbered(1, 3))
    assert bells.told == [JobMoved(id_, ann.user.id, None, dataset, 6, 6, tuple((await events_of(engine, id_))[5:]))]


async def test_two_jobs_of_one_unit_of_work_are_published_apart(works: Works, ann: Person, bells: HeardBells) -> None:
    ids = [(await job_row(works, ann)).id for _ in range(2)]
    bells.told.clear()
    async with works() as work:
        for id_ in (*ids, ids[0]):
            await work.jobs.start(id_, NOON, HERE)
    told = [event for event in bells.told if isinstance(event, JobMoved)]
    assert [(moved.job_id, moved.first_seq, moved.last_seq) for moved in told] == [(ids[0], 1, 2), (ids[1], 1, 1)]


async def test_a_rollback_publishes_and_keeps_nothing(
    engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    before = await fingerprint(engine)
    bells.told.clear()

    async def changes_its_mind() -> None:
        async with works() as work:
            await work.jobs.record(job.id, 1, numbered(1, 3), Progress(50))
            await work.jobs.complete(job.id, 1, LATER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await changes_its_mind()
    assert bells.told == []
    assert await fingerprint(engine) == before


async def test_a_job_that_is_deleted_has_no_more_to_tell(
    engine: AsyncEngine, works: Works, ann: Person, bells: HeardBells
) -> None:
    job = await job_row(works, ann)
    bells.told.clear()
    async with works() as work:
        await work.jobs.request_cancel(job.id, NOON)
        await work.jobs.delete(job.id)
    assert bells.told == []
    assert await events_of(engine, job.id) == []


async def test_a_fact_that_the_database_refuses_changes_nothing(engine: AsyncEngine, works: Works, ann: Person) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    before = await fingerprint(engine)
    for bad in (Log(Level.INFO, "a\0b"), Metric(2**40, 1, Split.TRAIN, {})):
        with pytest.raises((asyncpg.PostgresError, DBAPIError, ValueError, OverflowError)):
            await recorded(works, job, Told(NOON, line(1), 1), Told(NOON, bad, 2))
    assert await fingerprint(engine) == before
    assert await recorded(works, job, *numbered(1, 1)) == 2


async def test_a_connection_that_dies_under_a_batch_makes_it_unavailable_and_leaves_nothing(
    engine: AsyncEngine, works: Works, ann: Person, endpoints: Endpoints
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    before = await fingerprint(engine)

    async def dies() -> None:
        async with works() as work:
            raw = (await work.jobs._connection.get_raw_connection()).driver_connection
            assert raw is not None
            admin = await asyncpg.connect(endpoints.database_url)
            await admin.execute("SELECT pg_terminate_backend($1)", raw.get_server_pid())
            await admin.close()
            await work.jobs.record(job.id, 1, numbered(1, 3), None)

    with pytest.raises(Unavailable):
        await dies()
    assert await fingerprint(engine) == before
    assert await recorded(works, job, *numbered(1, 3)) == 4


async def test_who_does_not_know_whether_it_wrote_waits_for_the_end_of_that(
    engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    async with works() as work:
        await work.jobs.record(job.id, 1, numbered(1, 2), None)

        async def asks() -> bool | None:
            async with works() as other:
                return await other.jobs.has_kept(job.id, 1, 1, numbered(1, 1)[0])

        asking = asyncio.create_task(asks())
        done, _ = await asyncio.wait([asking], timeout=0.05)
        assert not done
    assert await asking is True


async def test_what_others_write_meanwhile_is_not_what_was_told(works: Works, ann: Person) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    async with works() as work:
        await work.jobs.request_cancel(job.id, NOON)
        await work.jobs.record(job.id, 1, [Told(NOON, Checkpoint(1))], None)
        assert await work.jobs.has_kept(job.id, 1, 1, numbered(1, 1)[0]) is False
        assert await work.jobs.has_kept(job.id, 1, 1, None) is False
        await work.jobs.record(job.id, 1, [], Progress(90))
        assert await work.jobs.has_kept(job.id, 1, 1, numbered(1, 1)[0]) is False
        assert await work.jobs.has_kept(job.id, 1, 1, None) is True


ENGINES = st.lists(st.tuples(st.integers(0, 12), st.lists(st.integers(0, 7), max_size=5)), min_size=1, max_size=5)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attempts=ENGINES)
async def test_whatever_is_killed_and_repeated_each_fact_is_there_once(
    engine: AsyncEngine, works: Works, ann: Person, attempts: list[tuple[int, list[int]]]
) -> None:
    """Each attempt goes on from somewhere at or before what was heard, and tells so many facts in each batch."""
    id_, heard, others = (await job_row(works, ann)).id, 0, 0
    for back, batches in attempts:
        job, at = await begun(works, id_), max(0, heard - back)
        for size in batches:
            told = [*numbered(at + 1, at + size), Told(NOON, Log(Level.DEBUG, "not numbered"))]
            assert await recorded(works, job, *told, progress=Progress(1)) is not None
            at, others = at + size, others + 1
            heard = max(heard, at)
    facts = await facts_of(engine, id_)
    assert [fact for fact in facts if isinstance(fact, Log) and fact.level is Level.INFO] == [
        line(number) for number in range(1, heard + 1)
    ]
    assert len(facts) == len(attempts) + heard + 2 * others == (await the_job(works, id_)).last_seq


async def test_a_retry_begins_at_nothing_and_a_resume_goes_on(works: Works, ann: Person) -> None:
    for from_scratch in (True, False):
        job = await begun(works, (await job_row(works, ann)).id)
        facts = [*numbered(1, 4), Told(NOON, Result({"a": 1}))]
        await recorded(works, job, *facts, progress=Progress(40.0, 2, 5, 200, 500, 7.0, 3.0))
        async with works() as work:
            await work.jobs.remember_session(job.id, 1, "abc")
            await work.jobs.checkpoint_kept(job.id, 1)
            assert await work.jobs.stumble(job.id, 1, NOON) == 1
            await work.jobs.start(job.id, NOON, HERE)
            failed = await work.jobs.fail(job.id, 2, "X", "x", NOON)
            assert failed is not None
            assert (failed.last_seq, failed.has_checkpoint, failed.progress, failed.step) == (10, True, 40.0, 200)
            waiting = await work.jobs.requeue(job.id, LATER, from_scratch=from_scratch)
            assert waiting is not None
            assert (await work.jobs.heard(job.id), await work.jobs.session_of(job.id)) == (
                (0, None) if from_scratch else (4, "abc")
            )
            assert await work.jobs.failures(job.id) == 0
        kept = replace(
            failed,
            status=JobStatus.QUEUED,
            last_seq=11,
            error_code=None,
            error_message=None,
            queued_at=LATER,
            started_at=None,
            finished_at=None,
            updated_at=LATER,
        )
        blank = {"progress": 0.0, "epoch": None, "epochs": None, "step": None, "steps": None, "result": None}
        scratch = replace(kept, has_checkpoint=False, series_from=10, **blank)  # type: ignore[arg-type]
        assert waiting == (scratch if from_scratch else kept)


async def test_the_same_key_makes_one_job_even_at_once(engine: AsyncEngine, works: Works, factory: Factory) -> None:
    ann, bob = await a_person(factory, "ann"), await a_person(factory, "bob")
    drafts = [replace(await job_row(works, ann), id=new_id()) for _ in range(5)]

    async def add(job: Job, key: str | None) -> bool:
        async with works() as work:
            return await work.jobs.add(job, key)

    answers = await asyncio.gather(*(add(job, "k") for job in drafts))
    assert sorted(answers) == [False] * 4 + [True]
    [made] = [job for job, is_new in zip(drafts, answers, strict=True) if is_new]
    async with works() as work:
        assert await work.jobs.made_with(ann.user.id, "k") == made
        assert await work.jobs.made_with(bob.user.id, "k") is None
    assert await add(replace(drafts[0], id=new_id(), owner_id=bob.user.id), "k")
    assert await add(replace(drafts[0], id=new_id()), None)
    assert [await job_now(works, job.id) is not None for job in drafts] == answers


async def test_where_an_attempt_runs_is_known_while_it_does(works: Works, ann: Person) -> None:
    ids = [(await job_row(works, ann)).id for _ in range(3)]
    here, there = Process("m1", 10, 1.5), Process("m2", 10, 1.5)
    async with works() as work:
        for id_, process in zip(ids, (here, there, here), strict=True):
            await work.jobs.start(id_, NOON, process)
        assert await work.jobs.at_work(ids[0], 1, 4711)
        await work.jobs.complete(ids[2], 1, NOON)
        [(job, process)] = await work.jobs.running_on("m1")
        assert (job.id, process) == (ids[0], replace(here, group=4711))
        assert await work.jobs.at_work(ids[0], 1, None)
        [(_, process)] = await work.jobs.running_on("m1")
        assert process == here
        assert await work.jobs.running_on("m3") == []


async def test_a_result_that_comes_with_the_end_is_an_event_before_it(
    engine: AsyncEngine, works: Works, ann: Person
) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    async with works() as work:
        over = await work.jobs.complete(job.id, 1, LATER, {"good": True})
    assert over is not None
    assert (over.result, over.last_seq) == ({"good": True}, 3)
    assert (await facts_of(engine, job.id))[1:] == [Result({"good": True}), Status(JobStatus.COMPLETED, 1)]


async def test_the_newest_checkpoint_is_told_apart(works: Works, ann: Person) -> None:
    job = await begun(works, (await job_row(works, ann)).id)
    async with works() as work:
        assert await work.jobs.last_checkpoint(job.id) is None
    await recorded(works, job, Told(NOON, Checkpoint(5)), Told(NOON, Checkpoint(9)), Told(NOON, line(1)))
    async with works() as work:
        assert await work.jobs.last_checkpoint(job.id) == Checkpoint(9)
