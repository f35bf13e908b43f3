"""How many may use an outside service at once, counted over all workers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from domain.clock import Clock
from domain.errors import Unavailable
from persistence.redis.link import Away, Link
from persistence.redis.windows import MICROSECOND, micros

# One sorted set per service: who sits there, and until when. The time comes as an argument, as everywhere.
FREE = "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])\n"
TAKE = f"""{FREE}
local sits = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not sits and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
KEEP = f"""{FREE}
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
HOLDERS = f"""{FREE}
for _, holder in ipairs(redis.call('HKEYS', KEYS[2])) do
    if not redis.call('ZSCORE', KEYS[1], holder) then redis.call('HDEL', KEYS[2], holder) end
end
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""
LEAVE = """
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
"""


class RedisSeats:
    """A seat is a lease in the name of its holder, so that the holder has it again after a restart.

    It should last longer than it takes to notice a dead worker: what that worker had started goes on running.
    """

    def __init__(self, link: Link, *, clock: Clock, lease: timedelta = timedelta(minutes=5)) -> None:
        self._link = link
        self._clock = clock
        self._lease = lease
        self._take = link.redis.register_script(TAKE)
        self._keep = link.redis.register_script(KEEP)
        self._holders = link.redis.register_script(HOLDERS)
        self._leave = link.redis.register_script(LEAVE)

    async def take(self, service: str, holder: str, limit: int) -> bool:
        """Raises Unavailable while Redis is away: without it nobody knows how many sit there."""
        try:
            return bool(
                await self._link.ask(lambda: self._take(keys=[_key(service)], args=[*self._args(holder), limit]))
            )
        except Away as error:
            raise Unavailable("Redis is away.") from error

    async def keep(self, service: str, holder: str) -> bool:
        """True while Redis is away, for then nobody else can sit down either."""
        try:
            return bool(await self._link.ask(lambda: self._keep(keys=[_key(service)], args=self._args(holder))))
        except Away:
            return True

    async def leave(self, service: str, holder: str) -> None:
        """While Redis is away the seat becomes free when its lease runs out."""
        try:
            await self._link.ask(lambda: self._leave(keys=_keys(service), args=[holder]))
        except Away:
            return

    async def note(self, service: str, holder: str, run: str) -> None:
        """While Redis is away nothing is noted: then nobody watches it, and the seat becomes free with its lease."""
        with suppress(Away):
            await self._hash("HSET", service, holder, run)

    async def noted(self, service: str, holder: str) -> str | None:
        try:
            found = await self._hash("HGET", service, holder)
        except Away as error:
            raise Unavailable("Redis is away.") from error
        return found.decode() if found else None

    async def taken(self, service: str) -> int:
        return len(await self.holders(service))

    async def holders(self, service: str) -> Sequence[str]:
        try:
            args: list[str | int] = ["", micros(self._clock())]
            found = await self._link.ask(lambda: self._holders(keys=_keys(service), args=args))
        except Away as error:
            raise Unavailable("Redis is away.") from error
        return [one.decode() for one in found]

    async def _hash(self, command: str, service: str, *args: str) -> Any:
        redis: Any = self._link.redis
        return await self._link.ask(lambda: redis.execute_command(command, _keys(service)[1], *args))

    def _args(self, holder: str) -> list[str | int]:
        now = micros(self._clock())
        return [holder, now, now + self._lease // MICROSECOND]


def _key(service: str) -> str:
    return f"tmw:seats:{service}"


def _keys(service: str) -> list[str]:
    return [_key(service), f"tmw:runs:{service}"]
