"""One pub/sub connection: shared, counted, and never deaf without being known to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.ids import new_id
from persistence.redis.channels import Channels
from tests.graph.transport.wire import until
from tests.support.patience import PATIENCE_S


class Ear:
    """Notes what it is told, in order."""

    def __init__(self) -> None:
        self.heard: list[bytes | None] = []

    def message(self, data: bytes) -> None:
        self.heard.append(data)

    def gap(self) -> None:
        self.heard.append(None)


@asynccontextmanager
async def listening(channels: Channels) -> AsyncIterator[Channels]:
    task = asyncio.create_task(channels.listen())
    try:
        yield channels
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def name() -> str:
    return f"test:{new_id()}"


async def subscribers(redis: Redis, name: str) -> int:
    [(_, count)] = await redis.pubsub_numsub(name)
    return int(count)


async def of_pubsub(redis: Redis) -> list[dict[str, Any]]:
    return [client for client in await redis.client_list() if int(client["sub"]) and client["name"] != "other"]


async def test_listeners_share_a_channel_and_the_last_one_closes_it(redis: Redis, name: str) -> None:
    first, second = Ear(), Ear()
    async with listening(Channels(redis, tick_s=0.05)) as channels:
        channels.join(name, first)
        await until(lambda: first.heard)
        channels.join(name, second)
        assert (first.heard, second.heard) == ([None], [None])
        assert await redis.publish(name, b"1") == 1
        await until(lambda: first.heard == second.heard == [None, b"1"])
        channels.leave(name, first)
        await redis.publish(name, b"2")
        await until(lambda: second.heard == [None, b"1", b"2"])
        assert first.heard == [None, b"1"]
        channels.leave(name, second)
        async with asyncio.timeout(PATIENCE_S):
            while await subscribers(redis, name):
                pass
        assert len(channels) == 0


async def test_who_joined_before_it_was_connected_is_told_when_it_is(redis: Redis, name: str) -> None:
    ear, channels = Ear(), Channels(redis, tick_s=0.05)
    channels.join(name, ear)
    assert (channels.hears, ear.heard) == (False, [])
    async with listening(channels):
        await until(lambda: channels.hears and ear.heard == [None])
    assert not channels.hears


async def test_leaving_and_coming_back_at_once(redis: Redis, name: str) -> None:
    first, second = Ear(), Ear()
    async with listening(Channels(redis, tick_s=0.05)) as channels:
        channels.join(name, first)
        await until(lambda: first.heard)
        channels.leave(name, first)
        channels.join(name, second)
        await until(lambda: second.heard)
        await redis.publish(name, b"1")
        await until(lambda: second.heard[-1] == b"1")


async def test_a_killed_connection_is_made_anew_and_the_gap_is_told(redis: Redis, name: str) -> None:
    ear = Ear()
    async with listening(Channels(redis, tick_s=0.05)) as channels:
        channels.join(name, ear)
        await until(lambda: channels.hears and ear.heard == [None])
        await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await until(lambda: not channels.hears)
        await until(lambda: channels.hears and ear.heard == [None, None])
        await redis.publish(name, b"1")
        await until(lambda: ear.heard == [None, None, b"1"])


async def test_a_connection_that_is_open_and_deaf_is_given_up(
    redis: Redis, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Published elsewhere, as after a failover: nothing comes any more, and the line stays open."""
    ear = Ear()
    async with listening(Channels(redis, tick_s=0.02, deadline_s=0.1)) as channels:
        channels.join(name, ear)
        await until(lambda: channels.hears)

        async def published_elsewhere(*_: object) -> int:
            return 0

        with monkeypatch.context() as patch:
            patch.setattr(redis, "publish", published_elsewhere)
            await until(lambda: not channels.hears)
        await until(lambda: channels.hears)
        assert ear.heard[:2] == [None, None]


async def test_without_redis_it_is_deaf_and_comes_back(
    redis: Redis, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear, pool = Ear(), redis.connection_pool

    def refused() -> Any:
        raise ConnectionRefusedError

    async with listening(Channels(redis, tick_s=0.02)) as channels:
        channels.join(name, ear)
        await until(lambda: channels.hears)
        with monkeypatch.context() as patch:
            patch.setattr(pool, "make_connection", refused)
            await redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            await until(lambda: not channels.hears)
        await until(lambda: channels.hears)
        assert ear.heard == [None, None]
