"""What is said through Redis when something happened in a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.ids import new_id
from domain.jobs.events import (
    Checkpoint,
    Fact,
    JobEvent,
    JobMoved,
    Level,
    Log,
    Metric,
    Progress,
    Result,
    Split,
    Status,
)
from domain.jobs.plain import event_from_plain
from domain.jobs.status import JobStatus
from domain.jobs.stores import Told
from domain.work import AccessChanged
from persistence.work import Works
from tests.support.clock import NOON, StandingClock
from tests.support.jobs import HERE, dataset_row, events_of, job_row
from tests.support.patience import PATIENCE_S
from tests.support.people import a_person
from tests.workers.helpers import eventually
from workers.bells import RedisBells
from workers.wire import MOST_BYTES, MOST_EVENTS, to_all_jobs, to_its_channel

LINE = Log(Level.INFO, "Hello.")


def moved(*facts: Fact, first: int = 1) -> JobMoved:
    events = tuple(JobEvent(seq, NOON, fact) for seq, fact in enumerate(facts, first))
    return JobMoved(new_id(), new_id(), None, None, first, first + len(facts) - 1, events)


@dataclass
class Heard:
    """What came on channels, in its order."""

    redis: Redis
    messages: list[tuple[str, Any]] = field(default_factory=list)

    async def up_to(self, bells: RedisBells) -> Sequence[tuple[str, Any]]:
        """All that was said before now."""
        marker = new_id()
        await bells.tell(AccessChanged(marker))

        async def is_here() -> bool:
            return any(text.get("user") == str(marker) for _, text in self.messages)

        await eventually(is_here)
        return [(channel, text) for channel, text in self.messages if channel != "tmw:access"]


@asynccontextmanager
async def listening(redis: Redis, *jobs: JobMoved) -> AsyncIterator[Heard]:
    heard = Heard(redis)
    mine = {str(one.job_id) for one in jobs}

    async def listen() -> None:
        async for message in channel.listen():
            if message["type"] == "message":
                name, text = message["channel"].decode(), orjson.loads(message["data"])
                # Channels are one for all databases of a Redis: tests that run beside this one are heard too.
                if name != "tmw:jobs" or text["job"] in mine:
                    heard.messages.append((name, text))

    async with redis.pubsub() as channel:
        names = ["tmw:access", "tmw:jobs", *(f"tmw:job:{one.job_id}" for one in jobs)]
        await channel.subscribe(*names)
        for _ in names:
            assert await channel.get_message(timeout=PATIENCE_S)
        task = asyncio.create_task(listen())
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_one_job_has_a_channel_of_its_own_and_its_steps_are_told_to_all(redis: Redis) -> None:
    one = moved(LINE, Status(JobStatus.RUNNING, 1), Progress(5), LINE, first=7)
    bells = RedisBells(redis, timeout_s=PATIENCE_S)
    async with listening(redis, one) as heard:
        await bells.tell(one)
        (name, its), (everybody, all_) = await heard.up_to(bells)
    assert (name, everybody) == (f"tmw:job:{one.job_id}", "tmw:jobs")
    assert (its["first"], its["last"]) == (7, 10)
    assert tuple(event_from_plain(event) for event in its["events"]) == one.events
    about = {"job": str(one.job_id), "owner": str(one.owner_id), "strategy": None, "dataset": None}
    assert all_ == about | {"last": 10, "kinds": ["status", "progress"]}


async def test_lines_and_metrics_are_told_to_those_alone_who_watch_the_job(redis: Redis) -> None:
    one, bells = moved(LINE, Metric(1, 1, Split.TRAIN, {"a": 1.0})), RedisBells(redis, timeout_s=PATIENCE_S)
    async with listening(redis, one) as heard:
        await bells.tell(one)
        assert [name for name, _ in await heard.up_to(bells)] == [f"tmw:job:{one.job_id}"]


@pytest.mark.parametrize("fact", [Status(JobStatus.RUNNING, 1), Progress(1), Checkpoint(1), Result({})])
def test_what_all_are_told_of(fact: Fact) -> None:
    strategy, dataset = new_id(), new_id()
    one = replace(moved(LINE, fact), strategy_id=strategy, dataset_id=dataset)
    told = orjson.loads(to_all_jobs(one) or b"")
    assert (told["strategy"], told["dataset"], len(told["kinds"])) == (str(strategy), str(dataset), 1)
    assert to_all_jobs(moved(LINE)) is None


def test_too_many_events_are_told_as_a_range_only() -> None:
    most, more = moved(*[LINE] * MOST_EVENTS), moved(*[LINE] * (MOST_EVENTS + 1))
    assert len(orjson.loads(to_its_channel(most))["events"]) == MOST_EVENTS
    assert orjson.loads(to_its_channel(more)) == {"first": 1, "last": MOST_EVENTS + 1, "events": []}


def test_too_many_bytes_are_told_as_a_range_only() -> None:
    empty = len(to_its_channel(moved(Log(Level.INFO, ""))))
    for size, is_whole in ((MOST_BYTES, True), (MOST_BYTES + 1, False)):
        message = to_its_channel(moved(Log(Level.INFO, "x" * (size - empty))))
        assert bool(orjson.loads(message)["events"]) is is_whole
        assert len(message) <= MOST_BYTES


async def test_what_is_heard_is_what_is_kept(
    factory: Factory, engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    ann = await a_person(factory, "ann")
    job = await job_row(factory.works, ann, dataset_id=await dataset_row(engine, ann))
    bells = RedisBells(redis, timeout_s=PATIENCE_S)
    works = Works(engine, bells, clock)
    watched = replace(moved(LINE), job_id=job.id)
    async with listening(redis, watched) as heard:
        async with works() as work:
            await work.jobs.start(job.id, clock(), HERE)
            await work.jobs.record(job.id, 1, [Told(clock(), LINE)], Progress(3))
        async with works() as work:
            await work.jobs.record(job.id, 1, [Told(clock(), LINE)], None)
        messages = await heard.up_to(bells)
    events = [event for name, text in messages if name != "tmw:jobs" for event in text["events"]]
    assert [event_from_plain(event) for event in events] == await events_of(engine, job.id)
    assert [text["last"] for name, text in messages if name == "tmw:jobs"] == [3]
