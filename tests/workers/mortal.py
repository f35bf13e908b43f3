"""A worker in a process of its own, whose only task never ends: to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from domain.clock import utc_now
from domain.work import Queue
from persistence.database import engine_for
from persistence.outbox import PostgresOutbox
from workers.worker import QueueWorker


async def endless(payload: Mapping[str, Any]) -> None:
    sys.stdout.write(f"started {payload['to']}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main() -> None:
    engine = engine_for(os.environ["DATABASE"], pool=2, overflow=2, recycle_s=3600, statement_timeout_ms=5000)
    worker = QueueWorker(
        queue=Queue.DATA,
        slots=1,
        outbox=PostgresOutbox(engine),
        handlers={"greet": endless},
        redis=Redis.from_url(os.environ["REDIS"]),
        clock=utc_now,
        time_limit=timedelta(days=1),
        version="1.2.3",
        lease=timedelta(seconds=float(os.environ["LEASE_S"])),
    )
    await worker.run(asyncio.Event(), grace_s=0)


asyncio.run(main())
