"""Takes down what an engine says while it works for a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from domain.blobs import Blobs, Content, content_of_file
from domain.jobs.artefacts import artefact_of
from domain.jobs.events import Level, Log
from domain.jobs.model import Job
from domain.jobs.running import Run
from domain.jobs.status import JobStatus
from domain.work import Works
from workers.engines.port import EngineEvent, InSession, Made, Moved, Said, Saved, Trained, Working


class Listening:
    """To one engine at a time, for any number of jobs."""

    def __init__(self, *, works: Works, blobs: Blobs) -> None:
        self._works = works
        self._blobs = blobs

    async def to(self, engine: AsyncGenerator[EngineEvent, None], job: Job, run: Run) -> Trained:
        """Until it has come to its end."""
        if_cancelled: str | None = None
        try:
            async with aclosing(engine) as events:
                async for event in events:
                    if isinstance(event, Trained):
                        return event
                    if isinstance(event, InSession):
                        if_cancelled = event.if_cancelled
                    await self._take(job, run, event)
        except asyncio.CancelledError:
            if if_cancelled and await self._is_cancelled(job):
                await run.tell(Log(Level.WARNING, if_cancelled))
            raise
        raise RuntimeError("The engine came to its end without a result.")

    async def keep(self, path: Path) -> Content:
        """Takes the file over."""
        content = await asyncio.to_thread(content_of_file, path)
        await self._blobs.keep(path, content)
        return content

    async def _take(self, job: Job, run: Run, event: EngineEvent) -> None:
        match event:
            case Said(fact, number):
                await run.tell(fact, number=number)
            case Moved(progress):
                await run.progress(progress)
            case Saved(path, checkpoint):
                await run.checkpoint(path, checkpoint)
            case Working(group):
                await run.process(group)
            case InSession(id_):
                async with self._works() as work:
                    await work.jobs.remember_session(job.id, job.attempt, id_)
            case Made(name, path):
                await self._made(job, name, path)

    async def _made(self, job: Job, name: str, path: Path) -> None:
        content = await self.keep(path)
        async with self._works() as work:
            now = await work.jobs.get(job.id)
            if now and (now.attempt, now.status) == (job.attempt, JobStatus.RUNNING):
                await work.blobs.use(artefact_of(job.id, name), content)

    async def _is_cancelled(self, job: Job) -> bool:
        async with self._works() as work:
            now = await work.jobs.get(job.id)
        return now is not None and now.cancel_requested_at is not None
