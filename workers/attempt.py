"""One run of an executor: watched, stopped when it has to be, and over when it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import Enum
from pathlib import Path

import structlog

from domain.clock import Clock
from domain.ended import END_AGAIN_S, ended
from domain.errors import Unavailable
from domain.jobs.events import Checkpoint, Fact, Level, Log, Progress
from domain.jobs.model import Job
from domain.jobs.running import Executor, Finish
from domain.jobs.status import JobStatus
from domain.work import Works
from workers import job_words
from workers.checkpoints import Checkpoints
from workers.scribe import Scribe
from workers.steady import steadily, wait_after
from workers.wording import said

# From the wish to cancel to the executor hearing of it.
LOOK_S = 0.5

_log = structlog.get_logger(__name__)


class Stop(Enum):
    """Why an executor was stopped."""

    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    TIMED_OUT = "timed out"


class Attempt:
    """Runs the executor in a task of its own. Once it is to stop it is cancelled, and again when it has not ended after
    a while: a cancellation may be lost on its way.

    Implements domain.jobs.running.Run for it.
    """

    def __init__(
        self, job: Job, *, heard: int, works: Works, checkpoints: Checkpoints, clock: Clock, look_s: float
    ) -> None:
        self._job = job
        self._works = works
        self._checkpoints = checkpoints
        self._look_s = look_s
        self._scribe = Scribe(job, heard=heard, works=works, clock=clock, on_superseded=self._give_up)
        self._why: Stop | None = None
        self._cannot_keep = False

    async def run(self, execute: Executor, time_limit: timedelta) -> Finish | Stop:
        """What the executor gives or raises; or why it was stopped. In each case it has ended, and what it told is
        kept, unless others have the job."""
        self._running = asyncio.ensure_future(execute(self._job, self))
        self._writing = asyncio.create_task(self._scribe.run())
        self._writing.add_done_callback(lambda _: self._give_up())
        looking = asyncio.create_task(steadily("look at a job", self._look, self._pause))
        try:
            await asyncio.wait([self._running], timeout=time_limit.total_seconds())
            self._stop(Stop.TIMED_OUT)
            await asyncio.wait([self._running])
            await self._scribe.finish()
        finally:
            # It still runs only when this worker is told to stop, or has lost its lease: others may have the job.
            self._give_up()
            await ended(looking, self._writing)
            await asyncio.gather(self._running, return_exceptions=True)
        return self._outcome()

    @property
    def heard(self) -> int:
        return self._scribe.heard

    async def tell(self, fact: Fact, *, number: int | None = None) -> None:
        await self._scribe.tell(fact, number)
        self._obey()

    async def progress(self, progress: Progress) -> None:
        self._scribe.progress(progress)

    async def process(self, group: int | None) -> None:
        failures = 0
        while not await self._noted(group):
            failures += 1
            await asyncio.sleep(wait_after(failures))
        if group is not None:
            self._obey()

    async def checkpoint(self, path: Path, checkpoint: Checkpoint) -> bool:
        await self._scribe.written()
        try:
            if not await self._checkpoints.keep(self._job, path, checkpoint):
                self._give_up()
            self._obey()
        except (OSError, Unavailable) as error:
            await self._could_not_keep(checkpoint, error)
            return False
        self._cannot_keep = False
        return True

    @asynccontextmanager
    async def last_checkpoint(self) -> AsyncIterator[Path | None]:
        async with self._checkpoints.last(self._job) as path:
            if path is None and self._job.has_checkpoint:
                await self.tell(Log(Level.WARNING, job_words.CHECKPOINT_GONE))
            yield path

    async def _noted(self, group: int | None) -> bool:
        try:
            async with self._works() as work:
                is_present = await work.jobs.at_work(self._job.id, self._job.attempt, group)
            # Only now: the cancellation might be lost in the commit.
            if not is_present:
                self._give_up()
        except Unavailable as error:
            _log.warning("process not written down", error=said(error))
            # One that is gone needs nobody to know of it.
            return group is None
        return True

    async def _could_not_keep(self, checkpoint: Checkpoint, error: Exception) -> None:
        _log.warning("checkpoint not kept", step=checkpoint.step, error=said(error))
        if not self._cannot_keep:
            self._cannot_keep = True
            await self._scribe.tell(Log(Level.WARNING, job_words.not_kept(checkpoint)))

    def _stop(self, why: Stop) -> None:
        if self._why is None and not self._running.done():
            self._why = why
            self._cancel()

    def _cancel(self) -> None:
        """Until it has ended: a cancellation may be lost on its way, see domain.ended."""
        if not self._running.done():
            self._running.cancel()
            asyncio.get_running_loop().call_later(END_AGAIN_S, self._cancel)

    def _give_up(self) -> None:
        self._stop(Stop.SUPERSEDED)

    def _obey(self) -> None:
        """A cancellation may be forgotten on its way (see domain.ended): an executor that was given up on hears of it
        again where it tells something."""
        if self._why is Stop.SUPERSEDED:
            raise asyncio.CancelledError

    def _outcome(self) -> Finish | Stop:
        if not self._writing.cancelled() and (broken := self._writing.exception()):
            raise broken
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
            self._give_up()
            await self._scribe.drop()
        elif job.cancel_requested_at is not None:
            self._stop(Stop.CANCELLED)
