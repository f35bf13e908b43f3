"""Runs jobs: one attempt each time that the task of a job is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars

from domain.clock import Clock
from domain.errors import Refused
from domain.jobs.model import Job
from domain.jobs.running import INTERNAL, TIMED_OUT, Endings, Executor, Executors, Finish, JobFailed, put_right
from domain.jobs.status import JobStatus
from domain.work import UnitOfWork, Works
from workers.attempt import LOOK_S, Attempt, Stop
from workers.wording import said

TRIES = 3
SORRY = f"Something went wrong on our side, {TRIES} times. The operator finds it in the log under the id of this job."
LONGEST_CODE = 50
LONGEST_MESSAGE = 2_000

_log = structlog.get_logger(__name__)


class Superseded(Exception):
    """Another worker has the job, or it is over: nothing that this attempt did may be kept."""


class JobRunner:
    """The handler of the task domain.jobs.service.RUN. The lease of the task is the lease of the job.

    It returns when the job is over, or is no longer its own. It raises to have the task, and so the job, tried again.
    """

    def __init__(
        self,
        *,
        works: Works,
        executors: Executors,
        endings: Endings,
        clock: Clock,
        time_limit: timedelta,
        look_s: float = LOOK_S,
    ) -> None:
        self._works = works
        self._executors = executors
        self._endings = endings
        self._clock = clock
        self._time_limit = time_limit
        self._look_s = look_s

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        job = await self._begin(UUID(payload["job"]))
        if job is None:
            return
        with bound_contextvars(job=str(job.id), job_kind=job.kind.value, job_attempt=job.attempt):
            try:
                await self._run(job)
            except Superseded:
                _log.warning("job given up to others")

    async def _begin(self, id: UUID) -> Job | None:
        """The next attempt; None when there is none to be made."""
        async with self._works() as work:
            job = await work.jobs.start(id, self._clock())
            if job is None or job.cancel_requested_at is None:
                return job
            # Its worker died before it could obey.
            await self._ended(work, await work.jobs.cancelled(id, job.attempt, self._clock()))
        return None

    async def _run(self, job: Job) -> None:
        try:
            await self._make(job)
        except Superseded:
            raise
        except Refused as refused:
            await self._fail(job, refused.problems[0].code.value, str(refused))
        except JobFailed as failed:
            await self._fail(job, failed.code, failed.message)
        except Exception as error:  # noqa: BLE001 - an executor may raise anything
            await self._stumble(job, error)

    async def _make(self, job: Job) -> None:
        attempt = Attempt(job, works=self._works, clock=self._clock, look_s=self._look_s)
        outcome = await attempt.run(self._executor(job), self._time_limit)
        match outcome:
            case Stop.CANCELLED:
                await self._cancelled(job)
            case Stop.SUPERSEDED:
                raise Superseded
            case Stop.TIMED_OUT:
                raise JobFailed(TIMED_OUT, f"It ran for longer than {self._time_limit}, which is the limit.")
            case _:
                await self._complete(job, outcome)

    def _executor(self, job: Job) -> Executor:
        try:
            return self._executors[job.kind]
        except KeyError:
            raise LookupError(f"No executor for jobs of the kind {job.kind.value!r} here.") from None

    async def _complete(self, job: Job, finish: Finish) -> None:
        async with self._works() as work:
            if await work.jobs.complete(job.id, job.attempt, self._clock()) is None:
                raise Superseded
            await finish(work)
        _log.info("job ended", status=JobStatus.COMPLETED.value)

    async def _cancelled(self, job: Job) -> None:
        async with self._works() as work:
            await self._ended(work, await work.jobs.cancelled(job.id, job.attempt, self._clock()))

    async def _fail(self, job: Job, code: str, message: str) -> None:
        fitting = fit(code, LONGEST_CODE), fit(message, LONGEST_MESSAGE)
        async with self._works() as work:
            await self._ended(work, await work.jobs.fail(job.id, job.attempt, *fitting, self._clock()))

    async def _ended(self, work: UnitOfWork, job: Job | None) -> None:
        if job is None:
            raise Superseded
        await put_right(work, job, self._endings)
        _log.info("job ended", status=job.status.value, code=job.error_code)

    async def _stumble(self, job: Job, error: Exception) -> None:
        """Raises the error again, so that the task is put off and the job tried once more; unless it was the last."""
        async with self._works() as work:
            failures = await work.jobs.stumble(job.id, job.attempt, self._clock())
            if failures is None:
                raise Superseded
            if failures >= TRIES:
                await self._ended(work, await work.jobs.fail(job.id, job.attempt, INTERNAL, SORRY, self._clock()))
        if failures < TRIES:
            raise error
        _log.error("job failed for good", error=said(error), exc_info=error)


def fit(text: str, longest: int) -> str:
    """What Postgres can store: no NUL, no halves of characters, no more than there is room for."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:longest]
