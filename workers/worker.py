"""One worker: it listens, sweeps, shows that it lives, and lays down its work when it is asked to stop."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from secrets import token_hex
from typing import Any, NoReturn

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.clock import Clock
from domain.ended import ended
from domain.work import Queue
from workers import heartbeat, housekeeping
from workers.crew import Crew
from workers.heartbeat import Heartbeat
from workers.housekeeping import Housekeeping
from workers.listener import Listener
from workers.machine import signature, this_process
from workers.ports import Handler, Outbox
from workers.steady import Step, steadily
from workers.tasks import LEASE, TaskRunner

# For what no bell tells of: with the lease, what was left by a machine that died is taken up within 22 s.
SWEEP_S = 2.0
RECONCILE_S = 30.0
ORPHANS_S = 1.0
# A stop must not wait for a Redis that hangs.
FAREWELL_S = 1.0

_log = structlog.get_logger(__name__)


class QueueWorker:
    """Works on one queue until it is told to stop. It needs neither Redis nor Postgres to start, and loses nothing when
    one of them goes away meanwhile."""

    def __init__(
        self,
        *,
        queue: Queue,
        slots: int,
        outbox: Outbox,
        handlers: Mapping[str, Handler],
        redis: Redis,
        clock: Clock,
        time_limit: timedelta,
        version: str,
        housekeeping: Housekeeping | None = None,
        reconcilers: Mapping[str, Step] | None = None,
        orphans: Step | None = None,
        lease: timedelta = LEASE,
        sweep_s: float = SWEEP_S,
    ) -> None:
        token = token_hex(3)
        runner = TaskRunner(
            outbox=outbox,
            handlers=handlers,
            clock=clock,
            time_limit=time_limit,
            signature=signature(this_process(), token),
            lease=lease,
        )
        self.id = f"{socket.gethostname()}-{os.getpid()}-{token}"
        self._queue = queue
        self._crew = Crew(queue=queue, slots=slots, runner=runner, outbox=outbox, clock=clock)
        self._listener = Listener(queue=queue, slots=slots, crew=self._crew, redis=redis)
        self._heartbeat = Heartbeat(
            redis, queue=queue, worker_id=self.id, version=version, jobs=lambda: self._crew.busy, clock=clock
        )
        self._housekeeping = housekeeping
        self._reconcilers = reconcilers or {}
        self._orphans = orphans
        self._sweep_s = sweep_s

    async def run(self, stopping: asyncio.Event, *, grace_s: float) -> None:
        _log.info("worker starts", queue=self._queue, worker=self.id)
        loops = [asyncio.create_task(loop) for loop in self._loops()]
        beating = asyncio.create_task(steadily("heartbeat", self._heartbeat.beat, partial(_sleep, heartbeat.EVERY_S)))
        try:
            await _until(stopping, [*loops, beating])
        finally:
            await ended(*loops)
            await self._crew.stop(grace_s)
            await ended(beating)
            with suppress(RedisError, OSError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._heartbeat.end()
            _log.info("worker stopped", queue=self._queue, worker=self.id)

    def _loops(self) -> Sequence[Coroutine[Any, Any, NoReturn]]:
        # Listening has no pause: it ends only by an error.
        listening = steadily("listen", self._listener.listen, partial(_sleep, 0))
        sweeping = steadily("sweep", self._crew.sweep, partial(self._crew.rest, self._sweep_s))
        healing = [steadily(name, heal, partial(_sleep, RECONCILE_S)) for name, heal in self._reconcilers.items()]
        if self._orphans:
            healing.append(steadily("orphans", self._orphans, partial(_sleep, ORPHANS_S)))
        return [listening, sweeping, *healing, *([self._keep_house(self._housekeeping)] if self._housekeeping else [])]

    async def _keep_house(self, house: Housekeeping) -> NoReturn:
        await _sleep(housekeeping.FIRST_AFTER_S)
        await steadily("housekeeping", house.run, partial(_sleep, housekeeping.EVERY_S))


async def _sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _until(stopping: asyncio.Event, loops: Sequence[asyncio.Task[NoReturn]]) -> None:
    """A loop that ends, which none should, ends the worker: the supervisor starts a sound one."""
    stop = asyncio.create_task(stopping.wait())
    try:
        done, _ = await asyncio.wait([stop, *loops], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
    for loop in done - {stop}:
        loop.result()
