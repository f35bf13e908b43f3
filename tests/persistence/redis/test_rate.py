"""The sliding window: exact, shared, and standing in for itself while Redis is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from domain.accounts.ports import RateVerdict
from persistence.redis.rate import RedisRateLimiter
from persistence.redis.windows import LocalWindows, micros, moment
from tests.persistence.redis.conftest import Valkey
from tests.support.clock import NOON, StandingClock
from tests.support.links import patient


class Nowhere:
    """A Redis that nobody answers for."""

    @staticmethod
    def redis() -> Redis:
        return Redis(unix_socket_path="/nowhere/at/all")


@pytest.fixture(params=["redis", "local"])
def limiter(request: pytest.FixtureRequest, redis: Redis, clock: StandingClock) -> RedisRateLimiter:
    return RedisRateLimiter(patient(redis if request.param == "redis" else Nowhere.redis(), clock), clock=clock)


async def test_admits_up_to_the_limit_and_counts_down(limiter: RedisRateLimiter) -> None:
    verdicts = [await limiter.hit("user:1", 3, 60) for _ in range(3)]

    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0]
    assert all(verdict.allowed and verdict.retry_after_s == 0 for verdict in verdicts)
    assert verdicts[0] == RateVerdict(
        allowed=True, limit=3, remaining=2, retry_after_s=0, reset_at=NOON + timedelta(seconds=60)
    )


async def test_refuses_beyond_it_and_says_when_to_come_back(limiter: RedisRateLimiter, clock: StandingClock) -> None:
    await limiter.hit("user:1", 2, 60)
    clock.advance(seconds=10)
    await limiter.hit("user:1", 2, 60)
    clock.advance(seconds=0.5)

    assert await limiter.hit("user:1", 2, 60) == RateVerdict(
        allowed=False, limit=2, remaining=0, retry_after_s=50, reset_at=NOON + timedelta(seconds=60)
    )


async def test_the_window_slides_and_a_refused_hit_does_not_count(
    limiter: RedisRateLimiter, clock: StandingClock
) -> None:
    await limiter.hit("user:1", 2, 60)
    clock.advance(seconds=30)
    await limiter.hit("user:1", 2, 60)
    assert not (await limiter.hit("user:1", 2, 60)).allowed

    clock.advance(seconds=29.999999)
    assert (await limiter.hit("user:1", 2, 60)).retry_after_s == 1
    clock.advance(seconds=0.000001)

    assert (await limiter.hit("user:1", 2, 60)).allowed
    assert (await limiter.hit("user:1", 2, 60)).retry_after_s == 30


async def test_a_lowered_limit_counts_what_was_admitted_before(limiter: RedisRateLimiter, clock: StandingClock) -> None:
    for _ in range(3):
        await limiter.hit("user:1", 3, 60)
        clock.advance(seconds=10)

    verdict = await limiter.hit("user:1", 1, 60)

    assert (verdict.allowed, verdict.remaining, verdict.retry_after_s) == (False, 0, 50)


async def test_keys_do_not_touch_each_other(limiter: RedisRateLimiter) -> None:
    await limiter.hit("user:1", 1, 60)

    assert (await limiter.hit("user:2", 1, 60)).allowed
    assert not (await limiter.hit("user:1", 1, 60)).allowed


async def test_many_at_once_get_exactly_the_limit(limiter: RedisRateLimiter) -> None:
    verdicts = await asyncio.gather(*(limiter.hit("user:1", 10, 60) for _ in range(40)))

    assert sum(verdict.allowed for verdict in verdicts) == 10


async def test_two_processes_share_one_count(redis: Redis, clock: StandingClock) -> None:
    one, other = (RedisRateLimiter(patient(redis, clock), clock=clock) for _ in range(2))

    await one.hit("user:1", 2, 60)

    assert (await other.hit("user:1", 2, 60)).remaining == 0
    assert not (await one.hit("user:1", 2, 60)).allowed


async def test_everything_kept_is_prefixed_and_forgotten_by_redis_itself(redis: Redis, clock: StandingClock) -> None:
    await RedisRateLimiter(patient(redis, clock), clock=clock).hit("user:1", 2, 60)

    assert await redis.keys() == [b"tmw:rate:user:1"]
    assert 0 < await redis.pttl("tmw:rate:user:1") <= 60_000


async def test_a_local_limit_stands_in_until_redis_is_back(own_valkey: Valkey, clock: StandingClock) -> None:
    async with own_valkey.client() as redis:
        limiter = RedisRateLimiter(patient(redis, clock), clock=clock)
        assert (await limiter.hit("user:1", 2, 60)).remaining == 1

        own_valkey.kill()
        assert [(await limiter.hit("user:1", 2, 60)).allowed for _ in range(3)] == [True, True, False]

        own_valkey.start()
        assert not (await limiter.hit("user:1", 2, 60)).allowed, "within the pause the stand-in goes on"
        clock.advance(seconds=1)
        assert (await limiter.hit("user:1", 2, 60)).remaining == 1, "Redis forgot, and counts again"
        assert await redis.llen("tmw:rate:user:1") == 1


STEPS = st.lists(st.integers(min_value=0, max_value=3_000_000), min_size=1, max_size=40)


@settings(max_examples=60)
@given(steps=STEPS, limit=st.integers(min_value=1, max_value=5))
async def test_never_more_than_the_limit_in_any_window_and_both_kinds_agree(
    steps: list[int], limit: int, shared_valkey: Valkey
) -> None:
    clock = StandingClock()
    async with shared_valkey.client() as redis:
        await redis.flushall()
        shared = RedisRateLimiter(patient(redis, clock), clock=clock)
        local = RedisRateLimiter(patient(Nowhere.redis(), clock), clock=clock)
        admitted: list[int] = []
        for step in steps:
            clock.advance(microseconds=step)
            verdict = await shared.hit("k", limit, 5)
            assert verdict == await local.hit("k", limit, 5)
            within = [at for at in admitted if at > micros(clock()) - 5_000_000]
            assert verdict.allowed == (len(within) < limit)
            assert verdict.remaining == max(0, limit - len(within) - verdict.allowed)
            if verdict.allowed:
                admitted.append(micros(clock()))


@given(st.datetimes(timezones=st.just(NOON.tzinfo)))
def test_microseconds_are_exact(at: object) -> None:
    assert moment(micros(at)) == at  # type: ignore[arg-type]


def test_the_stand_in_drops_the_least_recently_used_keys() -> None:
    windows = LocalWindows(most_keys=2)
    for key in ("a", "b", "a", "c"):
        windows.add(key, 1)

    assert [windows.held(key, 2, 60) for key in ("a", "c")] == [2, 1]
    assert windows.held("b", 2, 60) == 0
