"""The API in a process of its own, and a client that follows a job through it, whatever becomes of that process."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from app.client.api import Api
from app.client.live import follow
from app.embedded.endpoints import Endpoints
from app.settings import ROOT
from domain.jobs.model import Job
from graph.ids import encode
from tests.support.people import Person
from tests.support.upped import free_port

KEY = "Kq7-vM2x_Lw9sTz4-bR8nYd3_Hf6-Jc1pXg5"
EVENTS = "subscription($id: ID!, $after: Int) { jobEvents(id: $id, after: $after) { __typename seq } }"


class Front:
    def __init__(self, endpoints: Endpoints, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TMW_")},
            "PYTHONPATH": str(ROOT),
            "TMW_STATE_DIR": str(folder / "state"),
            "TMW_DATABASE_URL": endpoints.database_url,
            "TMW_REDIS_URL": endpoints.redis_url,
            "TMW_SIGNING_KEY": KEY,
            "TMW_PORT": str(self._port),
        }
        self._process: Process | None = None

    async def start(self) -> None:
        command = (sys.executable, "-P", "-m", "app", "serve")
        with (self._folder / "api.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self._env, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def seqs(self, who: Person, job: Job) -> list[int]:
        """Of all that a client hears who follows the job to its end, and asks for what it missed."""
        async with Api(f"http://127.0.0.1:{self._port}", who.token) as api:
            items = follow(api, EVENTS, id=encode("Job", job.id))
            return [item["seq"] async for item in items if item["__typename"].endswith("Event")]


@asynccontextmanager
async def front(endpoints: Endpoints, folder: Path) -> AsyncIterator[Front]:
    made = Front(endpoints, folder)
    await made.start()
    try:
        yield made
    finally:
        await made.kill()
