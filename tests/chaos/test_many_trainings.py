"""Two hundred short trainings of five people, by the real engine, on one worker with two slots."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.clock import utc_now
from domain.jobs.status import JobStatus
from persistence.tables.jobs import jobs
from persistence.tables.models import models
from persistence.tables.system import outbox
from persistence.work import Works
from tests.chaos.conductor import Workers, workers
from tests.chaos.planted import ask_for_training
from tests.support.people import a_person
from tests.workers.helpers import eventually
from tests.workers.turns import counted_by_the_database, most_at_once, most_passed_over, quota_of
from workers.bells import RedisBells

PEOPLE, EACH = 5, 40
# Each of the others once, and one more that was on its way.
PASSED_OVER_AT_MOST = PEOPLE
WITHIN_S = 1_800.0
GROWTH = 8 << 20


@pytest.mark.soak
@pytest.mark.timeout(2_000)
async def test_all_end_once_and_in_turn_and_the_worker_does_not_grow(
    factory: Factory, engine: AsyncEngine, redis: Redis, endpoints: Endpoints, tmp_path: Path
) -> None:
    works = Works(engine, RedisBells(redis), utc_now)
    await quota_of(engine, 1)
    people = [await a_person(factory, f"ann{number}") for number in range(PEOPLE)]
    for person in people:
        for _ in range(EACH):
            await ask_for_training(works, person, tmp_path, epochs=1)
    sizes: list[int] = []
    async with (
        counted_by_the_database(engine),
        workers(Workers(endpoints, tmp_path, "tests.chaos.real", 20.0), "one") as hands,
    ):
        worker = psutil.Process(hands.processes["one"].pid)

        async def all_over() -> bool:
            done = await ended(engine)
            if done >= EACH * (len(sizes) + 1):
                sizes.append(worker.memory_info().rss)
            return done == PEOPLE * EACH

        await eventually(all_over, within_s=WITHIN_S)
        assert await most_at_once(engine) == 1
        assert list((tmp_path / "scratch").iterdir()) == []
    rows = await all_of(engine)
    assert {(row.status, row.attempt) for row in rows} == {(JobStatus.COMPLETED, 1)}
    moves = [(row.started_at, "claim", row.owner_id) for row in rows]
    moves += [(row.finished_at, "done", row.owner_id) for row in rows]
    assert most_passed_over([(what, owner) for _, what, owner in sorted(moves)]) <= PASSED_OVER_AT_MOST
    assert max(sizes) - sizes[0] < GROWTH, sizes
    async with engine.connect() as connection:
        assert (await connection.execute(select(func.count(models.c.job_id.distinct())))).scalar_one() == len(rows)
        assert (await connection.execute(select(outbox.c.id))).all() == []


async def ended(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        statement = select(func.count()).where(jobs.c.finished_at.is_not(None))
        return int((await connection.execute(statement)).scalar_one())


async def all_of(engine: AsyncEngine) -> list[Row[tuple[object, ...]]]:
    async with engine.connect() as connection:
        return list(await connection.execute(select(jobs)))
