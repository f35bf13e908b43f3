"""Whose turn it is."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.ids import new_id
from domain.work import Queue
from persistence.outbox import ClaimedTask, PostgresOutbox
from persistence.queue_order import NOW, positions
from persistence.tables.system import outbox as tasks
from persistence.tables.system import queue_turns, system_configs
from tests.support.clock import NOON
from tests.support.people import a_person

LEASE = timedelta(seconds=20)
MANY = 1_000
ME = "here|1|1.0|me"


class Line:
    """A queue and the people who wait in it, known by the first letter of their tasks: "b2" is bob's second."""

    def __init__(self, engine: AsyncEngine, people: dict[str, UUID]) -> None:
        self.outbox = PostgresOutbox(engine)
        self._engine = engine
        self._people = people
        self._names: dict[UUID, str] = {}
        self._claims: dict[str, ClaimedTask] = {}

    async def add(self, *names: str, queue: Queue = Queue.TRAINING, **columns: Any) -> None:
        """In this order of age. A name that begins with "-" is a mail's."""
        for name in names:
            id_ = UUID(int=len(self._names) + 1)
            self._names[id_] = name
            usual = {"task": name, "payload": {"job": str(id_)}, "due_at": NOON, "owner_id": self._people.get(name[0])}
            async with self._engine.begin() as connection:
                await connection.execute(insert(tasks).values(id=id_, queue=queue, **usual | columns))

    async def due(self, queue: Queue = Queue.TRAINING, limit: int = MANY, now: datetime = NOON) -> list[str]:
        return [self._names[id_] for id_ in await self.outbox.due(queue, now, limit)]

    async def claim(self, *names: str, now: datetime = NOON) -> list[str]:
        """Those that it got."""
        for name in names:
            if task := await self.outbox.claim(self._id(name), now, LEASE, ME):
                self._claims[name] = task
        return [name for name in names if name in self._claims]

    async def finish(self, *names: str) -> None:
        for name in names:
            task = self._claims.pop(name)
            assert await self.outbox.done(task.id, task.attempt)

    async def positions(self, queue: Queue = Queue.TRAINING, now: datetime = NOON) -> list[str]:
        """All that have one, in order; that they are 1, 2, 3 and so on is looked at here."""
        place = positions()
        statement = select(place.c.task_id, place.c.job_id, place.c.position).where(place.c.queue == queue)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(statement.order_by(place.c.position), {NOW.key: now})).all()
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert all(row.job_id == str(row.task_id) for row in rows)
        return [self._names[row.task_id] for row in rows]

    def _id(self, name: str) -> UUID:
        return next(id_ for id_, each in self._names.items() if each == name)


@pytest.fixture
async def line(factory: Factory, engine: AsyncEngine) -> Line:
    return Line(engine, {name[0]: (await a_person(factory, name)).user.id for name in ("ann", "bob", "cyd")})


async def allow(engine: AsyncEngine, number: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(delete(system_configs).where(system_configs.c.key == "max_concurrent_jobs"))
        values = {"id": new_id(), "key": "max_concurrent_jobs", "value": number}
        await connection.execute(insert(system_configs).values(**values))


async def test_owners_take_turns_and_each_has_a_list_by_age(line: Line) -> None:
    await line.add("a1", "a2", "a3", "b1", "c1", "b2")
    assert await line.due() == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert await line.due(limit=4) == ["a1", "b1", "c1", "a2"]
    assert await line.positions() == ["a1", "b1", "c1", "a2", "b2", "a3"]


async def test_priority_moves_only_what_is_ones_own(line: Line) -> None:
    await line.add("a1", "b1")
    await line.add("b2", "b3", priority=10)
    await line.add("a2", priority=-10)
    assert await line.due() == ["a1", "b2", "a2", "b3", "b1"]
    assert await line.positions() == ["a1", "b2", "a2", "b3", "b1"]


async def test_what_has_no_owner_comes_first_by_age(line: Line) -> None:
    await line.add("a1", priority=10)
    await line.add("-1")
    await line.add("-2", due_at=NOON - LEASE, priority=-10)
    assert await line.due() == ["-2", "-1", "a1"]
    assert await line.positions() == ["-2", "-1", "a1"]


async def test_who_has_less_at_work_comes_first(line: Line) -> None:
    await line.add("a1", "a2", "a3", "b1", "b2", "c1")
    assert await line.claim("a1", "a2", "b1") == ["a1", "a2", "b1"]
    assert await line.due() == ["c1", "b2", "a3"]
    assert await line.positions() == ["c1", "b2", "a3"]


async def test_of_two_with_as_much_at_work_the_one_served_longest_ago_comes_first(line: Line) -> None:
    await line.add("a1", "a2", "a3", "b1", "b2")
    served = []
    while due := await line.due(limit=1):
        served += await line.claim(*due)
        await line.finish(*due)
    assert served == ["a1", "b1", "a2", "b2", "a3"]


async def test_a_queue_keeps_its_own_turns(line: Line, engine: AsyncEngine) -> None:
    await line.add("a1", queue=Queue.DATA)
    await line.add("a2", "b1")
    await line.claim("a1")
    await line.finish("a1")
    assert await line.due() == ["a2", "b1"]
    async with engine.connect() as connection:
        assert (await connection.execute(select(queue_turns.c.queue))).scalars().all() == ["data"]


async def test_the_order_that_is_shown_is_the_order_of_service(line: Line) -> None:
    """One hand, short work: what the positions said at the beginning is what comes."""
    await line.add("a1", "a2", "a3", "b1", "b2", "c1", "a4", "c2")
    await line.claim("a1")
    shown = await line.positions()
    await line.finish("a1")
    served = []
    while due := await line.due(limit=1):
        served += await line.claim(*due)
        await line.finish(*due)
    assert served == shown


@pytest.mark.parametrize("seed", range(10))
async def test_what_is_due_is_what_stands_first(line: Line, engine: AsyncEngine, seed: int) -> None:
    """Two statements, one order, in any state."""
    rng = random.Random(seed)
    await allow(engine, MANY)
    names = [f"{rng.choice('aaabbc-')}{number}" for number in range(30)]
    for name in names:
        await line.add(name, priority=rng.randint(-2, 2), due_at=NOON - timedelta(seconds=rng.randint(0, 5)))
    await line.claim(*rng.sample(names, rng.randint(0, 10)))
    assert await line.due() == await line.positions()
    assert await line.due(limit=3) == (await line.positions())[:3]


async def test_who_has_as_much_at_work_as_allowed_is_left_out_but_keeps_a_place(
    line: Line, engine: AsyncEngine
) -> None:
    await allow(engine, 2)
    await line.add("a1", "a2", "a3", "b1", "b2", "b3", "b4")
    assert await line.due() == ["a1", "b1", "a2", "b2"]
    assert await line.claim("a1", "a2", "a3") == ["a1", "a2"]
    assert await line.due() == ["b1", "b2"]
    assert await line.positions() == ["b1", "b2", "a3", "b3", "b4"]
    await line.finish("a2")
    assert await line.due() == ["b1", "a3", "b2"]
    assert await line.claim("a3") == ["a3"]


async def test_trainings_and_evaluations_are_counted_together_and_data_is_not(line: Line, engine: AsyncEngine) -> None:
    await allow(engine, 1)
    await line.add("a1")
    await line.add("a2", queue=Queue.EVALUATION)
    await line.add("a3", "a4", queue=Queue.DATA)
    assert await line.claim("a1", "a2") == ["a1"]
    assert await line.due(Queue.EVALUATION) == []
    assert await line.due(Queue.DATA) == ["a3", "a4"]
    assert await line.claim("a3", "a4") == ["a3", "a4"]
    await line.finish("a1")
    assert await line.claim("a2") == ["a2"]


async def test_five_are_allowed_where_nothing_is_said(line: Line) -> None:
    names = [f"a{number}" for number in range(7)]
    await line.add(*names)
    assert await line.due() == names[:5]
    assert await line.claim(*names) == names[:5]


async def test_what_has_no_owner_is_not_counted(line: Line, engine: AsyncEngine) -> None:
    await allow(engine, 1)
    await line.add("-1", "-2", "-3")
    assert await line.claim("-1", "-2", "-3") == ["-1", "-2", "-3"]


async def test_a_lease_that_ran_out_makes_room_and_puts_the_task_in_line_again(line: Line, engine: AsyncEngine) -> None:
    await allow(engine, 1)
    await line.add("a1", "a2", "b1")
    await line.claim("a1")
    assert await line.positions() == ["b1", "a2"]
    over = NOON + LEASE
    assert await line.due(now=over) == ["b1", "a1"]
    assert await line.positions(now=over) == ["b1", "a1", "a2"]


async def test_what_is_put_off_is_not_due_but_has_a_place(line: Line) -> None:
    await line.add("a1", due_at=NOON + LEASE)
    await line.add("a2")
    assert await line.due() == ["a2"]
    assert await line.positions() == ["a1", "a2"]


async def test_what_failed_for_good_has_no_place(line: Line) -> None:
    await line.add("a1", failed_at=NOON)
    await line.add("a2")
    assert (await line.due(), await line.positions()) == (["a2"], ["a2"])


@pytest.mark.parametrize("allowed", [1, 3])
async def test_of_many_that_claim_at_once_no_more_succeed_than_allowed(
    line: Line, engine: AsyncEngine, allowed: int
) -> None:
    await allow(engine, allowed)
    for round_ in range(5):
        names = [f"a{round_}.{number}" for number in range(12)]
        await line.add(*names)
        claims = await asyncio.gather(*(line.claim(name) for name in names))
        got = [name for claim in claims for name in claim]
        assert len(got) == allowed
        await line.finish(*got)
        async with engine.begin() as connection:
            await connection.execute(update(tasks).values(failed_at=NOON))
