"""What is said through Redis after a commit."""

from __future__ import annotations

import asyncio

import orjson
from redis.asyncio import Redis

from domain.work import Event, Queue
from workers.wire import ACCESS_CHANNEL, RUN_TASK, arq_client, queue_name

TIMEOUT_S = 0.5


class RedisBells:
    """Wakes a worker through arq, tells all processes through pub/sub. Raises soon when Redis does not answer."""

    def __init__(self, redis: Redis, *, timeout_s: float = TIMEOUT_S) -> None:
        self._redis = redis
        self._arq = arq_client(redis)
        self._timeout_s = timeout_s

    async def ring(self, queue: Queue, task_id: str) -> None:
        # No job id of ours: one that arq still knows, from an abort say, would silence the bell.
        async with asyncio.timeout(self._timeout_s):
            job = await self._arq.enqueue_job(RUN_TASK, task_id, _queue_name=queue_name(queue))
        if job is None:
            # So arq answers when the connection broke in its transaction.
            raise ConnectionError("Redis went away while the bell was rung.")

    async def tell(self, event: Event) -> None:
        session = str(event.session_id) if event.session_id else None
        async with asyncio.timeout(self._timeout_s):
            await self._redis.publish(ACCESS_CHANNEL, orjson.dumps({"user": str(event.user_id), "session": session}))
