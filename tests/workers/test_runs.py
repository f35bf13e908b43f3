"""What an executor may ask of its run: to keep what it tells, its process, its checkpoint."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.factory import Factory
from domain.blobs import Content
from domain.errors import Unavailable
from domain.jobs.events import Checkpoint, Fact, Level, Log, Progress, Result, Status
from domain.jobs.model import Job
from domain.jobs.running import JobFailed, Run
from domain.jobs.service import Jobs
from domain.jobs.status import JobStatus
from persistence.blobs.folder import FolderStorage
from persistence.tables.blobs import blob_uses
from persistence.work import Works
from tests.support.clock import StandingClock
from tests.support.jobs import HERE, facts_of, job_row, the_job
from tests.support.people import Person, a_person
from tests.workers.doing import Does, a_job_runner, payload_of, results
from tests.workers.helpers import NEVER_S, eventually
from workers.tasks import PutOff

STARTED = [Status(JobStatus.RUNNING, 1), Log(Level.INFO, "Started.")]
DONE = Status(JobStatus.COMPLETED, 1)


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "blobs")


def line(number: int) -> Log:
    return Log(Level.INFO, f"line {number}")


def a_file(folder: Path, text: str) -> Path:
    path = folder / "made.bin"
    path.write_text(text, encoding="utf-8")
    return path


async def test_all_that_was_told_is_kept_before_the_end(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    async def do(_job: Job, run: Run) -> None:
        for number in range(1, 4):
            await run.tell(line(number))
        await run.progress(Progress(60.0, step=6))
        await run.tell(Result({"good": True}))

    job = await job_row(works, ann)
    await a_job_runner(works, clock, Does(do), look_s=NEVER_S)(payload_of(job))
    told = [line(1), line(2), line(3), Result({"good": True}), Progress(60.0, step=6)]
    assert await facts_of(engine, job.id) == [*STARTED, *told, DONE]
    now = await the_job(works, job.id)
    assert (now.result, now.progress, now.step) == ({"good": True}, 100.0, 6)


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (
            JobFailed("BAD", "It is bad."),
            [Log(Level.ERROR, "It is bad."), Status(JobStatus.FAILED, 1, False, "BAD", "It is bad.")],
        ),
        (
            RuntimeError("secret"),
            [
                Log(
                    Level.WARNING,
                    "Something went wrong on our side (1 of 3 times at most). It is tried again in a moment.",
                ),
                Status(JobStatus.QUEUED, 1),
            ],
        ),
    ],
)
async def test_what_was_told_before_a_failure_is_kept_and_the_log_says_what_happened(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, error: Exception, last: list[Fact]
) -> None:
    async def do(_job: Job, run: Run) -> None:
        await run.tell(line(1))
        raise error

    job = await job_row(works, ann)
    await asyncio.gather(a_job_runner(works, clock, Does(do), look_s=NEVER_S)(payload_of(job)), return_exceptions=True)
    assert await facts_of(engine, job.id) == [*STARTED, line(1), *last]


async def test_the_log_tells_of_a_cancel(engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock) -> None:
    async def do(job: Job, run: Run) -> None:
        await run.tell(line(1))
        await Jobs(works=works, clock=clock, endings={}).cancel(ann.viewer, job.id)
        await asyncio.Event().wait()

    job = await job_row(works, ann)
    await a_job_runner(works, clock, Does(do))(payload_of(job))
    facts = await facts_of(engine, job.id)
    cancelled = Log(Level.INFO, "Cancelled: the work on it has ended.")
    assert facts[-2:] == [cancelled, Status(JobStatus.CANCELLED, 1, cancel_requested=True)]
    assert sorted(map(str, facts[2:-2])) == sorted(map(str, [line(1), Status(JobStatus.RUNNING, 1, True)]))


async def test_the_log_tells_why_it_begins_again(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    async def fails(_job: Job, _run: Run) -> None:
        raise RuntimeError

    job = await job_row(works, ann)
    runner = a_job_runner(works, clock, Does(fails))
    with pytest.raises(PutOff):
        await runner(payload_of(job))
    with pytest.raises(PutOff):
        await runner(payload_of(job))
    async with works() as work:
        await work.jobs.start(job.id, clock(), HERE)
    await a_job_runner(works, clock, Does())(payload_of(job))
    said = [fact.message for fact in await facts_of(engine, job.id) if isinstance(fact, Log)]
    assert said == [
        "Started.",
        "Something went wrong on our side (1 of 3 times at most). It is tried again in a moment.",
        "Started, attempt 2; begins at the beginning.",
        "Something went wrong on our side (2 of 3 times at most). It is tried again in a moment.",
        "Taken up again after its worker died or was stopped; begins at the beginning.",
    ]


async def test_a_sleeper_tells_nothing_after_another_took_over(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    async def do(job: Job, run: Run) -> None:
        async with works() as work:
            await work.jobs.start(job.id, clock(), HERE)
        await run.tell(line(1))
        await asyncio.Event().wait()

    job, does = await job_row(works, ann), Does(do)
    await a_job_runner(works, clock, does, look_s=NEVER_S)(payload_of(job))
    assert does.ended == [1]
    assert await facts_of(engine, job.id) == [*STARTED, Status(JobStatus.RUNNING, 2)]


async def test_a_repeated_attempt_is_told_what_was_heard(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    heard: list[int] = []

    async def do(job: Job, run: Run) -> None:
        heard.append(run.heard)
        for number in range(1, 2 + job.attempt):
            await run.tell(line(number), number=number)
        if job.attempt == 1:
            raise RuntimeError

    job = await job_row(works, ann)
    runner = a_job_runner(works, clock, Does(do))
    with pytest.raises(PutOff):
        await runner(payload_of(job))
    await runner(payload_of(job))
    lines = [fact for fact in await facts_of(engine, job.id) if isinstance(fact, Log) and "line" in fact.message]
    assert (heard, lines) == ([0, 2], [line(1), line(2), line(3)])


async def test_a_result_that_is_there_is_not_told_again(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    """The attempt before had told it and died before the job was complete."""
    body = {"good": True, "sharpe": 1.25, "list": [1, None]}

    async def do(job: Job, run: Run) -> None:
        await run.tell(Result(body if job.attempt < 3 else body | {"good": False}))
        if job.attempt < 3:
            raise RuntimeError

    job = await job_row(works, ann)
    runner = a_job_runner(works, clock, Does(do))
    for _ in range(2):
        with pytest.raises(PutOff):
            await runner(payload_of(job))
    await runner(payload_of(job))
    told = [fact for fact in await facts_of(engine, job.id) if isinstance(fact, Result)]
    assert told == [Result(body), Result(body | {"good": False})]


async def test_the_process_that_works_for_it_is_known_while_it_does(
    works: Works, ann: Person, clock: StandingClock
) -> None:
    seen: list[object] = []

    async def look() -> None:
        async with works() as work:
            seen.extend(process for _, process in await work.jobs.running_on("here"))

    async def do(_job: Job, run: Run) -> None:
        await run.process(4711)
        await look()
        await run.process(None)
        await look()

    await a_job_runner(works, clock, Does(do))(payload_of(await job_row(works, ann)))
    assert seen == [replace(HERE, group=4711), HERE]


async def test_no_process_begins_before_it_is_written_down(works: Works, ann: Person, clock: StandingClock) -> None:
    away, refusals = False, 0
    begun: list[str] = []

    @asynccontextmanager
    async def shaky() -> Any:
        nonlocal refusals
        if away:
            refusals += 1
            raise Unavailable("away")
        async with works() as work:
            yield work

    async def refused_twice() -> bool:
        return refusals >= 2

    async def do(_job: Job, run: Run) -> None:
        nonlocal away

        async def begin() -> None:
            await run.process(4711)
            begun.append("process")

        away = True
        beginning = asyncio.create_task(begin())
        await eventually(refused_twice)
        assert begun == []
        away = False
        await beginning
        async with works() as work:
            assert [process.group for _, process in await work.jobs.running_on("here")] == [4711]

    job = await job_row(works, ann)
    await a_job_runner(shaky, clock, Does(do), look_s=NEVER_S)(payload_of(job))
    assert ((await the_job(works, job.id)).status, begun) == (JobStatus.COMPLETED, ["process"])


async def test_no_process_begins_for_an_attempt_that_was_given_up_on(
    works: Works, ann: Person, clock: StandingClock
) -> None:
    after: list[str] = []

    async def do(job: Job, run: Run) -> None:
        async with works() as work:
            await work.jobs.start(job.id, clock(), HERE)
        await run.process(4711)
        after.append("went on")

    await a_job_runner(works, clock, Does(do), look_s=NEVER_S)(payload_of(await job_row(works, ann)))
    assert after == []
    async with works() as work:
        assert [process for _, process in await work.jobs.running_on("here")] == [HERE]


async def test_a_checkpoint_is_kept_with_all_before_it_and_found_by_the_next_attempt(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, storage: FolderStorage, tmp_path: Path
) -> None:
    found: list[str | None] = []

    async def do(job: Job, run: Run) -> None:
        async with run.last_checkpoint() as path:
            found.append(path.read_text() if path else None)
        if job.attempt == 1:
            await run.tell(line(1), number=1)
            assert await run.checkpoint(a_file(tmp_path, "first"), Checkpoint(1_000))
            assert await run.checkpoint(a_file(tmp_path, "second"), Checkpoint(12_000))
            assert not (tmp_path / "made.bin").exists()
            await run.progress(Progress(30.0, step=12_345))
            raise RuntimeError

    job = await job_row(works, ann)
    runner = a_job_runner(works, clock, Does(do), storage=storage, look_s=NEVER_S)
    with pytest.raises(PutOff):
        await runner(payload_of(job))
    now = await the_job(works, job.id)
    assert (now.has_checkpoint, now.progress, now.step) == (True, 30.0, 12_345)
    facts = await facts_of(engine, job.id)
    assert facts[2:5] == [line(1), Checkpoint(1_000), Checkpoint(12_000)]
    assert await contents(engine) == ["second"]
    await runner(payload_of(job))
    assert found == [None, "second"]
    again = Log(Level.INFO, "Started, attempt 2; goes on from the checkpoint at step 12,000.")
    assert again in await facts_of(engine, job.id)
    assert not (await the_job(works, job.id)).has_checkpoint


async def contents(engine: AsyncEngine) -> list[str]:
    """The checkpoints that are in use, by what they say."""
    known = {content_hash(text): text for text in ("first", "second")}
    async with engine.connect() as connection:
        rows = await connection.execute(select(blob_uses.c.sha256).where(blob_uses.c.part == "checkpoint"))
        return [known[sha256.hex()] for sha256 in rows.scalars()]


def content_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Full(FolderStorage):
    """A disk that is full now and then."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.is_full = True

    async def keep(self, path: Path, content: Content) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")
        await super().keep(path, content)


async def test_a_checkpoint_that_cannot_be_kept_is_no_failure_and_is_told_once(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, tmp_path: Path
) -> None:
    storage = Full(tmp_path / "blobs")
    answers: list[bool] = []

    async def do(_job: Job, run: Run) -> None:
        for step, is_full in ((1_000, True), (2_000, True), (3_000, False), (4_000, True)):
            storage.is_full = is_full
            answers.append(await run.checkpoint(a_file(tmp_path, "x"), Checkpoint(step)))
            assert not (tmp_path / "made.bin").exists()

    job = await job_row(works, ann)
    with capture_logs() as logs:
        await a_job_runner(works, clock, Does(do), storage=storage)(payload_of(job))
    assert answers == [False, False, True, False]
    assert [log["step"] for log in logs if log["event"] == "checkpoint not kept"] == [1_000, 2_000, 4_000]
    words = "could not be kept. The work goes on; after a break it would begin at an earlier point."
    assert (await facts_of(engine, job.id))[2:-1] == [
        Log(Level.WARNING, f"The checkpoint at step 1,000 {words}"),
        Checkpoint(3_000),
        Log(Level.WARNING, f"The checkpoint at step 4,000 {words}"),
    ]


async def test_a_checkpoint_is_not_kept_for_an_attempt_that_was_given_up_on(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, storage: FolderStorage, tmp_path: Path
) -> None:
    after: list[str] = []

    async def do(job: Job, run: Run) -> None:
        async with works() as work:
            await work.jobs.start(job.id, clock(), HERE)
        await run.checkpoint(a_file(tmp_path, "first"), Checkpoint(1))
        after.append("went on")

    job = await job_row(works, ann)
    await a_job_runner(works, clock, Does(do), storage=storage, look_s=NEVER_S)(payload_of(job))
    assert (after, await contents(engine), (await the_job(works, job.id)).has_checkpoint) == ([], [], False)


async def test_who_missed_that_it_was_given_up_hears_of_it_where_it_tells_something(
    works: Works, ann: Person, clock: StandingClock, storage: FolderStorage
) -> None:
    after: list[str] = []

    async def do(job: Job, run: Run) -> None:
        # As asyncio.wait_for may do in the moment when what it waits for is done.
        with suppress(asyncio.CancelledError):
            async with works() as work:
                await work.jobs.start(job.id, clock(), HERE)
            await run.process(None)
            await asyncio.sleep(0)
        after.append("missed it")
        await run.tell(Log(Level.INFO, "a"))
        after.append("went on")

    job = await job_row(works, ann)
    await a_job_runner(works, clock, Does(do), storage=storage, look_s=NEVER_S)(payload_of(job))
    assert after == ["missed it"]


async def test_a_checkpoint_whose_bytes_are_gone_is_none_and_the_log_says_so(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock, storage: FolderStorage, tmp_path: Path
) -> None:
    found: list[bool] = []

    async def do(job: Job, run: Run) -> None:
        async with run.last_checkpoint() as kept:
            found.append(kept is not None)
        if job.attempt < 3:
            assert await run.checkpoint(a_file(tmp_path, "first"), Checkpoint(1))
            raise RuntimeError

    job = await job_row(works, ann)
    runner = a_job_runner(works, clock, Does(do), storage=storage)
    for _ in range(2):
        with pytest.raises(PutOff):
            await runner(payload_of(job))
    await storage.delete(content_hash("first"))
    await runner(payload_of(job))
    assert found == [False, True, False]
    gone = Log(Level.WARNING, "The checkpoint is gone from the store, so the work begins at the beginning.")
    assert (await facts_of(engine, job.id))[-2] == gone


async def test_a_database_that_is_away_at_a_checkpoint_is_no_failure(
    works: Works, ann: Person, clock: StandingClock, storage: FolderStorage, tmp_path: Path
) -> None:
    away = False

    @asynccontextmanager
    async def shaky() -> Any:
        if away:
            raise Unavailable("away")
        async with works() as work:
            yield work

    async def do(_job: Job, run: Run) -> None:
        nonlocal away
        away = True
        assert not await run.checkpoint(a_file(tmp_path, "first"), Checkpoint(1))
        await run.process(None)
        away = False

    job = await job_row(works, ann)
    await a_job_runner(shaky, clock, Does(do), storage=storage)(payload_of(job))
    assert (await the_job(works, job.id)).status is JobStatus.COMPLETED


async def test_a_fact_that_cannot_be_kept_is_an_error_of_the_attempt(
    engine: AsyncEngine, works: Works, ann: Person, clock: StandingClock
) -> None:
    async def do(_job: Job, run: Run) -> None:
        await run.progress(Progress(1, epoch=2**40))
        await asyncio.Event().wait()

    job, does = await job_row(works, ann), Does(do)
    with pytest.raises(PutOff) as caught:
        await a_job_runner(works, clock, does, look_s=NEVER_S)(payload_of(job))
    assert "int32" in str(caught.value.__cause__)
    assert does.ended == [1]
    assert ((await the_job(works, job.id)).status, await results(engine)) == (JobStatus.QUEUED, [])
