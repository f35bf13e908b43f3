"""A whole worker: woken by the bell, healing by itself."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.embedded.valkey import EmbeddedValkey
from domain.clock import Clock
from domain.ids import new_id
from domain.work import Queue, Task
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.clock import NOON, StandingClock
from tests.support.patience import PATIENCE_S
from tests.workers.helpers import (
    NEVER_S,
    Remembers,
    Waits,
    a_worker,
    at_work,
    committed,
    eventually,
    row_of,
    the_row,
)
from workers.bells import RedisBells
from workers.heartbeat import workers_seen


async def asked_for(engine: AsyncEngine, redis: Redis, clock: Clock, *names: str, queue: Queue = Queue.DATA) -> None:
    """As a use case does it: committed, then rung."""
    async with Works(engine, RedisBells(redis, timeout_s=PATIENCE_S), clock)() as work:
        for name in names:
            await work.enqueue(Task(name, {"name": name}, queue))


async def nothing_left(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        return (await connection.execute(select(outbox.c.id))).first() is None


async def test_what_is_committed_and_rung_is_done(engine: AsyncEngine, redis: Redis, clock: StandingClock) -> None:
    greet, sing = Remembers(), Remembers()
    worker = a_worker(engine, redis, clock, {"greet": greet, "sing": sing}, sweep_s=NEVER_S)
    async with at_work(worker):
        await worker_seen(redis, Queue.DATA)
        await asked_for(engine, redis, clock, "greet", "sing")
        await eventually(lambda: nothing_left(engine))
        await eventually(lambda: no_bell_left(redis, Queue.DATA))
        await eventually(lambda: nothing_written_by_arq(redis))
    assert (greet.seen, sing.seen) == ([{"name": "greet"}], [{"name": "sing"}])


async def no_bell_left(redis: Redis, queue: Queue) -> bool:
    """A worker may have taken up what it was rung for before it had answered the bell."""
    return not await redis.zcard(f"tmw:queue:{queue}")


async def nothing_written_by_arq(redis: Redis) -> bool:
    return not await redis.keys("arq:*")


async def worker_seen(redis: Redis, queue: Queue) -> None:
    async def seen() -> bool:
        return len((await workers_seen(redis))[queue]) == 1

    await eventually(seen)


async def test_a_worker_hears_only_its_own_queue(engine: AsyncEngine, redis: Redis, clock: StandingClock) -> None:
    greet = Remembers()
    async with at_work(a_worker(engine, redis, clock, {"greet": greet}, queue=Queue.TRAINING, sweep_s=NEVER_S)):
        await worker_seen(redis, Queue.TRAINING)
        await asked_for(engine, redis, clock, "greet", queue=Queue.DATA)
        await asked_for(engine, redis, clock, "greet", queue=Queue.TRAINING)
        await greet.times(1)
        await eventually(lambda: no_bell_left(redis, Queue.TRAINING))
    assert await redis.zcard("tmw:queue:data") == 1


async def test_what_is_committed_and_never_rung_is_done(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    greet = Remembers()
    async with at_work(a_worker(engine, redis, clock, {"greet": greet}, sweep_s=0.05)):
        await worker_seen(redis, Queue.DATA)
        await committed(engine)
        await eventually(lambda: nothing_left(engine))
    assert len(greet.seen) == 1


async def test_many_tasks_and_two_workers_each_task_once(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    greet = Remembers()
    workers = [a_worker(engine, redis, clock, {"greet": greet}, slots=2, sweep_s=0.05) for _ in range(2)]
    async with at_work(workers[0]), at_work(workers[1]):
        await asked_for(engine, redis, clock, *["greet"] * 40)
        await eventually(lambda: nothing_left(engine))
    assert len(greet.seen) == 40


async def test_a_full_worker_leaves_the_bell_to_a_free_one(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    busy, free = Waits(), Remembers()
    one = a_worker(engine, redis, clock, {"greet": busy}, slots=1, sweep_s=NEVER_S)
    other = a_worker(engine, redis, clock, {"greet": free}, slots=1, sweep_s=NEVER_S)
    async with at_work(one):
        await asked_for(engine, redis, clock, "greet")
        await busy.times(1)
        await asked_for(engine, redis, clock, "greet")
        async with at_work(other):
            await free.times(1)
        busy.go_on.set()


async def test_rubbish_in_the_queue_does_no_harm(engine: AsyncEngine, redis: Redis, clock: StandingClock) -> None:
    greet = Remembers()
    rubbish = {
        "pickled": pickle.dumps({"t": 1, "f": "run_task", "a": (str(new_id()),), "k": {}, "et": 0}),
        "no-json": b"\xff{",
        "no-such": orjson.dumps({"t": None, "f": "run_all", "a": [], "k": {}, "et": 0}),
        "no-uuid": orjson.dumps({"t": None, "f": "run_task", "a": ["x"], "k": {}, "et": 0}),
        "no-args": orjson.dumps({"t": None, "f": "run_task", "a": [], "k": {"to": 1}, "et": 0}),
        "unknown": orjson.dumps({"t": None, "f": "run_task", "a": [str(new_id())], "k": {}, "et": 0}),
    }
    for job_id, job in rubbish.items():
        await redis.set(f"arq:job:{job_id}", job)
        await redis.zadd("tmw:queue:data", {job_id: 1})
    await redis.zadd("tmw:queue:data", {"no-job": 1})
    async with at_work(a_worker(engine, redis, clock, {"greet": greet}, sweep_s=NEVER_S)):
        await asked_for(engine, redis, clock, "greet")
        await greet.times(1)

        async def cleared() -> bool:
            return bool(await redis.zcard("tmw:queue:data") == 0)

        await eventually(cleared)


async def test_a_stopped_worker_is_seen_no_more_and_hands_its_task_on(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    greet = Waits()
    id = await committed(engine)
    async with at_work(a_worker(engine, redis, clock, {"greet": greet}), grace_s=0):
        await greet.times(1)
        await worker_seen(redis, Queue.DATA)
    assert (await workers_seen(redis))[Queue.DATA] == []
    row = await the_row(engine, id)
    assert (row.due_at, row.attempts) == (NOON, 0)


async def test_a_stopped_worker_finishes_within_its_grace(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    greet = Waits()
    id = await committed(engine)
    stopping = asyncio.Event()
    worker = a_worker(engine, redis, clock, {"greet": greet})
    running = asyncio.create_task(worker.run(stopping, grace_s=NEVER_S))
    await greet.times(1)
    stopping.set()
    await worker_seen(redis, Queue.DATA)
    greet.go_on.set()
    await running
    assert await row_of(engine, id) is None


async def test_without_redis_at_the_start_it_sweeps_and_later_hears_the_bell(
    engine: AsyncEngine, clock: StandingClock, valkey: EmbeddedValkey
) -> None:
    url = valkey.start()
    valkey.stop()
    greet = Remembers()
    await committed(engine)
    redis = Redis.from_url(url)
    async with redis, at_work(a_worker(engine, redis, clock, {"greet": greet}, sweep_s=NEVER_S)):
        await greet.times(1)
        valkey.start()
        await asked_for(engine, redis, clock, "greet")
        await greet.times(2)


async def test_redis_may_stop_and_start_again_while_it_works(
    engine: AsyncEngine, clock: StandingClock, valkey: EmbeddedValkey
) -> None:
    url = valkey.start()
    greet, read = Waits(), Remembers()
    redis = Redis.from_url(url)
    handlers = {"greet": greet, "read": read}
    async with redis, at_work(a_worker(engine, redis, clock, handlers, sweep_s=NEVER_S)):
        await asked_for(engine, redis, clock, "greet")
        await greet.times(1)
        for times in (1, 2):
            valkey.stop()
            valkey.start()
            await asked_for(engine, redis, clock, "read")
            await read.times(times)
        assert len(greet.seen) == 1
        greet.go_on.set()
        await eventually(lambda: nothing_left(engine))
        await worker_seen(redis, Queue.DATA)


async def test_a_redis_that_is_away_for_good_stops_neither_the_work_nor_the_stop(
    engine: AsyncEngine, clock: StandingClock
) -> None:
    greet = Remembers()
    away = Redis(unix_socket_path="/nowhere/valkey.sock")
    async with away, at_work(a_worker(engine, away, clock, {"greet": greet}, sweep_s=0.05)):
        await committed(engine)
        await greet.times(1)
        await eventually(lambda: nothing_left(engine))


@asynccontextmanager
async def closed(database_url: str) -> AsyncIterator[None]:
    """Postgres lets nobody in, and throws out whoever is there."""
    server, _, name = database_url.rpartition("/")
    admin = await asyncpg.connect(server + "/postgres")
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()


async def logged(logs: Sequence[Mapping[str, Any]], *events: str) -> bool:
    return set(events) <= {log["event"] for log in logs}


async def test_postgres_may_go_away_while_it_works(
    engine: AsyncEngine, redis: Redis, clock: StandingClock, database_url: str
) -> None:
    greet, read = Waits(), Remembers()
    worker = a_worker(engine, redis, clock, {"greet": greet, "read": read}, sweep_s=0.05)
    unseen: UUID = await committed(engine, "read", due_at=NOON + timedelta(minutes=1))
    with capture_logs() as logs:
        async with at_work(worker):
            await asked_for(engine, redis, clock, "greet")
            await greet.times(1)
            async with closed(database_url):
                clock.advance(minutes=2)
                # Rung for and not to be had.
                await RedisBells(redis, timeout_s=PATIENCE_S).ring(Queue.DATA, str(unseen))
                await eventually(lambda: logged(logs, "step failed"))
                assert read.seen == []
            await read.times(1)
            greet.go_on.set()
            await eventually(lambda: nothing_left(engine))
