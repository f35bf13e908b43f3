"""One call at a time per outside service, whichever worker makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import uuid4

from domain.ended import ended
from domain.errors import Unavailable
from persistence.redis.link import Away, Link

T = TypeVar("T")

Sleep = Callable[[float], Awaitable[None]]

# Who has it already gets it: the answer to the first try may have been lost.
BEGIN = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
# Only who holds the turn may renew or end it: after a pause it may be somebody else's.
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
END = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


class RedisTurnstile:
    """A turn is a lease: it is renewed while the call lasts, and runs out when its holder dies."""

    def __init__(
        self,
        link: Link,
        *,
        sleep: Sleep = asyncio.sleep,
        lease_s: float = 15,
        retry_s: float = 0.2,
        wait_s: float = 120,
    ) -> None:
        self._link = link
        self._sleep = sleep
        self._lease_s = lease_s
        self._retry_s = retry_s
        self._wait_s = wait_s
        self._begin = link.redis.register_script(BEGIN)
        self._renew = link.redis.register_script(RENEW)
        self._end = link.redis.register_script(END)

    async def alone(self, service: str, call: Callable[[], Awaitable[T]]) -> T:
        """Raises Unavailable when no turn came in time, or when it was lost before the call was done."""
        key, token = f"tmw:turn:{service}", uuid4().hex
        await self._begun(key, token)
        calling = asyncio.ensure_future(call())
        renewing = asyncio.create_task(self._renewed(key, token))
        try:
            await asyncio.wait({calling, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise Unavailable("The turn at this service was lost while it was used.")
            return calling.result()
        finally:
            await ended(calling, renewing)
            await self._ended(key, token)

    async def _begun(self, key: str, token: str) -> None:
        why = "No turn at this service: others are using it."
        for _ in range(max(1, round(self._wait_s / self._retry_s))):
            try:
                if await self._link.ask(lambda: self._begin(keys=[key], args=[token, self._lease_ms])):
                    return
            except Away:
                why = "Redis is away, which says whose turn it is."
            await self._sleep(self._retry_s)
        raise Unavailable(why)

    async def _renewed(self, key: str, token: str) -> None:
        """Returns when the turn is lost: somebody else may have it now."""
        missed = 0
        while missed < 2:
            await self._sleep(self._lease_s / 3)
            try:
                if not await self._link.ask(lambda: self._renew(keys=[key], args=[token, self._lease_ms])):
                    return
                missed = 0
            except Away:
                missed += 1

    async def _ended(self, key: str, token: str) -> None:
        try:
            await self._link.ask(lambda: self._end(keys=[key], args=[token]))
        except Away:
            return

    @property
    def _lease_ms(self) -> int:
        return round(self._lease_s * 1000)
