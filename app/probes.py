"""What `/ready` and `/metrics` ask the parts that this process needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import QueuePool, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.health import Missing, Probe
from app.observe.sampled import Readings
from domain.errors import Unavailable
from domain.jobs.status import OPEN
from domain.work import Queue
from persistence.database import Reader
from persistence.reading import compiled
from persistence.tables.jobs import is_open, jobs
from persistence.tables.system import outbox
from workers.heartbeat import workers_seen

_ONE = compiled(select(literal(1)))
_WAITING = compiled(select(outbox.c.queue, func.count()).where(outbox.c.failed_at.is_(None)).group_by(outbox.c.queue))

# Only these: to count all that ever were would take longer every day.
_OPEN = compiled(select(jobs.c.status, func.count()).where(is_open).group_by(jobs.c.status))


def probes(reader: Reader, redis: Redis) -> Mapping[str, Probe]:
    """One for the database, one for Redis, one for the worker of each queue."""

    async def database() -> None:
        try:
            await reader.value(_ONE)
        except Unavailable as error:
            raise Missing("PostgreSQL does not answer.", "Start it, or look at TMW_DATABASE_URL.") from error

    async def broker() -> None:
        try:
            await redis.ping()
        except (RedisError, OSError) as error:
            raise Missing("Redis does not answer.", "Start it, or look at TMW_REDIS_URL.") from error

    def worker(queue: Queue) -> Probe:
        async def seen() -> None:
            try:
                workers = await workers_seen(redis)
            except (RedisError, OSError) as error:
                raise Missing("Its heartbeat is in Redis, which does not answer.", "Bring Redis back.") from error
            if not workers[queue]:
                raise Missing("No worker was seen lately.", f"Start one with: ./tmw worker --queue {queue.value}")

        return seen

    return {"database": database, "redis": broker} | {f"worker:{queue.value}": worker(queue) for queue in Queue}


def pool_use(engine: AsyncEngine, reader: Reader) -> Readings:
    """(pool, state) -> connections."""
    pool = cast("QueuePool", engine.pool)
    return {
        ("write", "in_use"): pool.checkedout(),
        ("write", "idle"): pool.checkedin(),
        ("read", "in_use"): reader.in_use,
        ("read", "idle"): reader.idle,
    }


async def waiting_tasks(reader: Reader) -> Readings:
    """(queue,) -> tasks that were asked for and are not done."""
    found = {record[0]: record[1] for record in await reader.rows(_WAITING)}
    return {(queue.value,): found.get(queue.value, 0) for queue in Queue}


async def open_jobs(reader: Reader) -> Readings:
    """(state,) -> jobs in it."""
    found = {record[0]: record[1] for record in await reader.rows(_OPEN)}
    return {(status.value,): found.get(status.value, 0) for status in OPEN}
