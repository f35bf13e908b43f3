"""A worker in a process of its own, whose only job never ends and tells line after line: to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from itertools import count

from redis.asyncio import Redis

from domain.clock import utc_now
from domain.jobs.events import Level, Log, Progress
from domain.jobs.model import Job
from domain.jobs.running import Finish, Run
from domain.jobs.service import RUN
from domain.jobs.status import JobKind
from domain.work import Queue
from persistence.database import engine_for
from persistence.outbox import PostgresOutbox
from persistence.work import Works
from tests.support.jobs import NO_STORAGE
from workers.bells import RedisBells
from workers.jobs import JobRunner
from workers.machine import this_process
from workers.worker import QueueWorker


async def endless(job: Job, run: Run) -> Finish:
    await run.progress(Progress(50))
    say(f"began attempt {job.attempt}")
    try:
        for number in count(1):
            await run.tell(Log(Level.INFO, f"line {number}"), number=number)
            await asyncio.sleep(0.002)
    finally:
        say(f"ended attempt {job.attempt}")
    raise AssertionError


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main() -> None:
    engine = engine_for(os.environ["DATABASE"], pool=2, overflow=2, recycle_s=3600, statement_timeout_ms=5000)
    redis: Redis = Redis.from_url(os.environ["REDIS"])
    limit = timedelta(days=1)
    runner = JobRunner(
        works=Works(engine, RedisBells(redis), utc_now),
        executors={JobKind.INSPECTION: endless},
        endings={},
        storage=NO_STORAGE,
        process=this_process(),
        clock=utc_now,
        time_limits=dict.fromkeys(JobKind, limit),
    )
    worker = QueueWorker(
        queue=Queue.DATA,
        slots=1,
        outbox=PostgresOutbox(engine),
        handlers={RUN: runner},
        redis=redis,
        clock=utc_now,
        time_limit=limit,
        version="1.2.3",
        lease=timedelta(seconds=float(os.environ["LEASE_S"])),
    )
    await worker.run(asyncio.Event(), grace_s=0)


asyncio.run(main())
