"""One writing call at a time per service, whoever makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from domain.clock import utc_now
from domain.errors import Unavailable
from persistence.redis.link import Link
from persistence.redis.turnstile import RedisTurnstile
from workers.engines.trademaster.turnstile import Turnstile

Make = Callable[..., Turnstile]


@pytest.fixture
def make(redis: Redis) -> Make:
    def made(*, lease_s: float = 15, retry_s: float = 0.01, wait_s: float = 120) -> Turnstile:
        return RedisTurnstile(Link(redis, clock=utc_now), lease_s=lease_s, retry_s=retry_s, wait_s=wait_s)

    return made


class Room:
    """Counts who is in it at the same time."""

    def __init__(self) -> None:
        self.inside = self.most = self.visits = 0

    async def visit(self) -> int:
        self.inside += 1
        self.visits += 1
        self.most = max(self.most, self.inside)
        for _ in range(5):
            await asyncio.sleep(0)
        self.inside -= 1
        return self.visits


class Busy:
    """A call that takes until it is cancelled."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def __call__(self) -> None:
        self.begun.set()
        await asyncio.Event().wait()


@pytest.fixture
def busy() -> Busy:
    return Busy()


async def test_calls_of_several_workers_never_overlap(make: Make) -> None:
    room, turnstiles = Room(), [make(), make()]
    results = await asyncio.gather(*(turnstiles[number % 2].alone("lab", room.visit) for number in range(20)))
    assert sorted(results) == list(range(1, 21))
    assert room.most == 1


async def test_two_services_do_not_wait_for_each_other(make: Make, redis: Redis, busy: Busy) -> None:
    first = asyncio.ensure_future(make().alone("lab", busy))
    await busy.begun.wait()
    assert await make(wait_s=0.1).alone("another", Room().visit) == 1
    first.cancel()
    await asyncio.wait([first])


async def test_a_turn_is_kept_for_as_long_as_the_call_takes(make: Make, redis: Redis, busy: Busy) -> None:
    first = asyncio.ensure_future(make(lease_s=0.5).alone("lab", busy))
    await busy.begun.wait()
    room = Room()
    with pytest.raises(Unavailable):
        await make(wait_s=1.2, retry_s=0.05).alone("lab", room.visit)
    assert room.visits == 0
    assert not first.done()
    first.cancel()
    await asyncio.wait([first])


async def test_the_turn_of_a_dead_worker_runs_out(make: Make, redis: Redis) -> None:
    await redis.set("tmw:turn:lab", "of somebody who died", px=100)
    assert await make(wait_s=5).alone("lab", Room().visit) == 1


async def test_a_turn_that_is_lost_ends_the_call(make: Make, redis: Redis, busy: Busy) -> None:
    first = asyncio.ensure_future(make(lease_s=0.1).alone("lab", busy))
    await busy.begun.wait()
    await redis.set("tmw:turn:lab", "somebody else")
    with pytest.raises(Unavailable):
        await first
    # It is the other one's now, and stays so.
    assert await redis.get("tmw:turn:lab") == b"somebody else"


async def test_a_call_that_fails_or_is_given_up_frees_its_turn(make: Make, redis: Redis, busy: Busy) -> None:
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await make().alone("lab", fail)
    given_up = asyncio.ensure_future(make().alone("lab", busy))
    await busy.begun.wait()
    given_up.cancel()
    await asyncio.wait([given_up])
    assert not await redis.exists("tmw:turn:lab")


async def test_without_redis_there_is_no_turn() -> None:
    nowhere = Redis(host="127.0.0.1", port=1)
    turnstile = RedisTurnstile(Link(nowhere, clock=utc_now), retry_s=0.01, wait_s=0.05)
    room = Room()
    with pytest.raises(Unavailable):
        await turnstile.alone("lab", room.visit)
    assert room.visits == 0
    await nowhere.aclose()
