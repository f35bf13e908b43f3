"""Time that passes only while somebody waits, and a turnstile that lets everybody through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from tests.support.clock import StandingClock

T = TypeVar("T")


class Waiting:
    """After each wait `then` is called, which can change the world in between."""

    def __init__(self, clock: StandingClock) -> None:
        self.clock = clock
        self.began = clock.now
        self.waits: list[float] = []
        self.then: Callable[[], object] = lambda: None

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.advance(seconds=seconds)
        self.then()
        await asyncio.sleep(0)

    @property
    def passed(self) -> timedelta:
        return self.clock.now - self.began


class FreeTurnstile:
    async def alone(self, service: str, call: Callable[[], Awaitable[T]]) -> T:
        return await call()
