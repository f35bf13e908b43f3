"""Writes down what one attempt at a job tells: in order, in batches, each fact once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock
from domain.errors import Unavailable
from domain.jobs.events import Fact, Progress, Result, Status
from domain.jobs.model import Job
from domain.jobs.stores import Told
from domain.work import UnitOfWork, Works
from workers.facts import cleaned
from workers.steady import Sleep, wait_after
from workers.wording import said

EVERY_S = 0.25
BATCH = 500
# Who tells more has to wait: the pipe of its child fills, and the child waits as well.
MOST = 5_000
PROGRESS_EVERY = timedelta(seconds=1)

_log = structlog.get_logger(__name__)


class Scribe:
    """Keeps what it is told for a moment, and writes it in one unit of work. While the database is away it holds on to
    it and tries again. When the attempt is no longer the present one it says so, and lets go of all that it has."""

    def __init__(
        self,
        job: Job,
        *,
        heard: int,
        works: Works,
        clock: Clock,
        on_superseded: Callable[[], None],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.heard = heard
        """The number of the last numbered fact that is kept."""
        self._job = job
        self._works = works
        self._clock = clock
        self._on_superseded = on_superseded
        self._sleep = sleep
        self._last_seq = job.last_seq
        self._waiting: deque[Told] = deque()
        self._batch: list[Told] = []
        self._with_it: Progress | None = None
        self._progress: Progress | None = None
        self._next_progress_at: datetime | None = None
        self._is_unsure = False
        self._told = self._kept = self._wanted = 0
        self._is_last = self._is_over = False
        self._moved = asyncio.Condition()
        self._something = asyncio.Event()
        self._hurry = asyncio.Event()

    async def tell(self, fact: Fact, number: int | None = None) -> None:
        """Waits when there is too much that could not be written yet."""
        if isinstance(fact, Status):
            raise TypeError("How a job stands is written by its steps alone.")
        if isinstance(fact, Progress):
            return self.progress(fact)
        async with self._moved:
            await self._moved.wait_for(lambda: self._is_over or len(self._waiting) < MOST)
        fact = cleaned(fact)
        if not self._is_over and not self._is_known(fact, number):
            self._waiting.append(Told(self._clock(), fact, number))
            self._told += 1
            self._stir()
        return None

    def progress(self, progress: Progress) -> None:
        """Only the last one counts."""
        if not self._is_over:
            self._progress = cleaned(progress)
            self._stir()

    async def written(self) -> None:
        """All that was told up to now is kept; or the attempt is no longer the present one."""
        self._wanted = self._told
        self._stir()
        async with self._moved:
            await self._moved.wait_for(lambda: self._is_over or self._kept >= self._wanted)

    async def finish(self) -> None:
        """As `written`, and how far it came as well."""
        self._is_last = True
        await self.written()
        async with self._moved:
            await self._moved.wait_for(lambda: self._is_over or not (self._progress or self._with_it))

    async def drop(self) -> None:
        """Writes nothing more."""
        self._is_over = True
        self._waiting.clear()
        self._stir()
        async with self._moved:
            self._moved.notify_all()

    async def run(self) -> None:
        """Until it is cancelled, or the attempt is no longer the present one."""
        failures = 0
        try:
            while not self._is_over:
                await self._pause()
                try:
                    await self._write()
                    failures = 0
                except Unavailable as error:
                    self._is_unsure, failures = True, failures + 1
                    if failures == 1:
                        _log.warning("events not written yet", error=said(error))
                    await self._sleep(wait_after(failures))
        finally:
            await self.drop()

    def _is_known(self, fact: Fact, number: int | None) -> bool:
        """From an attempt before, which may have died when it had told its result and was not complete yet."""
        if isinstance(fact, Result):
            return fact.body == self._job.result
        return number is not None and number <= self.heard

    @property
    def _is_urgent(self) -> bool:
        return self._is_over or self._is_last or len(self._waiting) >= BATCH or self._kept < self._wanted

    def _stir(self) -> None:
        self._something.set()
        if self._is_urgent:
            self._hurry.set()

    async def _pause(self) -> None:
        """Until there is something, and then a moment for more to come."""
        await self._something.wait()
        if self._is_urgent:
            return
        self._hurry.clear()
        ends = [asyncio.ensure_future(end) for end in (self._sleep(EVERY_S), self._hurry.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    async def _write(self) -> None:
        # What may have been written already is tried again as it was.
        if not self._is_unsure:
            self._take()
        if (self._batch or self._with_it) and not self._is_over:
            async with self._works() as work:
                last_seq = await self._recorded(work)
            if last_seq is None:
                self._on_superseded()
                return await self.drop()
            self._settle(last_seq)
        if not (self._waiting or self._progress):
            self._something.clear()
        async with self._moved:
            self._moved.notify_all()
        return None

    async def _recorded(self, work: UnitOfWork) -> int | None:
        id_, attempt = self._job.id, self._job.attempt
        if self._is_unsure:
            is_kept = await work.jobs.has_kept(id_, attempt, self._last_seq, self._batch[0] if self._batch else None)
            job = await work.jobs.get(id_)
            if is_kept is None or job is None:
                return None
            if is_kept:
                return job.last_seq
        return await work.jobs.record(id_, attempt, self._batch, self._with_it)

    def _take(self) -> None:
        while self._waiting and len(self._batch) < BATCH:
            self._batch.append(self._waiting.popleft())
        if self._progress and self._is_due():
            self._with_it, self._progress = self._progress, None
            self._next_progress_at = self._clock() + PROGRESS_EVERY

    def _settle(self, last_seq: int) -> None:
        self._last_seq, self._is_unsure = last_seq, False
        self.heard = max([self.heard, *(told.number for told in self._batch if told.number is not None)])
        self._kept += len(self._batch)
        self._batch, self._with_it = [], None

    def _is_due(self) -> bool:
        return self._is_last or self._next_progress_at is None or self._clock() >= self._next_progress_at
