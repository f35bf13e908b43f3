"""Guessing passwords is slow, for one account and from one address."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from domain.errors import Code, Refused
from persistence.redis.throttle import RedisLoginThrottle
from tests.persistence.redis.conftest import Valkey
from tests.support.clock import StandingClock
from tests.support.links import patient

HOME = "198.51.100.7"


def throttle_on(redis: Redis, clock: StandingClock) -> RedisLoginThrottle:
    return RedisLoginThrottle(patient(redis, clock), clock=clock, per_account=3, per_address=5)


@pytest.fixture(params=["redis", "local"])
def throttle(request: pytest.FixtureRequest, redis: Redis, clock: StandingClock) -> RedisLoginThrottle:
    away = Redis(unix_socket_path="/nowhere/at/all")
    return throttle_on(redis if request.param == "redis" else away, clock)


async def fail(throttle: RedisLoginThrottle, account: str, address: str = HOME) -> None:
    await throttle.check(account, address)
    await throttle.failed(account, address)


async def refusal(throttle: RedisLoginThrottle, account: str, address: str = HOME) -> str:
    with pytest.raises(Refused) as caught:
        await throttle.check(account, address)
    [problem] = caught.value.problems
    assert problem.code is Code.TOO_MANY_ATTEMPTS
    return problem.message


async def test_an_account_has_so_many_tries_and_the_next_is_told_the_wait(
    throttle: RedisLoginThrottle, clock: StandingClock
) -> None:
    for _ in range(3):
        await fail(throttle, "ada")
    clock.advance(minutes=2, seconds=30)

    assert await refusal(throttle, "ada") == "Too many attempts. Try again in 13 minutes."


async def test_another_account_is_not_concerned(throttle: RedisLoginThrottle) -> None:
    for _ in range(3):
        await fail(throttle, "ada")

    await throttle.check("bob", HOME)


async def test_it_opens_again_when_the_oldest_try_is_fifteen_minutes_old(
    throttle: RedisLoginThrottle, clock: StandingClock
) -> None:
    for _ in range(3):
        await fail(throttle, "ada")
        clock.advance(minutes=1)
    clock.advance(minutes=11, seconds=59)
    assert await refusal(throttle, "ada") == "Too many attempts. Try again in 1 minute."

    clock.advance(seconds=1)

    await throttle.check("ada", HOME)
    assert await refusal(throttle, "ada") == "Too many attempts. Try again in 1 minute."


async def test_asking_while_refused_does_not_make_the_wait_longer(
    throttle: RedisLoginThrottle, clock: StandingClock
) -> None:
    for _ in range(3):
        await fail(throttle, "ada")
    clock.advance(minutes=14)
    for _ in range(10):
        await refusal(throttle, "ada")
    clock.advance(minutes=1)

    await throttle.check("ada", HOME)


async def test_a_success_gives_the_tries_back(throttle: RedisLoginThrottle) -> None:
    await fail(throttle, "ada")
    await fail(throttle, "ada")
    await throttle.check("ada", HOME)
    await throttle.succeeded("ada")

    for _ in range(3):
        await throttle.check("ada", HOME)
    await refusal(throttle, "ada")


async def test_an_address_has_so_many_failures_over_all_accounts(throttle: RedisLoginThrottle) -> None:
    for number in range(5):
        await fail(throttle, f"user{number}")

    assert await refusal(throttle, "yet another") == "Too many attempts. Try again in 15 minutes."
    await throttle.check("yet another", "203.0.113.9")


async def test_successes_from_one_address_never_close_it(throttle: RedisLoginThrottle) -> None:
    for number in range(20):
        await throttle.check(f"user{number}", HOME)
        await throttle.succeeded(f"user{number}")

    await throttle.check("user99", HOME)


async def test_a_neighbour_in_the_same_ipv6_network_is_the_same_address(throttle: RedisLoginThrottle) -> None:
    for number in range(5):
        await fail(throttle, f"user{number}", f"2001:db8:1:2::{number:x}")

    await refusal(throttle, "ada", "2001:db8:1:2:ffff::1")
    await throttle.check("ada", "2001:db8:1:3::1")


async def test_tries_at_the_same_time_do_not_slip_through_together(throttle: RedisLoginThrottle) -> None:
    answers = await asyncio.gather(*(throttle.check("ada", HOME) for _ in range(20)), return_exceptions=True)

    assert sum(answer is None for answer in answers) == 3
    assert sum(isinstance(answer, Refused) for answer in answers) == 17


async def test_redis_holds_no_name_in_the_clear_and_nothing_for_ever(redis: Redis, clock: StandingClock) -> None:
    await fail(throttle_on(redis, clock), "my-password\ud800", "not an address")

    account, address = sorted(await redis.keys())
    assert account.startswith(b"tmw:login:account:")
    assert b"password" not in account
    assert address == b"tmw:login:address:unknown"
    assert 0 < await redis.pttl(account) <= 900_000
    assert 0 < await redis.pttl(address) <= 900_000


async def test_it_goes_on_in_this_process_while_redis_is_away(own_valkey: Valkey, clock: StandingClock) -> None:
    async with own_valkey.client() as redis:
        throttle = throttle_on(redis, clock)
        await fail(throttle, "ada")
        own_valkey.kill()

        for _ in range(3):
            await fail(throttle, "ada")
        await refusal(throttle, "ada")
        await throttle.succeeded("ada")
        await throttle.check("ada", HOME)

        own_valkey.start()
        clock.advance(seconds=1)
        for _ in range(3):
            await fail(throttle, "ada")
        await refusal(throttle, "ada")
