"""What the tests of jobs share: executors that do as they are told, and what they leave behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.clock import Clock
from domain.jobs.model import Job
from domain.jobs.running import Executor, Finish, Run
from domain.jobs.status import JobKind
from domain.work import Task, UnitOfWork, Works
from persistence.tables.system import outbox
from tests.support.jobs import HERE, NO_STORAGE, Endings
from tests.workers.helpers import LONG
from workers.jobs import JobRunner

Do = Callable[[Job, Run], Awaitable[object]]


async def at_once(_job: Job, _run: Run) -> None:
    """Nothing to be done."""


def leaves_result(job: Job) -> Finish:
    """Writes down which attempt it was."""

    async def finish(work: UnitOfWork) -> None:
        await work.enqueue(Task("result", {"attempt": job.attempt}))

    return finish


async def results(engine: AsyncEngine) -> list[int]:
    """The attempts that left a result."""
    statement = select(outbox.c.payload).where(outbox.c.task == "result").order_by(outbox.c.id)
    async with engine.connect() as connection:
        return [payload["attempt"] for payload in (await connection.execute(statement)).scalars()]


class Does:
    """An executor that does one thing, then gives a result; it remembers which attempts began and which ended."""

    def __init__(self, do: Do = at_once) -> None:
        self._do = do
        self.began: list[Job] = []
        self.ended: list[int] = []

    async def __call__(self, job: Job, run: Run) -> Finish:
        self.began.append(job)
        try:
            await self._do(job, run)
        finally:
            self.ended.append(job.attempt)
        return leaves_result(job)


class Busy(Does):
    """An executor that is busy until it is let go."""

    def __init__(self) -> None:
        super().__init__(self._wait)
        self.started = asyncio.Event()
        self.go_on = asyncio.Event()

    async def _wait(self, _job: Job, _run: Run) -> None:
        self.started.set()
        await self.go_on.wait()


def a_job_runner(
    works: Works,
    clock: Clock,
    executor: Executor | None = None,
    endings: Endings | None = None,
    *,
    time_limit: timedelta = LONG,
    **options: Any,
) -> JobRunner:
    usual: dict[str, Any] = {"storage": NO_STORAGE, "process": HERE, "look_s": 0.01}
    return JobRunner(
        works=works,
        executors={JobKind.INSPECTION: executor} if executor else {},
        endings={JobKind.INSPECTION: endings} if endings else {},
        clock=clock,
        time_limits=dict.fromkeys(JobKind, time_limit),
        **usual | options,
    )


def payload_of(job: Job) -> dict[str, str]:
    return {"job": str(job.id)}
