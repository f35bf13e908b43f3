"""A dead Redis costs one wait and not one for each request."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from persistence.redis.link import Away, Link
from tests.support.clock import StandingClock


class Questions:
    """Counts what is asked; answers, fails or hangs."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    async def ask(self) -> str:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return "answer"


@pytest.fixture
def link(clock: StandingClock) -> Link:
    return Link(Redis(), clock=clock)


async def test_the_answer_comes_through(link: Link) -> None:
    assert await link.ask(Questions().ask) == "answer"


@pytest.mark.parametrize("error", [ResponseError("out of memory"), ConnectionRefusedError(), TimeoutError()])
async def test_after_a_failure_it_asks_again_only_after_the_pause(
    link: Link, clock: StandingClock, error: Exception
) -> None:
    questions = Questions()
    questions.error = error
    for _ in range(3):
        with pytest.raises(Away):
            await link.ask(questions.ask)
    assert questions.asked == 1

    questions.error = None
    clock.advance(seconds=0.999999)
    with pytest.raises(Away):
        await link.ask(questions.ask)
    clock.advance(seconds=0.000001)

    assert [await link.ask(questions.ask) for _ in range(2)] == ["answer", "answer"]
    assert questions.asked == 3


async def test_a_clock_that_was_set_back_does_not_close_the_way(link: Link, clock: StandingClock) -> None:
    questions = Questions()
    questions.error = OSError()
    with pytest.raises(Away):
        await link.ask(questions.ask)
    questions.error = None
    clock.advance(hours=-1)

    assert await link.ask(questions.ask) == "answer"


async def test_a_redis_that_hangs_is_away(clock: StandingClock) -> None:
    with pytest.raises(Away):
        await Link(Redis(), clock=clock, timeout_s=0.01).ask(asyncio.Event().wait)


async def test_other_mistakes_are_not_hidden(link: Link) -> None:
    questions = Questions()
    questions.error = KeyError("ours")
    with pytest.raises(KeyError):
        await link.ask(questions.ask)
