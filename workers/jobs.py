"""Runs jobs: one attempt each time that the task of a job is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars

from domain.blobs import BlobStorage
from domain.clock import Clock
from domain.errors import Refused
from domain.jobs.events import Level, Log
from domain.jobs.model import Job
from domain.jobs.running import INTERNAL, TIMED_OUT, Endings, Executor, Executors, Finish, JobFailed, put_right
from domain.jobs.status import JobKind, JobStatus
from domain.jobs.stores import Process, Told
from domain.work import UnitOfWork, Works
from workers import job_words
from workers.attempt import LOOK_S, Attempt, Stop
from workers.checkpoints import Checkpoints
from workers.facts import fit
from workers.tasks import WAITS, PutOff
from workers.wording import said, speaks_of_a_full_disk

TRIES = 3
# A full disk is nobody's fault in the job, and somebody has to come and make room: five minutes of tries.
TRIES_WITHOUT_ROOM = 10
NO_ROOM = "NO_ROOM"
MAKE_ROOM = "There is no room left on a disk of the platform. When the operator has made room, resume this job."
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
        storage: BlobStorage,
        process: Process,
        clock: Clock,
        time_limits: Mapping[JobKind, timedelta],
        look_s: float = LOOK_S,
    ) -> None:
        self._works = works
        self._executors = executors
        self._endings = endings
        self._checkpoints = Checkpoints(works=works, storage=storage, clock=clock)
        self._process = process
        self._clock = clock
        self._time_limits = time_limits
        self._look_s = look_s

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        begun = await self._begin(UUID(payload["job"]))
        if begun is None:
            return
        job, heard = begun
        with bound_contextvars(job=str(job.id), job_kind=job.kind.value, job_attempt=job.attempt):
            try:
                await self._run(job, heard)
            except Superseded:
                _log.warning("job given up to others")

    async def _begin(self, id: UUID) -> tuple[Job, int] | None:
        """The next attempt, and what was heard before it; None when there is none to be made."""
        async with self._works() as work:
            before = await work.jobs.get(id)
            job = await work.jobs.start(id, self._clock(), self._process)
            if before is None or job is None:
                return None
            if job.cancel_requested_at is None:
                return await self._introduced(work, before, job)
            # Its worker died before it could obey.
            await self._end_cancelled(work, job)
        return None

    async def _introduced(self, work: UnitOfWork, before: Job, job: Job) -> tuple[Job, int]:
        checkpoint = await work.jobs.last_checkpoint(job.id) if job.has_checkpoint else None
        last_seq = await self._say(work, job, Level.INFO, job_words.started(before, job, checkpoint))
        return replace(job, last_seq=last_seq), await work.jobs.heard(job.id) if job.attempt > 1 else 0

    async def _say(self, work: UnitOfWork, job: Job, level: Level, message: str) -> int:
        """In the log of the job, while the attempt is the present one."""
        told = Told(self._clock(), Log(level, message))
        last_seq = await work.jobs.record(job.id, job.attempt, [told], None)
        if last_seq is None:
            raise Superseded
        return last_seq

    async def _run(self, job: Job, heard: int) -> None:
        try:
            await self._make(job, heard)
        except Superseded:
            raise
        except Refused as refused:
            await self._fail(job, refused.problems[0].code.value, str(refused))
        except JobFailed as failed:
            await self._fail(job, failed.code, failed.message)
        except Exception as error:  # noqa: BLE001 - an executor may raise anything
            await self._stumble(job, error)

    async def _make(self, job: Job, heard: int) -> None:
        execute, limit = self._executor(job), self._time_limits[job.kind]
        outcome = await self._attempt(job, heard).run(execute, limit)
        match outcome:
            case Stop.CANCELLED:
                await self._cancelled(job)
            case Stop.SUPERSEDED:
                raise Superseded
            case Stop.TIMED_OUT:
                raise JobFailed(TIMED_OUT, f"It ran for longer than {limit}, which is the limit.")
            case _:
                await self._complete(job, outcome)

    def _attempt(self, job: Job, heard: int) -> Attempt:
        return Attempt(
            job,
            heard=heard,
            works=self._works,
            checkpoints=self._checkpoints,
            clock=self._clock,
            look_s=self._look_s,
        )

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
            await self._end_cancelled(work, job)

    async def _end_cancelled(self, work: UnitOfWork, job: Job) -> None:
        await self._say(work, job, Level.INFO, job_words.CANCELLED)
        await self._ended(work, await work.jobs.cancelled(job.id, job.attempt, self._clock()))

    async def _fail(self, job: Job, code: str, message: str) -> None:
        async with self._works() as work:
            await self._end_failed(work, job, fit(code, LONGEST_CODE), fit(message, LONGEST_MESSAGE))

    async def _end_failed(self, work: UnitOfWork, job: Job, code: str, message: str) -> None:
        await self._say(work, job, Level.ERROR, message)
        await self._ended(work, await work.jobs.fail(job.id, job.attempt, code, message, self._clock()))

    async def _ended(self, work: UnitOfWork, job: Job | None) -> None:
        if job is None:
            raise Superseded
        await put_right(work, job, self._endings)
        _log.info("job ended", status=job.status.value, code=job.error_code)

    async def _stumble(self, job: Job, error: Exception) -> None:
        """Has the task put off, so that the job is tried once more; unless it is over."""
        async with self._works() as work:
            status, wait = await self._after_error(work, job, is_full=speaks_of_a_full_disk(error))
        if status is JobStatus.QUEUED:
            raise PutOff(wait) from error
        if status is JobStatus.FAILED:
            _log.error("job failed for good", error=said(error), exc_info=error)

    async def _after_error(self, work: UnitOfWork, job: Job, *, is_full: bool) -> tuple[JobStatus, timedelta]:
        """What becomes of the job, and when it is tried again."""
        failures = await work.jobs.failures(job.id) + 1
        wait, tries = WAITS[min(failures, TRIES - 1) - 1], TRIES_WITHOUT_ROOM if is_full else TRIES
        now = await work.jobs.get(job.id)
        if now is not None and now.cancel_requested_at is not None:
            # It would only wait to be cancelled.
            await self._end_cancelled(work, job)
            return JobStatus.CANCELLED, wait
        if failures >= tries:
            await self._end_failed(work, job, *((NO_ROOM, MAKE_ROOM) if is_full else (INTERNAL, SORRY)))
            return JobStatus.FAILED, wait
        await self._say(work, job, Level.WARNING, job_words.stumbled(failures, tries, is_full=is_full))
        await work.jobs.stumble(job.id, job.attempt, self._clock())
        return JobStatus.QUEUED, wait
