"""What bells and workers must agree on: names in Redis, and JSON instead of arq's pickle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from arq.connections import ArqRedis
from redis.asyncio import Redis

from domain.jobs.events import EventKind, JobMoved
from domain.jobs.plain import event_to_plain, kind_of
from domain.work import Queue

RUN_TASK = "run_task"
ACCESS_CHANNEL = "tmw:access"
JOBS_CHANNEL = "tmw:jobs"
NOTICES_CHANNEL = "tmw:notices"
# What one message about a job may carry; of more it tells only where it lies in the log.
MOST_EVENTS = 500
MOST_BYTES = 256 << 10
_TOLD_TO_ALL = frozenset({EventKind.STATUS, EventKind.PROGRESS, EventKind.CHECKPOINT, EventKind.RESULT})


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


def job_channel(job_id: UUID) -> str:
    """What happens in one job."""
    return f"tmw:job:{job_id}"


def notices_channel(user_id: UUID | None) -> str:
    """What one person is told of; nobody named: what everyone is told of."""
    return f"{NOTICES_CHANNEL}:{user_id}" if user_id else NOTICES_CHANNEL


def is_new(moved: JobMoved) -> bool:
    """It was asked for, and nothing has happened yet."""
    return moved.last_seq < moved.first_seq


def to_its_channel(moved: JobMoved) -> bytes:
    span: dict[str, Any] = {"first": moved.first_seq, "last": moved.last_seq}
    if len(moved.events) <= MOST_EVENTS:
        whole = orjson.dumps(span | {"events": [event_to_plain(event) for event in moved.events]})
        if len(whole) <= MOST_BYTES:
            return whole
    return orjson.dumps(span | {"events": []})


def to_all_jobs(moved: JobMoved) -> bytes | None:
    """For those who watch many jobs; None when nothing happened that they would show."""
    kinds = dict.fromkeys(kind_of(event.fact) for event in moved.events)
    told = [kind.value for kind in kinds if kind in _TOLD_TO_ALL]
    if is_new(moved):
        told = [EventKind.STATUS.value]
    if not told:
        return None
    about = {
        "job": str(moved.job_id),
        "owner": str(moved.owner_id),
        "strategy": moved.strategy_id and str(moved.strategy_id),
        "dataset": moved.dataset_id and str(moved.dataset_id),
        "last": moved.last_seq,
        "kinds": told,
    }
    return orjson.dumps(about)
