"""How workers are seen."""

from __future__ import annotations

import os
from datetime import timedelta

import orjson
from redis.asyncio import Redis

from domain.clock import Clock
from domain.work import Queue
from tests.support.clock import NOON, StandingClock
from tests.workers.helpers import eventually
from workers.heartbeat import Heartbeat, WorkerSeen, workers_seen

NOBODY: dict[Queue, list[WorkerSeen]] = {Queue.TRAINING: [], Queue.EVALUATION: [], Queue.DATA: []}


def a_heart(redis: Redis, clock: Clock, id: str, queue: Queue = Queue.DATA, life_s: float = 15.0) -> Heartbeat:
    return Heartbeat(redis, queue=queue, worker_id=id, version="1.2.3", jobs=lambda: 2, clock=clock, life_s=life_s)


async def test_a_beat_is_seen_with_what_the_worker_says_of_itself(redis: Redis, clock: StandingClock) -> None:
    assert await workers_seen(redis) == NOBODY
    await a_heart(redis, clock, "a").beat()
    await a_heart(redis, clock, "b").beat()
    await a_heart(redis, clock, "c", Queue.TRAINING).beat()
    seen = await workers_seen(redis)
    assert seen[Queue.TRAINING] == [WorkerSeen(Queue.TRAINING, "c", NOON, "1.2.3", 2, os.getpid())]
    assert [worker.id for worker in seen[Queue.DATA]] == ["a", "b"]
    assert seen[Queue.EVALUATION] == []


async def test_the_key_is_json_and_lives_for_three_beats(redis: Redis, clock: StandingClock) -> None:
    await a_heart(redis, clock, "a").beat()
    value = await redis.get("tmw:worker:data:a")
    assert value is not None
    beat = {"at": "2026-03-02T12:00:00+00:00", "version": "1.2.3", "jobs": 2, "pid": os.getpid()}
    assert orjson.loads(value) == beat | {"queue": "data", "id": "a"}
    assert 14_000 < await redis.pttl("tmw:worker:data:a") <= 15_000


async def test_a_worker_that_beats_no_more_is_gone_after_its_time(redis: Redis, clock: StandingClock) -> None:
    await a_heart(redis, clock, "a", life_s=0.05).beat()

    async def gone() -> bool:
        return await workers_seen(redis) == NOBODY

    await eventually(gone)
    assert await redis.exists("tmw:worker:data:a") == 0


async def test_a_worker_that_stops_is_gone_at_once(redis: Redis, clock: StandingClock) -> None:
    heart = a_heart(redis, clock, "a")
    await heart.beat()
    await heart.end()
    assert await workers_seen(redis) == NOBODY
    assert await redis.keys("*") == []


async def test_the_index_forgets_workers_of_long_ago(redis: Redis, clock: StandingClock) -> None:
    await a_heart(redis, clock, "old").beat()
    clock.now += timedelta(hours=1, seconds=1)
    await a_heart(redis, clock, "new").beat()
    assert await redis.zrange("tmw:workers", 0, -1) == [b"tmw:worker:data:new"]
