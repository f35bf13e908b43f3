"""What goes through Redis after a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from domain.ids import new_id
from domain.work import AccessChanged, Notified, Queue, Task
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.clock import StandingClock
from tests.support.patience import PATIENCE_S
from workers.bells import RedisBells


async def test_after_the_commit_arq_holds_the_id_of_the_task_as_json_and_nothing_else(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    works = Works(engine, RedisBells(redis, timeout_s=PATIENCE_S), clock)
    async with works() as work:
        await work.enqueue(Task("greet", {"to": "Ada"}, Queue.TRAINING))
        assert await redis.keys("*") == []
    async with engine.connect() as connection:
        row = (await connection.execute(select(outbox))).one()
    [key] = await redis.keys("arq:job:*")
    job = orjson.loads(await redis.get(key))
    assert isinstance(job.pop("et"), int)
    assert job == {"t": None, "f": "run_task", "a": [str(row.id)], "k": {}}
    assert await redis.zrange("tmw:queue:training", 0, -1) == [key.removeprefix(b"arq:job:")]
    assert (row.task, row.payload, row.queue, row.attempts) == ("greet", {"to": "Ada"}, "training", 0)


async def test_a_rollback_rings_nothing(engine: AsyncEngine, redis: Redis, clock: StandingClock) -> None:
    async def changes_its_mind() -> None:
        async with Works(engine, RedisBells(redis, timeout_s=PATIENCE_S), clock)() as work:
            await work.enqueue(Task("greet", {}))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await changes_its_mind()
    assert await redis.keys("*") == []


async def test_the_same_task_may_be_rung_for_again_and_again(redis: Redis) -> None:
    bells, id = RedisBells(redis, timeout_s=PATIENCE_S), str(new_id())
    for _ in range(3):
        await bells.ring(Queue.DATA, id)
    assert await redis.zcard("tmw:queue:data") == 3


async def test_changes_of_access_are_told_on_a_channel(redis: Redis) -> None:
    user, session = new_id(), new_id()
    async with redis.pubsub() as channel:
        await channel.subscribe("tmw:access")
        assert await channel.get_message(timeout=PATIENCE_S)
        await RedisBells(redis, timeout_s=PATIENCE_S).tell(AccessChanged(user, session))
        await RedisBells(redis, timeout_s=PATIENCE_S).tell(AccessChanged(user))
        heard = [await heard_about(channel, user) for _ in range(2)]
    assert heard == [
        {"user": str(user), "session": str(session)},
        {"user": str(user), "session": None},
    ]


async def heard_about(channel: PubSub, user: UUID) -> object:
    """Channels are one for all databases of a Redis, so tests that run beside this one are heard too."""
    async with asyncio.timeout(PATIENCE_S):
        async for message in channel.listen():
            if message["type"] == "message" and (told := orjson.loads(message["data"]))["user"] == str(user):
                return told
    return None


async def test_what_people_are_told_is_said_to_them_or_to_all(redis: Redis) -> None:
    user, id_ = new_id(), new_id()
    own = f"tmw:notices:{user}"
    async with redis.pubsub() as channel:
        await channel.subscribe(own, "tmw:notices")
        for _ in range(2):
            assert await channel.get_message(timeout=PATIENCE_S)
        for event in (Notified(user, None), Notified(user, id_), Notified(None, id_)):
            await RedisBells(redis, timeout_s=PATIENCE_S).tell(event)
        heard: list[tuple[str, object]] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(heard) < 3:
                message = await channel.get_message(timeout=PATIENCE_S)
                assert message is not None
                where, what = message["channel"].decode(), orjson.loads(message["data"])
                # Tests that run beside this one tell everyone of other things.
                if where == own or what["id"] == str(id_):
                    heard.append((where, what))
    assert heard == [(own, {"id": None}), (own, {"id": str(id_)}), ("tmw:notices", {"id": str(id_)})]


async def test_without_redis_the_task_is_committed_all_the_same(engine: AsyncEngine, clock: StandingClock) -> None:
    async with Redis(unix_socket_path="/nowhere/valkey.sock") as away:
        bells = RedisBells(away)
        with pytest.raises(RedisError):
            await bells.ring(Queue.DATA, str(new_id()))
        with pytest.raises(RedisError):
            await bells.tell(AccessChanged(new_id()))
        with capture_logs() as logs:
            async with Works(engine, bells, clock)() as work:
                await work.enqueue(Task("greet", {}))
    async with engine.connect() as connection:
        assert (await connection.execute(select(outbox.c.task))).scalars().all() == ["greet"]
    assert [log["log_level"] for log in logs] == ["warning"]


@asynccontextmanager
async def silent_server(folder: Path) -> AsyncIterator[Path]:
    """Takes connections and never says a word."""
    path, lines = folder / "s", list[asyncio.StreamWriter]()
    server = await asyncio.start_unix_server(lambda _reader, writer: lines.append(writer), path)
    try:
        yield path
    finally:
        server.close()
        for line in lines:
            line.close()


async def test_a_redis_that_hangs_does_not_hold_up_the_answer(tmp_path: Path) -> None:
    async with silent_server(tmp_path) as path, Redis(unix_socket_path=str(path)) as redis:
        bells = RedisBells(redis, timeout_s=0.05)
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(TimeoutError):
                await bells.ring(Queue.DATA, str(new_id()))
            with pytest.raises(TimeoutError):
                await bells.tell(AccessChanged(new_id()))
