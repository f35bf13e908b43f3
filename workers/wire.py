"""What bells and workers must agree on: names in Redis, and JSON instead of arq's pickle."""

from __future__ import annotations

from typing import Any

import orjson
from arq.connections import ArqRedis
from redis.asyncio import Redis

from domain.work import Queue

RUN_TASK = "run_task"
ACCESS_CHANNEL = "tmw:access"


def queue_name(queue: Queue) -> str:
    return f"tmw:queue:{queue}"


def dump(value: Any) -> bytes:
    # arq also writes down results, which may be exceptions.
    return orjson.dumps(value, default=repr)


def load(data: bytes) -> Any:
    return orjson.loads(data)


def arq_client(redis: Redis) -> ArqRedis:
    """arq's way to enqueue, on the connections of a client that returns bytes."""
    return ArqRedis(redis.connection_pool, job_serializer=dump, job_deserializer=load)
