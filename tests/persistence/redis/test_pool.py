"""A closed pool opens nothing, whoever still asks."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from persistence.redis.pool import FinalPool
from tests.persistence.redis.conftest import Valkey


@pytest.fixture
def pool(shared_valkey: Valkey) -> FinalPool:
    made: FinalPool = FinalPool.from_url(f"unix://{shared_valkey.socket}")
    return made


async def clients(redis: Redis) -> int:
    return len(await redis.client_list())


async def pinged(pool: FinalPool) -> bool:
    return bool(await Redis(connection_pool=pool).ping())


async def test_who_comes_after_its_end_is_refused(redis: Redis, pool: FinalPool) -> None:
    before = await clients(redis)
    assert await pinged(pool)
    await pool.aclose()
    with pytest.raises(RedisConnectionError):
        await pinged(pool)
    assert await clients(redis) == before


async def test_what_was_being_opened_is_closed_too(redis: Redis, pool: FinalPool) -> None:
    before = await clients(redis)
    late = asyncio.create_task(pinged(pool))
    while not pool._in_use_connections:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    await pool.aclose()
    await asyncio.wait([late])
    assert late.exception() is None or isinstance(late.exception(), RedisConnectionError)
    assert await clients(redis) == before
