"""Ends jobs that nobody will run any more."""

from __future__ import annotations

import structlog

from domain.clock import Clock
from domain.jobs.events import Level, Log
from domain.jobs.model import Job
from domain.jobs.running import LOST, Endings, put_right
from domain.jobs.stores import Told
from domain.work import Works
from workers.wording import said

AT_ONCE = 100
MESSAGE = "The work on it was lost: its worker died again and again, or its task was removed. Start it anew."

_log = structlog.get_logger(__name__)


class LostJobs:
    """A job and its task are kept in one transaction, so one that is open without a task has lost it: the task was
    given up after too many attempts, or somebody removed it. Several workers may look at once."""

    def __init__(self, *, works: Works, endings: Endings, clock: Clock) -> None:
        self._works = works
        self._endings = endings
        self._clock = clock

    async def sweep(self) -> None:
        async with self._works() as work:
            lost = await work.jobs.lost(AT_ONCE)
        for job in lost:
            try:
                await self._end(job)
            except Exception as error:  # noqa: BLE001 - one that cannot be ended must not keep the others
                _log.warning("lost job not ended", job=str(job.id), error=said(error))

    async def _end(self, job: Job) -> None:
        async with self._works() as work:
            # A job that waits has no attempt that could say so in its log; its status says it all the same.
            told = Told(self._clock(), Log(Level.ERROR, MESSAGE))
            await work.jobs.record(job.id, job.attempt, [told], None)
            ended = await work.jobs.fail(job.id, job.attempt, LOST, MESSAGE, self._clock())
            if ended is None:
                return
            await put_right(work, ended, self._endings)
        _log.error("job lost", job=str(job.id), job_kind=job.kind.value, job_attempt=job.attempt)
