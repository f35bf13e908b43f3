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

_log = structlog.get_logger(__name__)


class Crew:
    """Starts the tasks of one queue, at most `slots` at once. It has them, not arq, so that a lost Redis disturbs none.

    What it has no room for it leaves in Postgres, where other workers find it, and itself as soon as there is room.
    """

    def __init__(self, *, queue: Queue, slots: int, runner: TaskRunner, outbox: Outbox, clock: Clock) -> None:
        self._queue = queue
        self._slots = slots
        self._runner = runner
        self._outbox = outbox
        self._clock = clock
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._stopping = False
        self._room = asyncio.Event()

    @property
    def busy(self) -> int:
        return len(self._running)

    @property
    def free(self) -> int:
        return 0 if self._stopping else self._slots - len(self._running)

    def start(self, id: UUID) -> None:
        if self.free and id not in self._running:
            self._running[id] = asyncio.create_task(self._do(id))

    async def sweep(self) -> None:
        """Take up what is due: committed and never rung, put off, or left by a worker that died.

        It is started here and not rung again: this needs no Redis, takes only as much as there is room for, and leaves
        no second bells behind.
        """
        self._room.clear()
        if self.free:
            for id in await self._outbox.due(self._queue, self._clock(), self.free):
                self.start(id)

    async def rest(self, seconds: float) -> None:
        """Until the next sweep: that long, or until a slot is free again after none was."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._room.wait()

    async def stop(self, grace_s: float) -> None:
        """Finish what runs, within the grace; cancel the rest, which is due again at once, for others."""
        self._stopping = True
        await _wait(self._running.values(), grace_s)
        for task in self._running.values():
            task.cancel()
        await _wait(self._running.values(), LAST_WORDS_S)
        if self._running:
            _log.warning("tasks left behind", tasks=len(self._running))

    async def _do(self, id: UUID) -> None:
        was_full = False
        try:
            await self._runner.run(id)
            was_full = not self.free
        except Exception as error:  # noqa: BLE001 - nobody waits for this task; its lease brings it back
            _log.warning("task not settled", task_id=str(id), error=said(error))
        finally:
            del self._running[id]
            # Not after an error: a database that can be read but not written would be asked without end.
            if was_full:
                self._room.set()


async def _wait(tasks: Iterable[asyncio.Task[None]], seconds: float) -> None:
    if waiting := list(tasks):
        await asyncio.wait(waiting, timeout=seconds)
