"""Hears, from Redis, that somebody's access changed in any process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.work import AccessChanged

CHANNEL = "tmw:access"
TICK_S = 1.0
SILENT_TICKS = 3

_log = structlog.get_logger(__name__)


class AccessBell:
    """One subscription for the whole process. `hears` is true only while it is known to work."""

    def __init__(self, redis: Redis, *, on_change: Callable[[AccessChanged], None], on_gap: Callable[[], None]) -> None:
        self._redis = redis
        self._on_change = on_change
        self._on_gap = on_gap
        self._hears = False

    @property
    def hears(self) -> bool:
        return self._hears

    async def listen(self) -> None:
        """For ever: subscribe, hear, and after a fault subscribe again."""
        while True:
            try:
                await self._subscription()
            except (RedisError, OSError) as error:
                if self._hears:
                    _log.warning("bell.deaf", error=str(error) or type(error).__name__)
            finally:
                self._lose()
            await asyncio.sleep(TICK_S)

    async def _subscription(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            silent = 0
            while silent < SILENT_TICKS:
                message = await channel.get_message(timeout=TICK_S)
                silent = 0 if message else silent + 1
                if message is None:
                    # The answer to the ping ends the silence; a deaf connection gives none.
                    await channel.ping()
                else:
                    self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            # Perhaps the client connected anew without telling: what happened meanwhile is unknown.
            self._on_gap()
            self._hears = True
        elif message["type"] == "message":
            self._hear(message["data"])

    def _hear(self, data: bytes) -> None:
        try:
            change = decoded(data)
        except (ValueError, KeyError, TypeError, AttributeError):
            # Somebody else publishes here. What it means is unknown, so nothing is taken for granted.
            _log.warning("bell.not_understood")
            self._on_gap()
        else:
            self._on_change(change)

    def _lose(self) -> None:
        if self._hears:
            self._hears = False
            self._on_gap()


def decoded(data: bytes) -> AccessChanged:
    raw = orjson.loads(data)
    return AccessChanged(UUID(raw["user"]), UUID(raw["session"]) if raw["session"] else None)
