"""Real workers on servers of their own, and one who by a seed does them harm."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

import psutil
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.embedded.endpoints import Endpoints
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
from app.migrate import upgrade
from app.settings import ROOT
from domain.errors import Unavailable
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from domain.jobs.stores import Process as Place
from domain.work import Queue, Works
from persistence.tables.jobs import jobs
from tests.chaos.front import Front
from tests.chaos.worker import FULL
from workers.machine import this_machine

LEASE_S = 4.0
WORKERS = ("one", "other")
PATIENCE_S = 180.0
# How many events there are between two blows, so that the first has been got over.
CALM = 25


class Servers:
    """Postgres that loses nothing when it is killed, and Redis."""

    def __init__(self, folder: Path) -> None:
        self._postgres, self._valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")

    def start(self) -> Endpoints:
        endpoints = Endpoints(self._postgres.start(), None, self._valkey.start())
        upgrade(endpoints)
        return endpoints

    def stop(self) -> None:
        self._postgres.stop()
        self._valkey.stop()

    def restart_postgres(self, *, kindly: bool) -> None:
        if kindly:
            self._postgres.stop()
        elif self._postgres._child is not None:
            self._postgres._child.kill()
            self._postgres._child.wait()
        self._postgres.start()

    async def restart_redis_empty(self, url: str) -> None:
        async with Redis.from_url(url) as redis:
            await redis.flushall()
        self._valkey.stop()
        self._valkey.start()


class Workers:
    """Like a supervisor: who dies is started again."""

    def __init__(
        self,
        endpoints: Endpoints,
        folder: Path,
        executors: str,
        lease_s: float = LEASE_S,
        *,
        queue: Queue = Queue.TRAINING,
    ) -> None:
        self.folder = folder
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TMW_")},
            "PYTHONPATH": str(ROOT),
            "DATABASE": endpoints.database_url,
            "REDIS": endpoints.redis_url,
            "FOLDER": str(folder),
            "EXECUTORS": executors,
            "LEASE_S": str(lease_s),
            "QUEUE": queue.value,
        }
        self.processes: dict[str, Process] = {}

    async def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        command = (sys.executable, "-P", "-m", "tests.chaos.worker")
        with log:
            self.processes[name] = await asyncio.create_subprocess_exec(*command, env=self._env, stdout=log, stderr=log)

    async def kill(self, name: str) -> None:
        process = self.processes[name]
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def stop(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
        for name in self.processes:
            await self.kill(name)

    def name_of(self, place: Place) -> str | None:
        return next((name for name, process in self.processes.items() if process.pid == place.pid), None)


@asynccontextmanager
async def workers(made: Workers, *names: str) -> AsyncIterator[Workers]:
    try:
        for name in names:
            await made.start(name)
        yield made
    finally:
        await made.stop()


class Conductor:
    """Strikes when the last blow was got over. All that it looks at is in the database."""

    def __init__(
        self,
        seed: int,
        *,
        works: Works,
        engine: AsyncEngine,
        endpoints: Endpoints,
        servers: Servers,
        workers: Workers,
        front: Front,
    ) -> None:
        self._rng = random.Random(seed)
        self._works = works
        self._engine = engine
        self._endpoints = endpoints
        self._servers = servers
        self._workers = workers
        self._front = front
        self.groups: set[int] = set()
        """Of all children that were seen at work."""
        self.struck: list[str] = []

    def blows(self) -> Mapping[str, Callable[[], Awaitable[bool]]]:
        """In the order of this seed."""
        blows = [
            self.children_killed,
            self.worker_killed,
            self.api_killed,
            self.worker_frozen,
            self.redis_emptied,
            self.postgres_restarted,
            self.disk_full,
        ]
        self._rng.shuffle(blows)
        return {blow.__name__: blow for blow in blows}

    async def strike(self) -> None:
        for name, blow in self.blows().items():
            await self.calm()
            if await blow():
                self.struck.append(name)
        await self.calm()

    async def calm(self, events: int = CALM) -> None:
        """Until so many events more were written, or nothing is left to be done."""
        before = await self._events()

        async def moved() -> bool:
            await self._running()
            return await self._events() >= before + events or not await self.open_jobs()

        await self.until(moved)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with suppress(Unavailable, OSError):
                    if await holds():
                        return
                await asyncio.sleep(0.02)

    async def open_jobs(self) -> list[UUID]:
        statement = select(jobs.c.id).where(jobs.c.status.in_([JobStatus.QUEUED, JobStatus.RUNNING]))
        async with self._engine.connect() as connection:
            return list((await connection.execute(statement)).scalars())

    async def children_killed(self) -> bool:
        """A toy's and one of the real engine; of jobs that can bear it: each time they wait longer to try again."""
        found = [(job, place) for job, place in await self._running() if place.group is not None]
        toys = [place for job, place in found if job.engine is None and job.attempt == 1]
        trainings = [place for job, place in found if job.engine is not None]
        struck = [self._rng.choice(kind) for kind in (toys, trainings) if kind]
        for place in struck:
            with suppress(ProcessLookupError):
                os.killpg(place.group or 0, signal.SIGKILL)
        return bool(struck)

    async def worker_killed(self) -> bool:
        name = self._rng.choice(WORKERS)
        await self._workers.kill(name)
        await self._workers.start(name)
        return True

    async def api_killed(self) -> bool:
        await self._front.kill()
        await self._front.start()
        return True

    async def worker_frozen(self) -> bool:
        """Until others have its jobs; then it wakes, and believes that they are its own."""
        found = [(job, name) for job, place in await self._running() if (name := self._workers.name_of(place))]
        if not found:
            return False
        name = self._rng.choice(found)[1]
        theirs = {job.id: job.attempt for job, other in found if other == name}
        process = self._workers.processes[name]
        process.send_signal(signal.SIGSTOP)
        try:
            await self.until(lambda: self._gone_on(theirs))
        finally:
            process.send_signal(signal.SIGCONT)
        return True

    async def redis_emptied(self) -> bool:
        await self._servers.restart_redis_empty(self._endpoints.redis_url)
        return True

    async def postgres_restarted(self) -> bool:
        self._servers.restart_postgres(kindly=self._rng.random() < 0.5)
        return True

    async def disk_full(self) -> bool:
        full = self._workers.folder / FULL
        full.touch()
        try:
            await self.calm()
        finally:
            full.unlink()
        return True

    async def _gone_on(self, attempts: Mapping[UUID, int]) -> bool:
        """At least one of them: others may have no room for all."""
        for id, attempt in attempts.items():
            async with self._works() as work:
                job = await work.jobs.get(id)
            if job is None or job.attempt > attempt or job.status.is_over:
                return True
        return False

    async def _running(self) -> list[tuple[Job, Place]]:
        async with self._works() as work:
            running = list(await work.jobs.running_on(this_machine()))
        self.groups |= {place.group for _, place in running if place.group is not None}
        return running

    async def _events(self) -> int:
        async with self._engine.connect() as connection:
            return sum((await connection.execute(select(jobs.c.last_seq))).scalars())


def alive(groups: set[int]) -> list[int]:
    """Processes of these groups that still run."""
    found = []
    for process in psutil.process_iter(["status"]):
        with suppress(ProcessLookupError):
            if os.getpgid(process.pid) in groups and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found
