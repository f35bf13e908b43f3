"""Rate limits that ask Redis once for many requests.

A round trip to Redis costs more than a small query. So a process takes a block of requests at once, a sixtieth of the
limit, and spends it on its own. Never more than the limit gets through; up to one block of each process may go unused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.accounts.ports import RateLimiter, RateVerdict
from domain.clock import Clock

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

    async def hit(self, key: str, limit: int, window_s: int) -> RateVerdict:
        block = max(1, limit // BLOCKS)
        grant = self._grants.get(key)
        if grant is None or grant.left == 0 or grant.until <= self._clock():
            verdict = await self._inner.hit(key, limit // block, window_s)
            if not verdict.allowed:
                return replace(verdict, limit=limit)
            grant = self._keep(key, block, window_s, verdict)
        grant.left -= 1
        return replace(grant.verdict, limit=limit, remaining=grant.verdict.remaining * block + grant.left)

    def _keep(self, key: str, block: int, window_s: int, verdict: RateVerdict) -> Grant:
        """A grant is spent soon or lost, so that the window of Redis stays the window of the requests."""
        if len(self._grants) >= MOST_GRANTS:
            self._grants.clear()
        until = self._clock() + timedelta(seconds=window_s / BLOCKS)
        grant = self._grants[key] = Grant(block, until, verdict)
        return grant
