"""A service that does not answer is left alone for a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.support.clock import StandingClock
from workers.engines.trademaster.breaker import Breaker, State
from workers.engines.trademaster.errors import Declined, Unreachable


class Service:
    def __init__(self) -> None:
        self.calls = 0
        self.error: Exception | None = None

    async def __call__(self) -> str:
        self.calls += 1
        if self.error:
            raise self.error
        return "well"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def breaker(clock: StandingClock) -> Breaker:
    return Breaker(clock=clock, failures=3, pause=timedelta(seconds=30))


@pytest.fixture
def service() -> Service:
    return Service()


async def failing(breaker: Breaker, service: Service, times: int) -> None:
    service.error = Unreachable("away")
    for _ in range(times):
        with pytest.raises(Unreachable):
            await breaker.call(service)


async def test_it_opens_after_failures_in_a_row(breaker: Breaker, service: Service) -> None:
    await failing(breaker, service, 2)
    assert breaker.state is State.CLOSED
    await failing(breaker, service, 1)
    assert breaker.state is State.OPEN
    with pytest.raises(Unreachable) as caught:
        await breaker.call(service)
    assert (service.calls, caught.value.heard) == (3, False)


async def test_an_answer_in_between_starts_the_count_again(breaker: Breaker, service: Service) -> None:
    await failing(breaker, service, 2)
    service.error = None
    await breaker.call(service)
    await failing(breaker, service, 2)
    assert breaker.state is State.CLOSED


async def test_a_refusal_is_an_answer(breaker: Breaker, service: Service) -> None:
    await failing(breaker, service, 2)
    service.error = Declined("no")
    with pytest.raises(Declined):
        await breaker.call(service)
    await failing(breaker, service, 2)
    assert breaker.state is State.CLOSED


async def test_after_the_pause_one_call_tries(breaker: Breaker, service: Service, clock: StandingClock) -> None:
    await failing(breaker, service, 3)
    clock.advance(seconds=29.9)
    assert breaker.state is State.OPEN
    clock.advance(seconds=0.1)
    assert breaker.state is State.HALF_OPEN
    await failing(breaker, service, 1)
    assert breaker.state is State.OPEN
    clock.advance(seconds=30)
    service.error = None
    assert await breaker.call(service) == "well"
    assert breaker.state is State.CLOSED


async def test_only_one_tries_at_a_time(breaker: Breaker, service: Service, clock: StandingClock) -> None:
    await failing(breaker, service, 3)
    clock.advance(seconds=30)
    gate = asyncio.Event()
    first = asyncio.ensure_future(breaker.call(gate.wait))
    await asyncio.sleep(0)
    with pytest.raises(Unreachable):
        await breaker.call(service)
    assert service.calls == 3
    gate.set()
    assert await first
    assert breaker.state is State.CLOSED


async def test_one_that_is_cancelled_lets_the_next_try(
    breaker: Breaker, service: Service, clock: StandingClock
) -> None:
    await failing(breaker, service, 3)
    clock.advance(seconds=30)
    first = asyncio.ensure_future(breaker.call(asyncio.Event().wait))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    service.error = None
    assert await breaker.call(service) == "well"
