"""A worker that dies in the middle of a task."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.settings import ROOT
from domain.clock import utc_now
from domain.work import Queue
from tests.support.patience import PATIENCE_S
from tests.workers.helpers import Remembers, a_worker, at_work, committed, eventually, row_of, the_row
from workers.bells import RedisBells

LEASE_S = 3.0


@asynccontextmanager
async def mortal_worker(database_url: str, redis_url: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("mortal.py")),
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "DATABASE": database_url, "REDIS": redis_url, "LEASE_S": str(LEASE_S)},
        stdout=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_another_takes_its_task_up_when_the_lease_is_over(
    engine: AsyncEngine, redis: Redis, database_url: str, redis_url: str
) -> None:
    greet = Remembers()
    async with mortal_worker(database_url, redis_url) as process:
        id = await committed(engine)
        await RedisBells(redis, timeout_s=PATIENCE_S).ring(Queue.DATA, str(id))
        assert process.stdout is not None
        lines = [line async for line in heard_until(process.stdout, b"started Ada\n")]
        assert lines[-1] == b"started Ada\n"
        process.kill()
        await process.wait()
    left = await the_row(engine, id)
    assert left.attempts == 1
    async with at_work(a_worker(engine, redis, utc_now, {"greet": greet}, sweep_s=0.05)):
        await greet.times(1)
        taken_up = utc_now()

        async def done() -> bool:
            return await row_of(engine, id) is None

        await eventually(done)
    assert left.due_at <= taken_up
    assert (taken_up - left.due_at).total_seconds() < LEASE_S


async def heard_until(stream: asyncio.StreamReader, last: bytes) -> AsyncIterator[bytes]:
    async with asyncio.timeout(PATIENCE_S):
        async for line in stream:
            yield line
            if line == last:
                return
