"""One attempt at one task: claim it, do it, and write down how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import structlog
from structlog.contextvars import bound_contextvars

from domain.clock import Clock
from domain.errors import Unavailable
from workers.lease import LeaseLost, kept
from workers.ports import ClaimedTask, Handler, Outbox
from workers.wording import said

WAITS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1))
ATTEMPTS = len(WAITS) + 1
# A task whose worker dies is no worse for it: machines are restarted under long work. One that kills its workers ends.
CLAIMS = 20
LEASE = timedelta(seconds=20)

_log = structlog.get_logger(__name__)


class Hopeless(Exception):
    """Trying again would not help."""


class PutOff(Exception):
    """Try again after this wait. Whoever raises it counts by itself how often."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"Again in {wait}.")
        self.wait = wait


class TooLong(Exception):
    """The task ran into its time limit."""


class TaskRunner:
    """Runs tasks at least once, and never two attempts at one task at the same time: the row in Postgres is claimed
    under a lease, so it matters neither how often a bell rings nor whether a worker dies."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        handlers: Mapping[str, Handler],
        clock: Clock,
        time_limit: timedelta,
        signature: str,
        lease: timedelta = LEASE,
    ) -> None:
        self._signature = signature
        self._outbox = outbox
        self._handlers = handlers
        self._clock = clock
        self._time_limit = time_limit
        self._lease = lease

    async def run(self, id: UUID) -> None:
        """Do it if it is due."""
        if (task := await self.claim(id)) is not None:
            await self.work(task)

    async def claim(self, id: UUID) -> ClaimedTask | None:
        return await self._outbox.claim(id, self._clock(), self._lease, self._signature)

    async def work(self, task: ClaimedTask) -> None:
        """Raises only what the outbox raises; then the task is due again when its lease ends."""
        with bound_contextvars(task=task.name, task_id=str(task.id), attempt=task.attempt):
            await self._settle(task)

    async def _settle(self, task: ClaimedTask) -> None:
        try:
            await self._perform(task)
        except asyncio.CancelledError as error:
            if not _told_to_stop():
                # Something inside the handler was cancelled, not we: a failure like any other.
                return await self._failed(task, error)
            await self._outbox.release(task.id, task.attempt, self._clock())
            raise
        except LeaseLost as error:
            # As if this worker had died: no reason to wait.
            await self._outbox.retry(task.id, task.attempt, self._clock(), said(error))
            _log.warning("task given up", error=said(error))
        except Unavailable as error:
            # Not its fault, so it is not counted against it; it ends with the number of claims.
            await self._retry(task, WAITS[0], error)
        except PutOff as again:
            await self._retry(task, again.wait, again.__cause__ or again)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is written down
            await self._failed(task, error)
        else:
            await self._outbox.done(task.id, task.attempt)
            _log.info("task done")

    async def _perform(self, task: ClaimedTask) -> None:
        if task.attempt > CLAIMS:
            raise Hopeless("The worker died in each attempt.")
        handler = self._handlers.get(task.name)
        if handler is None:
            raise Hopeless(f"No worker knows a task of the name {task.name!r}.")
        async with kept(lambda: self._renew(task), self._lease):
            await self._within_limit(handler, task)

    async def _within_limit(self, handler: Handler, task: ClaimedTask) -> None:
        try:
            async with asyncio.timeout(self._time_limit.total_seconds()) as limit:
                await handler(task.payload)
        except TimeoutError as error:
            if limit.expired():
                raise TooLong(f"It took longer than {self._time_limit}.") from error
            raise

    async def _renew(self, task: ClaimedTask) -> bool:
        return await self._outbox.renew(task.id, task.attempt, self._clock() + self._lease)

    async def _failed(self, task: ClaimedTask, error: BaseException) -> None:
        if isinstance(error, Hopeless) or task.attempt >= ATTEMPTS:
            await self._outbox.fail(task.id, task.attempt, self._clock(), said(error))
            _log.error("task failed for good", error=said(error), exc_info=error)
        else:
            await self._retry(task, WAITS[task.attempt - 1], error)

    async def _retry(self, task: ClaimedTask, wait: timedelta, error: BaseException) -> None:
        await self._outbox.retry(task.id, task.attempt, self._clock() + wait, said(error))
        _log.warning("task failed", error=said(error), again_in_s=wait.total_seconds())


def _told_to_stop() -> bool:
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0
