"""The hands of one worker: how much it does at once, and how it lays down its work."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

import structlog

from domain.clock import Clock
from domain.work import Queue
from workers.ports import Outbox
from workers.tasks import TaskRunner
from workers.wording import said

LAST_WORDS_S = 2.0
# Others may claim what was found due; each round, they or we get on.
ROUNDS = 10

_log = structlog.get_logger(__name__)


class Crew:
    """Takes up the tasks of one queue, at most `slots` at once. It has them, not arq: so a lost Redis disturbs none.

    What it takes is for Postgres to say: what is due, in turn. A bell only makes it look. What it has no room for stays
    there, where other workers find it, and itself as soon as there is room.
    """

    def __init__(self, *, queue: Queue, slots: int, runner: TaskRunner, outbox: Outbox, clock: Clock) -> None:
        self._queue = queue
        self._slots = slots
        self._runner = runner
        self._outbox = outbox
        self._clock = clock
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._stopping = False
        self._wanted = asyncio.Event()

    @property
    def busy(self) -> int:
        return len(self._running)

    @property
    def free(self) -> int:
        return 0 if self._stopping else self._slots - len(self._running)

    def look(self) -> None:
        """Sweep soon. Many calls are one."""
        self._wanted.set()

    async def sweep(self) -> None:
        """Take up what is due, as much as there is room for: just committed, put off, or left by a worker that died."""
        self._wanted.clear()
        for _ in range(ROUNDS):
            if not self.free:
                return
            found = await self._outbox.due(self._queue, self._clock(), self.free)
            if all([await self._taken(id) for id in found]):
                return

    async def rest(self, seconds: float) -> None:
        """Until the next sweep: that long, or until there is a reason to look: a bell, or a task that ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()

    async def stop(self, grace_s: float) -> None:
        """Finish what runs, within the grace; cancel the rest, which is due again at once, for others."""
        self._stopping = True
        await _wait(self._running.values(), grace_s)
        for task in self._running.values():
            task.cancel()
        await _wait(self._running.values(), LAST_WORDS_S)
        if self._running:
            _log.warning("tasks left behind", tasks=len(self._running))

    async def _taken(self, id: UUID) -> bool:
        """Whether the task is ours now; then it is at work. One after the other, so that the turns are kept."""
        if not self.free or id in self._running:
            return True
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._running[id] = asyncio.create_task(self._do(id, taken))
        # Who stops to sweep does not stop the claim, which may be committed already.
        return await taken

    async def _do(self, id: UUID, taken: asyncio.Future[bool]) -> None:
        try:
            task = await self._runner.claim(id)
            _tell(taken, task is not None)
            if task is not None:
                await self._runner.work(task)
                # Not after an error: a database that can be read but not written would be asked without end.
                self.look()
        except Exception as error:  # noqa: BLE001 - nobody waits for this task; its lease brings it back
            _log.warning("task not settled", task_id=str(id), error=said(error))
        finally:
            del self._running[id]
            _tell(taken, True)


def _tell(taken: asyncio.Future[bool], answer: bool) -> None:
    if not taken.done():
        taken.set_result(answer)


async def _wait(tasks: Iterable[asyncio.Task[None]], seconds: float) -> None:
    if waiting := list(tasks):
        await asyncio.wait(waiting, timeout=seconds)
