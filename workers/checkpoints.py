"""The file from which a job goes on after a break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from domain.blobs import Blobs, BlobStorage, Owner, content_of_file
from domain.clock import Clock
from domain.jobs.events import Checkpoint
from domain.jobs.model import CHECKPOINT, KIND, Job
from domain.jobs.stores import Told
from domain.work import Works
from workers.wording import said

_log = structlog.get_logger(__name__)


class Checkpoints:
    """Keeps one for each job."""

    def __init__(self, *, works: Works, storage: BlobStorage, clock: Clock) -> None:
        self._works = works
        self._storage = storage
        self._blobs = Blobs(works=works, storage=storage)
        self._clock = clock

    async def keep(self, job: Job, path: Path, checkpoint: Checkpoint) -> bool:
        """In place of the one before. False when the attempt is no longer the present one.

        Takes the file over, and raises what the storage and the unit of work raise.
        """
        try:
            content = await asyncio.to_thread(content_of_file, path)
            await self._blobs.keep(path, content)
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        async with self._works() as work:
            told = [Told(self._clock(), checkpoint)]
            if await work.jobs.record(job.id, job.attempt, told, None) is None:
                return False
            await work.blobs.use(_owner(job), content)
            return await work.jobs.checkpoint_kept(job.id, job.attempt)

    @asynccontextmanager
    async def last(self, job: Job) -> AsyncIterator[Path | None]:
        """As a file to be read inside the block; None when there is none."""
        async with self._works() as work:
            content = await work.blobs.of(_owner(job))
        if content is None:
            yield None
            return
        try:
            opened = self._storage.as_file(content)
            path = await opened.__aenter__()
        except FileNotFoundError as error:
            _log.error("checkpoint lost", job=str(job.id), error=said(error))
            yield None
            return
        try:
            yield path
        finally:
            await opened.__aexit__(None, None, None)


def _owner(job: Job) -> Owner:
    return Owner(KIND, job.id, CHECKPOINT)
