"""The process that `tmw worker` runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import orjson
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.about import VERSION
from app.embedded.endpoints import Endpoints
from app.settings import ROOT
from domain.work import Queue
from tests.workers.helpers import committed, eventually, the_row
from workers.heartbeat import workers_seen

PROGRAM = """
import os
from app.embedded.endpoints import Endpoints
from app.settings import Settings
from app.work import run
run(Settings(_env_file=None), Endpoints(os.environ["DATABASE"], None, os.environ["REDIS"]), "evaluation")
"""


async def test_it_works_on_its_queue_until_it_is_asked_to_stop(
    engine: AsyncEngine, redis: Redis, endpoints: Endpoints, tmp_path: Path
) -> None:
    id = await committed(engine, "sing", Queue.EVALUATION)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TMW_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        cwd=tmp_path,
        env=clean | {"PYTHONPATH": str(ROOT), "DATABASE": endpoints.database_url, "REDIS": endpoints.redis_url},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:

        async def both() -> bool:
            seen = (await workers_seen(redis))[Queue.EVALUATION]
            return bool(seen) and (await the_row(engine, id)).failed_at is not None

        await eventually(both)
        [worker] = (await workers_seen(redis))[Queue.EVALUATION]
        assert (worker.version, worker.pid, worker.jobs) == (VERSION, process.pid, 0)
        assert (await the_row(engine, id)).error == "Hopeless: No worker knows a task of the name 'sing'."
        process.send_signal(signal.SIGTERM)
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert (await workers_seen(redis))[Queue.EVALUATION] == []
    events = [orjson.loads(line)["event"] for line in said.splitlines()]
    assert (events[0], events[-1]) == ("worker starts", "worker stopped")
    assert sorted(events[1:-1]) == ["task failed for good", "worker listens"]
