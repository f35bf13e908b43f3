"""Loops that nothing ends."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from domain.ended import ended
from tests.support.patience import PATIENCE_S
from workers.steady import steadily


class Enough(BaseException):
    pass


class Script:
    """A step that fails or not as written, and ends the loop when the script is at its end."""

    def __init__(self, *fails: bool) -> None:
        self._fails = list(fails)
        self.waits: list[float] = []
        self.pauses = 0

    async def step(self) -> None:
        if not self._fails:
            raise Enough
        if self._fails.pop(0):
            raise ConnectionError("away")

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def pause(self) -> None:
        self.pauses += 1

    async def play(self) -> None:
        with pytest.raises(Enough):
            await steadily("play", self.step, self.pause, sleep=self.sleep)


async def test_waits_after_failures_grow_up_to_five_seconds() -> None:
    script = Script(*[True] * 9)
    with capture_logs() as logs:
        await script.play()
    assert script.waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert script.pauses == 0
    assert logs == [{"log_level": "warning", "event": "step failed", "step": "play", "error": "ConnectionError: away"}]


async def test_a_success_ends_the_row_of_failures() -> None:
    script = Script(True, True, False, False, True)
    with capture_logs() as logs:
        await script.play()
    assert script.waits == [0.1, 0.2, 0.1]
    assert script.pauses == 2
    assert [log["event"] for log in logs] == ["step failed", "step works again", "step failed"]


async def test_it_waits_for_very_long_failures_too() -> None:
    script = Script(*[True] * 2000)
    await script.play()
    assert script.waits[-1] == 5.0


async def test_a_cancellation_ends_it() -> None:
    async def step() -> None:
        await asyncio.Event().wait()

    loop = asyncio.create_task(steadily("wait", step, step))
    await asyncio.sleep(0)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop


class Deaf:
    """A loop that does not hear the first cancellation, as asyncio.wait_for may not."""

    def __init__(self) -> None:
        self.heard = 0

    async def run(self) -> None:
        while self.heard < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.heard += 1


async def test_a_loop_that_misses_a_cancellation_is_ended_nevertheless() -> None:
    deaf = Deaf()
    looping = asyncio.create_task(deaf.run())
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENCE_S):
        await ended(looping, again_s=0.01)
    assert (looping.done(), deaf.heard) == (True, 2)


async def test_what_has_ended_by_itself_is_no_trouble() -> None:
    async def fails() -> None:
        raise ConnectionError("away")

    failing = asyncio.create_task(fails())
    await asyncio.wait([failing])
    await ended(failing)
    await ended()
