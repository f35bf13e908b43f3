"""Following one job: from anywhere, over every edge, to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import text

from app.factory import Factory
from domain.ids import new_id
from domain.jobs.events import JobEvent, Level, Log
from domain.jobs.model import Job
from graph.ids import encode
from persistence.event_log import PostgresEventLog
from tests.graph.live.following import EVENTS, LOGS, METRICS, Follower, follow, following, id_of
from tests.support.events import a_running_job, lines, measured, told
from tests.support.people import Person, a_person
from tests.support.town import Town


async def complete(factory: Factory, job: Job) -> None:
    """Its Status is the last event."""
    async with factory.works() as work:
        assert await work.jobs.complete(job.id, 1, factory.clock()) is not None


async def test_a_stream_says_where_it_begins_then_all_there_was_then_what_comes(
    town: Town, factory: Factory, ann: Person
) -> None:
    job = await a_running_job(factory, ann, *lines("a", "b"))
    async with following(town, ann, job) as follower:
        opened = {"__typename": "JobStreamOpened", "seq": 0, "oldestSeq": 1, "lastSeq": 2}
        assert await follower.item() == opened
        assert await follower.item() == {"__typename": "JobLogEvent", "seq": 1, "message": "a"}
        assert await follower.item() == {"__typename": "JobLogEvent", "seq": 2, "message": "b"}
        await told(factory, job, *lines("c"))
        assert await follower.item() == {"__typename": "JobLogEvent", "seq": 3, "message": "c"}
        await complete(factory, job)
        assert await follower.rest() == [{"__typename": "JobStatusEvent", "seq": 4, "status": "COMPLETED"}]


@pytest.mark.parametrize(("after", "seqs"), [(0, [1, 2, 3]), (2, [3]), (3, []), (99, [])])
async def test_a_job_that_is_over_is_told_from_there_to_its_end(
    town: Town, factory: Factory, ann: Person, after: int, seqs: list[int]
) -> None:
    job = await a_running_job(factory, ann, *lines("a", "b"))
    await complete(factory, job)
    async with following(town, ann, job, after=after) as follower:
        opened, *rest = await follower.rest()
    assert opened == {"__typename": "JobStreamOpened", "seq": after, "oldestSeq": 1, "lastSeq": 3}
    assert [item["seq"] for item in rest] == seqs


async def test_at_the_end_and_beyond_it_waits(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("a", "b"))
    async with following(town, ann, job, after=2) as at_end, following(town, ann, job, after=4) as beyond:
        assert (await at_end.item())["seq"] == 2
        assert (await beyond.item())["seq"] == 4
        await told(factory, job, *lines("c"))
        await told(factory, job, *lines("d", "e"))
        assert await at_end.seqs(3) == [3, 4, 5]
        assert await beyond.seqs(1) == [5]


async def test_a_long_history_comes_whole(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines(*map(str, range(1_700))))
    await complete(factory, job)
    async with following(town, ann, job, after=3) as follower:
        assert [item["seq"] for item in (await follower.rest())[1:]] == list(range(4, 1_702))


class Interrupted:
    """Lets a test act at the moment at which the log has been read, and its answer is on its way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.acts: list[object] = []
        original = PostgresEventLog.after

        async def after(log: PostgresEventLog, id: UUID, seq: int, limit: int) -> Sequence[JobEvent]:
            found = await original(log, id, seq, limit)
            if self.acts:
                await self.acts.pop(0)  # type: ignore[misc]
            return found

        monkeypatch.setattr(PostgresEventLog, "after", after)


async def test_events_written_while_it_replays(
    town: Town, factory: Factory, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await a_running_job(factory, ann, *lines(*map(str, range(600))))
    interrupted = Interrupted(monkeypatch)
    interrupted.acts = [told(factory, job, *lines("during the first read")), told(factory, job, *lines("the second"))]
    async with following(town, ann, job) as follower:
        assert (await follower.item())["lastSeq"] == 600
        assert await follower.seqs(602) == list(range(1, 603))
        await told(factory, job, *lines("live"))
        assert await follower.seqs(1) == [603]


async def test_an_event_between_replay_and_live(
    town: Town, factory: Factory, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await a_running_job(factory, ann, *lines("a"))
    original, written = PostgresEventLog.stands, []

    async def stands(log: PostgresEventLog, ids: Sequence[UUID]) -> object:
        found = await original(log, ids)
        if not written:
            # How far the log goes is known, but not yet by who asked.
            written.append(1)
            await told(factory, job, *lines("b"))
        return found

    monkeypatch.setattr(PostgresEventLog, "stands", stands)
    async with following(town, ann, job) as follower:
        assert await follower.seqs(3) == [0, 1, 2]


async def test_the_last_event_comes_before_the_end(
    town: Town, factory: Factory, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await a_running_job(factory, ann, *lines("a"))
    interrupted = Interrupted(monkeypatch)
    interrupted.acts = [complete(factory, job)]
    async with following(town, ann, job) as follower:
        items = await follower.rest()
    assert [item["seq"] for item in items] == [0, 1, 2]
    assert items[-1]["status"] == "COMPLETED"


async def test_a_job_that_is_deleted_while_watched(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("a"))
    async with following(town, ann, job) as follower:
        assert await follower.seqs(2) == [0, 1]
        async with factory.works() as work:
            await work.jobs.delete(job.id)
        assert await follower.refusal() in ("BAD_USER_INPUT", "FORBIDDEN")


async def test_what_is_not_kept_any_more_is_said(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("a", "b", "c", "d"))
    async with factory.engine.begin() as connection:
        await connection.execute(text("DELETE FROM job_events WHERE seq <= 3"))
    async with following(town, ann, job, after=1) as follower:
        opened, gone = await follower.rest()
    assert opened == {"__typename": "JobStreamOpened", "seq": 1, "oldestSeq": 4, "lastSeq": 4}
    assert gone == {"__typename": "JobHistoryGone", "seq": 1, "oldestSeq": 4, "lastSeq": 4}
    async with following(town, ann, job, after=3) as follower:
        assert await follower.seqs(2) == [3, 4]
    async with following(town, ann, job) as follower:
        assert await follower.seqs(2) == [0, 4]


async def test_a_heartbeat_moves_the_cursor_on(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *measured(1.0, 2.0))
    async with following(town, ann, job, LOGS, after=2, heartbeatS=1) as follower:
        assert (await follower.item())["__typename"] == "JobStreamOpened"
        await told(factory, job, *measured(3.0))
        assert await follower.item() == {"__typename": "JobHeartbeat", "seq": 3}


async def test_logs_of_a_level_and_a_text(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(
        factory,
        ann,
        *lines("one ERROR", level=Level.DEBUG),
        *measured(1.0),
        Log(Level.ERROR, "an error"),
        Log(Level.WARNING, "x"),
    )
    await complete(factory, job)
    async with following(town, ann, job, LOGS) as follower:
        assert [item["seq"] for item in await follower.rest()] == [0, 1, 3, 4]
    async with following(town, ann, job, LOGS, match="Error") as follower:
        assert [item["seq"] for item in await follower.rest()] == [0, 1, 3]
    async with following(town, ann, job, LOGS, match="error", level="WARNING") as follower:
        assert (await follower.rest())[1:] == [
            {"__typename": "JobLogEvent", "seq": 3, "level": "ERROR", "message": "an error"}
        ]


async def test_metrics_by_name(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann, *lines("a"), *measured(1.5), *measured(0.5, name="loss"))
    await complete(factory, job)
    async with following(town, ann, job, METRICS) as follower:
        assert [item["seq"] for item in await follower.rest()] == [0, 2, 3]
    async with following(town, ann, job, METRICS, names=["loss", "other"]) as follower:
        [_, item] = await follower.rest()
    assert item["values"] == [{"name": "loss", "value": 0.5}]


async def test_unseen_and_unknown_are_refused_alike(town: Town, factory: Factory, ann: Person) -> None:
    job = await a_running_job(factory, ann)
    bob = await a_person(factory, "bob")
    for id_ in (id_of(job), encode("Job", new_id()), encode("Dataset", job.id), "x"):
        async with town.socket(bob) as talker:
            await talker.subscribe("1", EVENTS, variables={"id": id_})
            [error] = await Follower(talker).errors()
        assert error["message"] == "There is no Job with this id."
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert [problem["code"] for problem in error["extensions"]["problems"]] == ["NOT_FOUND"]


@pytest.mark.parametrize("given", [{"after": -1}, {"heartbeatS": 301}, {"heartbeatS": -1}])
async def test_numbers_out_of_range(town: Town, factory: Factory, ann: Person, given: dict[str, int]) -> None:
    job = await a_running_job(factory, ann)
    async with following(town, ann, job, **given) as follower:
        assert await follower.refusal() == "BAD_USER_INPUT"


async def test_many_jobs_on_one_socket(town: Town, factory: Factory, ann: Person) -> None:
    jobs = [await a_running_job(factory, ann, *lines("a")) for _ in range(3)]
    async with town.socket(ann) as talker:
        for number, job in enumerate(jobs):
            follower = await follow(talker, job, id_=str(number))
            assert await follower.seqs(2) == [0, 1]
        await asyncio.gather(*(complete(factory, job) for job in jobs))
        heard = [await talker.hear() for _ in range(6)]
    assert sorted(message["id"] for message in heard if message["type"] == "complete") == ["0", "1", "2"]
    assert all(
        message["payload"]["data"]["jobEvents"]["status"] == "COMPLETED"
        for message in heard
        if message["type"] == "next"
    )
