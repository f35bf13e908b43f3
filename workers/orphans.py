"""Takes up what a dead worker of this machine left, without waiting for its lease, and ends what does not obey."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

import structlog

from domain.clock import Clock
from domain.jobs.model import Job
from domain.jobs.running import Endings, put_right
from domain.jobs.service import RUN
from domain.jobs.stores import Process
from domain.work import Queue, Works
from workers import machine
from workers.ports import ClaimedTask, Outbox
from workers.wording import said

TOO_LONG = timedelta(seconds=10)

_log = structlog.get_logger(__name__)


class Left(Enum):
    """What there is of a job whose worker may be dead."""

    RUNNING = "running"
    """Its worker lives, or a process of it that could not be ended."""
    TASK = "task"
    """Only the task to do it."""
    NOTHING = "nothing"
    """It is over."""


class Bell(Protocol):
    async def ring(self, queue: Queue, task_id: str) -> None: ...


class Orphans:
    """Looks at what is at work on this machine. Several workers may look at once: each step is guarded.

    First the process group of a job is ended, and that is proven; only then somebody else may begin.
    """

    def __init__(
        self,
        *,
        works: Works,
        outbox: Outbox,
        bell: Bell,
        endings: Endings,
        clock: Clock,
        this_machine: Callable[[], str] = machine.this_machine,
        is_alive: Callable[[Process], bool] = machine.is_alive,
        stands_still: Callable[[Process], bool] = machine.stands_still,
        end_group: Callable[[int, float], Awaitable[bool]] = machine.end_group,
    ) -> None:
        self._works = works
        self._outbox = outbox
        self._bell = bell
        self._endings = endings
        self._clock = clock
        self._machine = this_machine()
        self._is_alive = is_alive
        self._stands_still = stands_still
        self._end_group = end_group

    async def sweep(self) -> None:
        # In this order: what a dead worker began, it began before it was found dead.
        claimed = [(queue, task, self._is_orphan(task)) for queue, task in await self._claimed()]
        async with self._works() as work:
            at_work = await work.jobs.running_on(self._machine)
        states = {job.id: await self._safely(job, process) for job, process in at_work}
        for queue, task, is_orphan in claimed:
            job_id = _job_of(task)
            left = states.get(job_id, Left.TASK) if job_id else Left.TASK
            if is_orphan or left is Left.NOTHING:
                await self._settle(queue, task, left)
        for id in await self._outbox.cancels_unheard(self._clock()):
            # One that lives here and lost its lease is about to stop by itself.
            if states.get(id) is not Left.RUNNING:
                await self._cancel_unheard(id)

    async def _cancel_unheard(self, id: UUID) -> None:
        async with self._works() as work:
            job = await work.jobs.get(id)
        if job is not None:
            await self._cancelled(job)

    async def _claimed(self) -> Sequence[tuple[Queue, ClaimedTask]]:
        return await self._outbox.claimed_on(self._machine, self._clock())

    async def _safely(self, job: Job, process: Process) -> Left:
        try:
            return await self._look(job, process)
        except Exception as error:  # noqa: BLE001 - one that cannot be put right must not keep the others
            _log.warning("orphan not put right", job=str(job.id), error=said(error))
            return Left.RUNNING

    async def _look(self, job: Job, process: Process) -> Left:
        if self._is_alive(process) and not self._cannot_hear(job, process):
            if self._does_not_obey(job) and process.group is not None:
                _log.warning("job does not obey", job=str(job.id))
                await self._end_group(process.group, process.started)
            return Left.RUNNING
        if process.group is not None and not await self._end_group(process.group, process.started):
            _log.error("process group not ended", job=str(job.id), group=process.group)
            return Left.RUNNING
        if job.cancel_requested_at is None:
            return Left.TASK
        await self._cancelled(job)
        return Left.NOTHING

    def _cannot_hear(self, job: Job, process: Process) -> bool:
        """It is to be cancelled, and its worker was stopped. When that wakes, the job is over and fenced off."""
        return job.cancel_requested_at is not None and self._stands_still(process)

    def _does_not_obey(self, job: Job) -> bool:
        asked_at = job.cancel_requested_at
        return asked_at is not None and self._clock() - asked_at > TOO_LONG

    async def _cancelled(self, job: Job) -> None:
        async with self._works() as work:
            ended = await work.jobs.cancelled(job.id, job.attempt, self._clock())
            if ended is None:
                return
            await put_right(work, ended, self._endings)
        _log.info("job ended", job=str(job.id), status=ended.status.value)

    def _is_orphan(self, task: ClaimedTask) -> bool:
        process = machine.signer(task.claimed_by)
        return process is not None and not self._is_alive(process)

    async def _settle(self, queue: Queue, task: ClaimedTask, left: Left) -> None:
        if left is Left.RUNNING:
            return
        if left is Left.NOTHING:
            await self._outbox.done(task.id, task.attempt)
        elif await self._outbox.abandon(task.id, task.attempt, task.claimed_by, self._clock()):
            _log.warning("task of a dead worker", task=task.name, task_id=str(task.id), attempt=task.attempt)
            # Nobody hears it: then somebody sweeps.
            with suppress(Exception):
                await self._bell.ring(queue, str(task.id))


def _job_of(task: ClaimedTask) -> UUID | None:
    return UUID(task.payload["job"]) if task.name == RUN else None
