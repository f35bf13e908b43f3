"""How a worker shows that it lives, and how others see it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import orjson
from redis.asyncio import Redis

from domain.clock import Clock
from domain.work import Queue

EVERY_S = 5.0
LIFE_S = 15.0
KEY = "tmw:worker:{queue}:{id}"
# The keys that there may be, so that readers need not search all of Redis; the score is the time of the last beat.
INDEX = "tmw:workers"
FORGET_AFTER_S = 3600


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    queue: Queue
    id: str
    at: datetime
    version: str
    jobs: int
    pid: int


class Heartbeat:
    """Writes a key that lives for a few beats."""

    def __init__(
        self,
        redis: Redis,
        *,
        queue: Queue,
        worker_id: str,
        version: str,
        jobs: Callable[[], int],
        clock: Clock,
        life_s: float = LIFE_S,
    ) -> None:
        self._redis = redis
        self._key = KEY.format(queue=queue, id=worker_id)
        self._facts = {"queue": queue, "id": worker_id, "version": version, "pid": os.getpid()}
        self._jobs = jobs
        self._clock = clock
        self._life_s = life_s

    async def beat(self) -> None:
        now = self._clock()
        value = orjson.dumps({"at": now.isoformat(), "jobs": self._jobs()} | self._facts)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(self._key, value, px=int(self._life_s * 1000))
            pipe.zadd(INDEX, {self._key: now.timestamp()})
            pipe.zremrangebyscore(INDEX, "-inf", now.timestamp() - FORGET_AFTER_S)
            await pipe.execute()

    async def end(self) -> None:
        """An orderly stop is seen at once."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.delete(self._key)
            pipe.zrem(INDEX, self._key)
            await pipe.execute()


async def workers_seen(redis: Redis) -> dict[Queue, list[WorkerSeen]]:
    """The living workers of each queue. Raises what Redis raises."""
    seen: dict[Queue, list[WorkerSeen]] = {queue: [] for queue in Queue}
    keys = await redis.zrange(INDEX, 0, -1)
    for value in await redis.mget(keys) if keys else ():
        if value is not None:
            worker = _decoded(value)
            seen[worker.queue].append(worker)
    return seen


def _decoded(value: bytes) -> WorkerSeen:
    raw = orjson.loads(value)
    queue, at = Queue(raw["queue"]), datetime.fromisoformat(raw["at"])
    return WorkerSeen(queue, raw["id"], at, raw["version"], raw["jobs"], raw["pid"])
