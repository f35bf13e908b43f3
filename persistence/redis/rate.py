"""How often one may ask: a sliding window per key, in Redis, so that all processes count together."""

from __future__ import annotations

from domain.accounts.ports import RateVerdict
from domain.clock import Clock
from persistence.redis.link import Away, Link
from persistence.redis.windows import HELD, LocalWindows, micros, moment

SECOND = 1_000_000

# Answers: whether it fits, how many are held now, when the oldest leaves, when one more fits.
HIT = f"""{HELD}
local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local count = held(KEYS[1], now, window)
if count < limit then
    add(KEYS[1], now, window)
    return {{1, count + 1, frees_at(KEYS[1], 1, 1, window), now}}
end
return {{0, count, frees_at(KEYS[1], 1, 1, window), frees_at(KEYS[1], count, limit, window)}}
"""


class RedisRateLimiter:
    """The RateLimiter. While Redis is away each process counts for itself: more gets through, but never without end."""

    def __init__(self, link: Link, *, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._hit = link.redis.register_script(HIT)
        self._local = LocalWindows()

    async def hit(self, key: str, limit: int, window_s: int) -> RateVerdict:
        name, now, window = f"tmw:rate:{key}", micros(self._clock()), window_s * SECOND
        try:
            answer = await self._link.ask(lambda: self._hit(keys=[name], args=[now, window, limit]))
        except Away:
            answer = self._hit_local(name, now, window, limit)
        allowed, count, reset, fits = (int(part) for part in answer)
        return RateVerdict(
            allowed=bool(allowed),
            limit=limit,
            remaining=max(0, limit - count),
            retry_after_s=-((now - fits) // SECOND),
            reset_at=moment(reset),
        )

    def _hit_local(self, name: str, now: int, window: int, limit: int) -> tuple[int, int, int, int]:
        count = self._local.held(name, now, window)
        if count < limit:
            self._local.add(name, now)
            return 1, count + 1, self._local.oldest(name) + window, now
        return 0, count, self._local.oldest(name) + window, self._local.frees_at(name, limit, window)
