"""The way to Redis that gives up quickly and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.clock import Clock

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Away(Exception):
    """Redis does not answer; whoever asks has something that stands in."""


class Link:
    """Asks Redis; after a failure not again for `pause`, so that a dead Redis does not slow down each request."""

    def __init__(self, redis: Redis, *, clock: Clock, timeout_s: float = 0.5, pause: timedelta = timedelta(seconds=1)):
        self.redis = redis
        self._clock = clock
        self._timeout_s = timeout_s
        self._pause = pause
        self._failed_at: datetime | None = None

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Raises Away."""
        if self._failed_at is not None and self._failed_at <= self._clock() < self._failed_at + self._pause:
            raise Away
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await question()
        except (RedisError, OSError, TimeoutError) as error:
            self._note_failure(error)
            raise Away from error
        if self._failed_at is not None:
            log.info("redis is back")
            self._failed_at = None
        return answer

    def _note_failure(self, error: BaseException) -> None:
        if self._failed_at is None:
            log.warning("redis is away", error=str(error) or type(error).__name__)
        self._failed_at = self._clock()
