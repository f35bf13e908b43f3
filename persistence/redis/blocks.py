"""Rate limits that ask Redis once for many requests.

A round trip to Redis costs more than a small query. So a process takes a block of requests at once, a sixtieth of the
limit, and spends it on its own. A process has one block at a time, so that is the most that may go unused, or that a
window may see beyond the limit.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.accounts.ports import RateLimiter, RateVerdict
from domain.clock import Clock
from domain.ended import ended

BLOCKS = 60
MOST_GRANTS = 10_000


@dataclass(slots=True)
class Grant:
    """Requests that were taken from Redis and not yet spent."""

    left: int
    until: datetime
    verdict: RateVerdict


class BlockRateLimiter:
    """A RateLimiter on top of another one."""

    def __init__(self, inner: RateLimiter, *, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._grants: dict[str, Grant] = {}
        self._asking: dict[str, asyncio.Task[RateVerdict]] = {}

    async def hit(self, key: str, limit: int, window_s: int) -> RateVerdict:
        block = max(1, limit // BLOCKS)
        while (grant := self._usable(key)) is None:
            verdict = await self._asked_once(key, block, limit // block, window_s)
            if not verdict.allowed:
                return replace(verdict, limit=limit)
        grant.left -= 1
        return replace(grant.verdict, limit=limit, remaining=grant.verdict.remaining * block + grant.left)

    async def close(self) -> None:
        """Ends what is still asked on behalf of those who went away."""
        await ended(*self._asking.values())

    def _usable(self, key: str) -> Grant | None:
        grant = self._grants.get(key)
        return grant if grant is not None and grant.left and self._clock() < grant.until else None

    async def _asked_once(self, key: str, block: int, blocks: int, window_s: int) -> RateVerdict:
        """However many requests wait for a block, one is taken."""
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._take(key, block, blocks, window_s))
            asking.add_done_callback(lambda _: self._asking.pop(key))
        # Whoever asked first may go away; the others still wait.
        return await asyncio.shield(asking)

    async def _take(self, key: str, block: int, blocks: int, window_s: int) -> RateVerdict:
        verdict = await self._inner.hit(key, blocks, window_s)
        if verdict.allowed:
            if len(self._grants) >= MOST_GRANTS:
                self._grants.clear()
            # Redis forgets it by then.
            self._grants[key] = Grant(block, self._clock() + timedelta(seconds=window_s), verdict)
        return verdict
