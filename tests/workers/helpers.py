"""What the tests of workers share: rows of the outbox, handlers that remember, waiting for a state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.clock import Clock
from domain.ids import new_id
from domain.work import Queue
from persistence.outbox import PostgresOutbox
from persistence.tables.system import outbox
from tests.support.clock import NOON
from tests.support.patience import PATIENCE_S
from workers.ports import Handler
from workers.tasks import TaskRunner
from workers.worker import QueueWorker

LONG = timedelta(days=1)
NEVER_S = 3600.0
SOMEBODY = "elsewhere|1|1.0|token"


async def eventually(holds: Callable[[], Awaitable[object]], within_s: float = PATIENCE_S) -> None:
    """Look at a state until it is as it should be."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - the state is another process's
            await asyncio.sleep(0.01)


async def committed(engine: AsyncEngine, name: str = "greet", queue: Queue = Queue.DATA, **columns: Any) -> UUID:
    """A task as a commit leaves it, with no bell rung for it."""
    values = {"id": new_id(), "payload": {"to": "Ada"}, "due_at": NOON, "created_at": NOON} | columns
    async with engine.begin() as connection:
        await connection.execute(insert(outbox).values(queue=queue, task=name, **values))
    return UUID(str(values["id"]))


async def row_of(engine: AsyncEngine, id: UUID) -> Row[Any] | None:
    async with engine.connect() as connection:
        return (await connection.execute(select(outbox).where(outbox.c.id == id))).one_or_none()


async def the_row(engine: AsyncEngine, id: UUID) -> Row[Any]:
    row = await row_of(engine, id)
    assert row is not None
    return row


class Remembers:
    """A handler that keeps what it was called with."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, Any]] = []

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        self.seen.append(payload)

    async def times(self, number: int) -> None:
        async def reached() -> bool:
            return len(self.seen) >= number

        await eventually(reached)
        assert len(self.seen) == number


class Waits(Remembers):
    """A handler that is busy until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        await super().__call__(payload)
        await self.go_on.wait()


def a_runner(
    engine: AsyncEngine,
    clock: Clock,
    handlers: Mapping[str, Handler],
    *,
    outbox: PostgresOutbox | None = None,
    time_limit: timedelta = LONG,
    lease: timedelta = timedelta(seconds=20),
) -> TaskRunner:
    return TaskRunner(
        outbox=outbox or PostgresOutbox(engine),
        handlers=handlers,
        clock=clock,
        time_limit=time_limit,
        signature=SOMEBODY,
        lease=lease,
    )


def a_worker(
    engine: AsyncEngine, redis: Redis, clock: Clock, handlers: Mapping[str, Handler], **options: Any
) -> QueueWorker:
    usual: dict[str, Any] = {"queue": Queue.DATA, "slots": 4, "time_limit": LONG, "version": "1.2.3"}
    return QueueWorker(outbox=PostgresOutbox(engine), handlers=handlers, redis=redis, clock=clock, **(usual | options))


@asynccontextmanager
async def at_work(worker: QueueWorker, *, grace_s: float = 5.0) -> AsyncIterator[None]:
    """It works for as long as the block runs; then it is asked to stop, and does."""
    stopping = asyncio.Event()
    running = asyncio.create_task(worker.run(stopping, grace_s=grace_s))
    try:
        yield
    finally:
        stopping.set()
        await running
