"""Notes when API tokens are used, beside the requests that use them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.work import Works

EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000

_log = structlog.get_logger(__name__)


class TokenUse:
    """At most one write a minute for each token and process, and no request waits for it."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock
        self._noted: dict[bytes, datetime] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, token_hash: bytes) -> None:
        now = self._clock()
        noted = self._noted.get(token_hash)
        if noted is not None and now - noted < EVERY:
            return
        if len(self._noted) >= MOST_REMEMBERED:
            self._noted.clear()
        self._noted[token_hash] = now
        task = asyncio.create_task(self._write(token_hash, now))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def finish(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing)

    async def _write(self, token_hash: bytes, now: datetime) -> None:
        try:
            async with self._works() as work:
                await work.api_tokens.touch(token_hash, now, unless_since=now - EVERY)
        except Exception:  # noqa: BLE001 - it is a courtesy: the request itself went well
            self._noted.pop(token_hash, None)
            _log.warning("token use not noted", exc_info=True)
