"""So many trainings at once per service, counted over all workers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from domain.clock import utc_now
from domain.errors import Unavailable
from persistence.redis.link import Link
from persistence.redis.seats import RedisSeats
from tests.support.clock import StandingClock
from workers.engines.trademaster.turnstile import Seats


@pytest.fixture
def seats(redis: Redis, clock: StandingClock) -> Seats:
    return RedisSeats(Link(redis, clock=utc_now), clock=clock, lease=timedelta(minutes=5))


async def test_never_more_than_the_limit(seats: Seats) -> None:
    taken = await asyncio.gather(*(seats.take("lab", f"job {number}", 3) for number in range(10)))
    assert sum(taken) == 3
    assert await seats.taken("lab") == 3
    assert await seats.take("another", "job 1", 1)


async def test_one_who_has_a_seat_has_it_again_after_a_restart(seats: Seats) -> None:
    assert await seats.take("lab", "a", 1)
    assert await seats.take("lab", "a", 1)
    assert not await seats.take("lab", "b", 1)
    assert await seats.taken("lab") == 1


async def test_a_seat_that_is_left_is_free(seats: Seats) -> None:
    await seats.take("lab", "a", 1)
    await seats.leave("lab", "b")
    assert not await seats.take("lab", "b", 1)
    await seats.leave("lab", "a")
    assert await seats.take("lab", "b", 1)


async def test_a_seat_that_nobody_keeps_becomes_free(seats: Seats, clock: StandingClock) -> None:
    await seats.take("lab", "a", 1)
    clock.advance(minutes=4)
    assert await seats.keep("lab", "a")
    clock.advance(minutes=4)
    assert not await seats.take("lab", "b", 1)
    clock.advance(minutes=1)
    assert await seats.taken("lab") == 0
    assert not await seats.keep("lab", "a")
    assert await seats.take("lab", "b", 1)


async def test_without_redis_nobody_sits_down_and_nobody_gets_up(clock: StandingClock) -> None:
    nowhere = Redis(host="127.0.0.1", port=1)
    seats = RedisSeats(Link(nowhere, clock=utc_now), clock=clock)
    with pytest.raises(Unavailable):
        await seats.take("lab", "a", 1)
    with pytest.raises(Unavailable):
        await seats.taken("lab")
    assert await seats.keep("lab", "a")
    await seats.leave("lab", "a")
    await nowhere.aclose()
