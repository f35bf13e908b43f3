"""kill -9 of the worker, again and again: the run on the service is found again, and nothing is lost or twice."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.settings import ROOT
from domain.jobs.events import Log, Metric
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from tests.support.artefacts import artefacts_of
from tests.support.jobs import events_of, the_job
from tests.support.people import Person
from tests.support.trademaster.lab import Lab
from tests.support.trademaster.recorded import log, sent
from tests.support.trademaster.runs import PNG
from tests.workers.helpers import eventually
from workers.engines.trademaster.logs.parser import shown


@asynccontextmanager
async def mortal(lab: Lab, job: Job, database_url: str, redis_url: str) -> AsyncIterator[Process]:
    settings = lab.factory.settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("mortal_trainer.py")),
        str(job.id),
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "DATABASE": database_url,
            "REDIS": redis_url,
            "STATE": str(settings.state_dir),
            "SERVICE": lab.address,
        },
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_nothing_is_lost_and_nothing_twice(lab: Lab, ann: Person, database_url: str, redis_url: str) -> None:
    job = await lab.asked(ann)
    for lines in (60, 140, 200, 290):
        lab.fake.mood.silent_after = lines if lines < 230 else None
        async with mortal(lab, job, database_url, redis_url) as process:

            async def has_told(lines: int = lines) -> bool:
                return (await the_job(lab.factory.works, job.id)).last_seq > lines

            await eventually(has_told)
            process.kill()
    # The service was away for a moment as well.
    lab.fake.mood.broken = 3
    done = await lab.worked_at(job)
    assert (done.status, done.attempt) == (JobStatus.COMPLETED, 5)
    printed = [shown(one) for name in ("train", "test") for one in sent(log(f"deepscalper_{name}")).split("\n")[:-1]]
    facts = [event.fact for event in await events_of(lab.factory.engine, job.id)]
    told = [fact.message for fact in facts if isinstance(fact, Log)]
    assert [line for line in told if line in set(printed)] == printed
    assert sum(isinstance(fact, Metric) for fact in facts) == 41
    pictures = ("validation.png", "test.png")
    assert await artefacts_of(lab.factory, job.id, *pictures) == dict.fromkeys(pictures, PNG)
    assert (lab.fake.called("train"), lab.fake.called("test"), lab.fake.most_busy) == (1, 1, 1)
    assert await lab.seats_taken() == 0
