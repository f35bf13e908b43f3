"""One run of an executor: watched, stopped when it has to be, and over when it is left."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from enum import Enum

import structlog

from domain.clock import Clock
from domain.errors import Unavailable
from domain.jobs.model import Job
from domain.jobs.running import Executor, Finish
from domain.jobs.status import JobStatus
from domain.work import Works
from workers.steady import steadily
from workers.wording import said

# From the wish to cancel to the executor hearing of it.
LOOK_S = 0.5
PROGRESS_EVERY = timedelta(seconds=1)

_log = structlog.get_logger(__name__)


class Stop(Enum):
    """Why an executor was stopped."""

    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    TIMED_OUT = "timed out"


class Attempt:
    """Runs the executor in a task of its own and cancels it at most once, so that it can clean up in peace."""

    def __init__(self, job: Job, *, works: Works, clock: Clock, look_s: float) -> None:
        self._job = job
        self._works = works
        self._clock = clock
        self._look_s = look_s
        self._why: Stop | None = None
        self._next_progress_at: datetime | None = None

    async def run(self, execute: Executor, time_limit: timedelta) -> Finish | Stop:
        """What the executor gives or raises; or why it was stopped. In each case it has ended."""
        self._running = asyncio.ensure_future(execute(self._job, self._progress))
        looking = asyncio.create_task(steadily("look at a job", self._look, self._pause))
        try:
            await asyncio.wait([self._running], timeout=time_limit.total_seconds())
            self._stop(Stop.TIMED_OUT)
        finally:
            # It still runs only when this worker is told to stop, or has lost its lease: others may have the job.
            self._stop(Stop.SUPERSEDED)
            looking.cancel()
            await asyncio.gather(self._running, looking, return_exceptions=True)
        return self._outcome()

    def _stop(self, why: Stop) -> None:
        if self._why is None and not self._running.done():
            self._why = why
            self._running.cancel()

    def _outcome(self) -> Finish | Stop:
        running = self._running
        error = RuntimeError("The executor cancelled itself.") if running.cancelled() else running.exception()
        if error is None:
            return running.result()
        if self._why is None:
            raise error
        if not running.cancelled():
            _log.warning("executor failed while it was stopped", error=said(error))
        return self._why

    async def _pause(self) -> None:
        await asyncio.sleep(self._look_s)

    async def _look(self) -> None:
        async with self._works() as work:
            job = await work.jobs.get(self._job.id)
        if job is None or job.attempt != self._job.attempt or job.status is not JobStatus.RUNNING:
            self._stop(Stop.SUPERSEDED)
        elif job.cancel_requested_at is not None:
            self._stop(Stop.CANCELLED)

    async def _progress(self, percent: float) -> None:
        now = self._clock()
        if self._next_progress_at is not None and now < self._next_progress_at:
            return
        self._next_progress_at = now + PROGRESS_EVERY
        if not await self._advance(min(100.0, max(0.0, percent)), now):
            self._stop(Stop.SUPERSEDED)
            # Here the executor hears of it.
            await asyncio.sleep(0)

    async def _advance(self, percent: float, now: datetime) -> bool:
        try:
            async with self._works() as work:
                return await work.jobs.advance(self._job.id, self._job.attempt, percent, now)
        except Unavailable as error:
            _log.warning("progress not written", error=said(error))
            return True
