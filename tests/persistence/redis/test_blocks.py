"""Blocks: fewer questions to Redis, and never more than the limit."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from domain.accounts.ports import RateVerdict
from persistence.redis.blocks import BlockRateLimiter
from tests.support.clock import StandingClock


class Counting:
    """A limiter that counts within one endless window."""

    def __init__(self, clock: StandingClock) -> None:
        self.asked = 0
        self._clock = clock

    async def hit(self, key: str, limit: int, window_s: int) -> RateVerdict:
        self.asked += 1
        await asyncio.sleep(0)
        return RateVerdict(
            allowed=self.asked <= limit,
            limit=limit,
            remaining=max(0, limit - self.asked),
            retry_after_s=window_s,
            reset_at=self._clock() + timedelta(seconds=window_s),
        )


class Silent:
    """A limiter that never answers."""

    def __init__(self) -> None:
        self.was_asked = asyncio.Event()
        self.has_ended = False

    async def hit(self, key: str, limit: int, window_s: int) -> RateVerdict:
        self.was_asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.has_ended = True
        raise AssertionError(key, limit, window_s)


async def test_a_sixtieth_of_the_limit_costs_one_question() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    verdicts = [await limiter.hit("k", 600, 60) for _ in range(601)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 600 + [False]
    assert [verdict.remaining for verdict in verdicts] == [*range(599, -1, -1), 0]
    assert inner.asked == 61


async def test_small_limits_are_exact() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    assert [(await limiter.hit("k", 3, 60)).allowed for _ in range(4)] == [True, True, True, False]
    assert inner.asked == 4


async def test_what_is_not_spent_within_the_window_is_lost() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    await limiter.hit("k", 600, 60)
    clock.advance(seconds=59)
    await limiter.hit("k", 600, 60)
    assert inner.asked == 1
    clock.advance(seconds=1)
    await limiter.hit("k", 600, 60)
    assert inner.asked == 2


async def test_who_asks_seldom_of_many_processes_is_not_refused() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    processes = [BlockRateLimiter(inner, clock=clock) for _ in range(4)]
    for _ in range(100):
        assert [(await limiter.hit("k", 600, 60)).allowed for limiter in processes] == [True] * 4
        clock.advance(seconds=0.5)


async def test_requests_that_wait_together_take_one_block() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    verdicts = await asyncio.gather(*(limiter.hit("k", 600, 60) for _ in range(25)))
    assert [verdict.allowed for verdict in verdicts] == [True] * 25
    assert inner.asked == 3


async def test_requests_that_wait_together_are_refused_together() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    verdicts = await asyncio.gather(*(limiter.hit("k", 3, 60) for _ in range(5)))
    assert sorted(verdict.allowed for verdict in verdicts) == [False, False, True, True, True]


async def test_who_goes_away_while_a_block_is_taken_leaves_it_to_the_others() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    first, second = (asyncio.create_task(limiter.hit("k", 600, 60)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).remaining == 599
    assert inner.asked == 1


async def test_closed_it_asks_for_nobody_any_more() -> None:
    """What was asked for somebody who went away must not come back to a Redis that is closed already."""
    inner = Silent()
    limiter = BlockRateLimiter(inner, clock=StandingClock())
    gone = asyncio.create_task(limiter.hit("k", 600, 60))
    await inner.was_asked.wait()
    gone.cancel()
    await asyncio.wait([gone])
    assert not inner.has_ended
    await limiter.close()
    assert inner.has_ended


async def test_keys_do_not_share() -> None:
    clock = StandingClock()
    inner = Counting(clock)
    limiter = BlockRateLimiter(inner, clock=clock)
    await limiter.hit("a", 600, 60)
    await limiter.hit("b", 600, 60)
    assert inner.asked == 2
