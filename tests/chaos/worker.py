"""A real worker in a process of its own, as the platform wires it, but with a short lease and executors by name."""

from __future__ import annotations

import asyncio
import errno
import importlib
import os
import signal
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from redis.asyncio import Redis

from domain.blobs import Content
from domain.clock import utc_now
from domain.jobs.service import RUN
from domain.jobs.status import JobKind
from domain.work import Queue
from persistence.blobs.folder import FolderStorage
from persistence.database import engine_for
from persistence.outbox import PostgresOutbox
from persistence.work import Works
from workers.bells import RedisBells
from workers.jobs import JobRunner
from workers.machine import this_process
from workers.orphans import Orphans
from workers.scratch import clear_abandoned
from workers.worker import QueueWorker

LIMIT = timedelta(hours=1)
FULL = "full"


def scratch_of(folder: Path) -> Path:
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return scratch


class Disk(FolderStorage):
    """Has no room while there is a file of the name "full" beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "blobs")
        self._full = folder / FULL

    async def keep(self, path: Path, content: Content) -> None:
        if await asyncio.to_thread(self._full.exists):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        await super().keep(path, content)


async def main() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    engine = engine_for(os.environ["DATABASE"], pool=6, overflow=4, recycle_s=3600, statement_timeout_ms=5000)
    redis: Redis = Redis.from_url(os.environ["REDIS"], socket_connect_timeout=2, socket_timeout=5)
    folder = Path(os.environ["FOLDER"])
    bells, outbox, storage = RedisBells(redis), PostgresOutbox(engine), Disk(folder)
    works = Works(engine, bells, utc_now)
    runner = JobRunner(
        works=works,
        executors=importlib.import_module(os.environ["EXECUTORS"]).executors(works, storage),
        endings={},
        storage=storage,
        process=this_process(),
        clock=utc_now,
        time_limits=dict.fromkeys(JobKind, LIMIT),
    )
    worker = QueueWorker(
        queue=Queue(os.environ["QUEUE"]),
        slots=2,
        outbox=outbox,
        handlers={RUN: runner},
        redis=redis,
        clock=utc_now,
        time_limit=LIMIT,
        version="1.2.3",
        reconcilers={"scratch": partial(asyncio.to_thread, clear_abandoned, scratch_of(folder))},
        orphans=Orphans(works=works, outbox=outbox, bell=bells, endings={}, clock=utc_now).sweep,
        lease=timedelta(seconds=float(os.environ["LEASE_S"])),
    )
    await worker.run(stopping, grace_s=0)
    await redis.aclose()
    await engine.dispose()
    sys.stdout.write("stopped\n")


if __name__ == "__main__":
    asyncio.run(main())
