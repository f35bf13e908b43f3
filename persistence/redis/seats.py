"""How many may use an outside service at once, counted over all workers."""

from __future__ import annotations

from datetime import timedelta

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
TAKEN = f"{FREE} return redis.call('ZCARD', KEYS[1])"


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
        self._taken = link.redis.register_script(TAKEN)

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
            await self._link.ask(lambda: self._link.redis.zrem(_key(service), holder))
        except Away:
            return

    async def taken(self, service: str) -> int:
        try:
            args: list[str | int] = ["", micros(self._clock())]
            return int(await self._link.ask(lambda: self._taken(keys=[_key(service)], args=args)))
        except Away as error:
            raise Unavailable("Redis is away.") from error

    def _args(self, holder: str) -> list[str | int]:
        now = micros(self._clock())
        return [holder, now, now + self._lease // MICROSECOND]


def _key(service: str) -> str:
    return f"tmw:seats:{service}"
