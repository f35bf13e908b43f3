"""What jobs tell, written as a worker writes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.factory import Factory
from domain.jobs.events import Fact, Level, Log, Metric, Split
from domain.jobs.model import Job
from domain.jobs.status import JobKind, JobStatus
from domain.jobs.stores import Told
from tests.support.clock import NOON
from tests.support.jobs import job_row
from tests.support.people import Person


async def a_running_job(factory: Factory, owner: Person, *facts: Fact, **values: Any) -> Job:
    """At its first attempt, and it has told these."""
    usual = {"kind": JobKind.TRAINING, "status": JobStatus.RUNNING, "attempt": 1, "name": "Train"}
    job = await job_row(factory.works, owner, **usual | values)
    await told(factory, job, *facts)
    return job


async def told(factory: Factory, job: Job, *facts: Fact, at: datetime = NOON) -> None:
    async with factory.works() as work:
        assert await work.jobs.record(job.id, 1, [Told(at, fact) for fact in facts], None) is not None


def lines(*messages: str, level: Level = Level.INFO) -> list[Log]:
    return [Log(level, message) for message in messages]


def measured(
    *numbers: float, name: str = "sharpe", split: Split = Split.VALID, seed: int | None = None
) -> list[Metric]:
    """One at each step, counted from 1, and two steps in each epoch."""
    return [
        Metric(epoch=(place + 1) // 2, step=place, split=split, values={name: number}, seed=seed)
        for place, number in enumerate(numbers, 1)
    ]


async def a_long_series(factory: Factory, job: Job, points: int) -> None:
    """A flat line, but for one peak and one hollow."""
    statement = """
        INSERT INTO job_events (job_id, seq, at, kind, epoch, step, split, body)
        SELECT :job, i, now(), 'metric', 1, i, 'valid', jsonb_build_object('sharpe',
            CASE i WHEN :peak THEN 100 WHEN :hollow THEN -100 ELSE 0 END)
        FROM generate_series(1, :points) i"""
    values = {"job": job.id, "points": points, "peak": points // 3, "hollow": points // 2}
    async with factory.engine.begin() as connection:
        # Without looking a million times whether there is such a job.
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(statement), values)
        await connection.execute(text("UPDATE jobs SET last_seq = :points WHERE id = :job"), values)
