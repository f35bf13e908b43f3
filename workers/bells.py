"""What is said through Redis after a commit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import orjson
from redis.asyncio import Redis

from domain.jobs.events import JobMoved
from domain.work import AccessChanged, Event, Notified, Queue
from workers.wire import (
    ACCESS_CHANNEL,
    JOBS_CHANNEL,
    RUN_TASK,
    arq_client,
    is_new,
    job_channel,
    notices_channel,
    queue_name,
    to_all_jobs,
    to_its_channel,
)

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
        async with asyncio.timeout(self._timeout_s), self._redis.pipeline(transaction=False) as pipe:
            for channel, message in _of(event):
                pipe.publish(channel, message)
            await pipe.execute()


def _of(event: Event) -> Iterator[tuple[str, bytes]]:
    match event:
        case JobMoved():
            yield from _of_job(event)
        case Notified():
            id_ = event.notification_id
            yield notices_channel(event.user_id), orjson.dumps({"id": str(id_) if id_ else None})
        case AccessChanged():
            yield ACCESS_CHANNEL, _of_access(event)


def _of_access(changed: AccessChanged) -> bytes:
    session = str(changed.session_id) if changed.session_id else None
    return orjson.dumps({"user": str(changed.user_id), "session": session})


def _of_job(moved: JobMoved) -> Iterator[tuple[str, bytes]]:
    if not is_new(moved):
        yield job_channel(moved.job_id), to_its_channel(moved)
    if message := to_all_jobs(moved):
        yield JOBS_CHANNEL, message
