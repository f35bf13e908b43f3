"""Counting within a sliding window: the times of what was counted, oldest first.

Exact, unlike counters of fixed windows: in no stretch of that length is ever more than the limit admitted. A list of
numbers takes 10 bytes an entry in Redis, so 600 a minute take 6 kB while somebody uses them up.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import OrderedDict
from datetime import datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

# The time comes as an argument: one clock, that of the caller, also in a test.
HELD = """
local function held(key, now, window)
    local oldest = redis.call('LINDEX', key, 0)
    while oldest and tonumber(oldest) <= now - window do
        redis.call('LPOP', key)
        oldest = redis.call('LINDEX', key, 0)
    end
    return redis.call('LLEN', key)
end
local function add(key, now, window)
    redis.call('RPUSH', key, now)
    redis.call('PEXPIRE', key, math.ceil(window / 1000))
end
local function frees_at(key, count, limit, window)
    return tonumber(redis.call('LINDEX', key, count - limit)) + window
end
"""


def micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def moment(micros: int) -> datetime:
    return EPOCH + micros * MICROSECOND


class LocalWindows:
    """The same in this process, for as long as Redis is away; the least recently used keys are dropped first."""

    def __init__(self, most_keys: int = 4_096) -> None:
        self._most_keys = most_keys
        self._times: OrderedDict[str, array[int]] = OrderedDict()

    def held(self, key: str, now: int, window: int) -> int:
        times = self._of(key)
        del times[: bisect_right(times, now - window)]
        return len(times)

    def add(self, key: str, now: int) -> None:
        self._of(key).append(now)

    def frees_at(self, key: str, limit: int, window: int) -> int:
        """When one more fits again, given that `limit` or more are held."""
        return self._of(key)[-limit] + window

    def oldest(self, key: str) -> int:
        return self._of(key)[0]

    def forget(self, key: str) -> None:
        self._times.pop(key, None)

    def _of(self, key: str) -> array[int]:
        times = self._times.setdefault(key, array("q"))
        self._times.move_to_end(key)
        if len(self._times) > self._most_keys:
            self._times.popitem(last=False)
        return times
