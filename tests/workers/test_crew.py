"""How much a worker does at once, and how it lays down its work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.clock import Clock
from domain.work import Queue
from persistence.outbox import ClaimedTask, PostgresOutbox
from tests.support.clock import NOON, StandingClock
from tests.workers.helpers import (
    LONG,
    NEVER_S,
    SOMEBODY,
    Remembers,
    Waits,
    a_runner,
    committed,
    eventually,
    row_of,
    the_row,
)
from workers.crew import Crew
from workers.ports import Handler


def a_crew(
    engine: AsyncEngine, clock: Clock, greet: Handler, *, slots: int = 2, outbox: PostgresOutbox | None = None
) -> Crew:
    outbox = outbox or PostgresOutbox(engine)
    runner = a_runner(engine, clock, {"greet": greet}, outbox=outbox)
    return Crew(queue=Queue.DATA, slots=slots, runner=runner, outbox=outbox, clock=clock)


async def test_what_was_committed_and_never_rung_is_taken_up(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Remembers()
    id = await committed(engine)
    await committed(engine, due_at=NOON + timedelta(seconds=1))
    await committed(engine, queue=Queue.TRAINING)
    crew = a_crew(engine, clock, greet)
    await crew.sweep()
    await crew.stop(5)
    assert len(greet.seen) == 1
    assert await row_of(engine, id) is None


async def test_no_more_is_done_at_once_than_there_are_slots(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    ids = [await committed(engine) for _ in range(3)]
    crew = a_crew(engine, clock, greet)
    await crew.sweep()
    assert (crew.busy, crew.free) == (2, 0)
    await crew.sweep()
    await greet.times(2)
    assert (await the_row(engine, ids[2])).attempts == 0
    greet.go_on.set()
    await crew.stop(5)


async def test_many_bells_are_one_look(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Remembers()
    crew = a_crew(engine, clock, greet)
    for _ in range(5):
        crew.look()
    await crew.rest(NEVER_S)
    await crew.sweep()
    resting = asyncio.create_task(crew.rest(NEVER_S))
    await asyncio.sleep(0)
    assert not resting.done()
    await committed(engine)
    crew.look()
    await resting
    await crew.sweep()
    await greet.times(1)
    await crew.stop(5)


async def test_what_others_claim_meanwhile_is_made_up_for(engine: AsyncEngine, clock: StandingClock) -> None:
    """Two see the same task due, one gets it; the other takes the next in the same sweep."""
    greet, outbox = Remembers(), PostgresOutbox(engine)
    first, second = [await committed(engine) for _ in range(2)]

    class Slower(PostgresOutbox):
        async def due(self, queue: Queue, now: datetime, limit: int) -> Sequence[UUID]:
            found = await super().due(queue, now, limit)
            await outbox.claim(first, now, LONG, SOMEBODY)
            return found

    crew = a_crew(engine, clock, greet, slots=1, outbox=Slower(engine))
    await crew.sweep()
    await greet.times(1)
    await crew.stop(5)
    assert (await the_row(engine, first)).attempts == 1
    assert await row_of(engine, second) is None


async def test_a_sweep_that_is_stopped_keeps_what_it_claimed(engine: AsyncEngine, clock: StandingClock) -> None:
    greet, claiming, go_on = Remembers(), asyncio.Event(), asyncio.Event()
    id = await committed(engine)

    class Slow(PostgresOutbox):
        async def claim(self, id: UUID, now: datetime, lease: timedelta, by: str) -> ClaimedTask | None:
            task = await super().claim(id, now, lease, by)
            claiming.set()
            await go_on.wait()
            return task

    crew = a_crew(engine, clock, greet, outbox=Slow(engine))
    sweeping = asyncio.create_task(crew.sweep())
    await claiming.wait()
    sweeping.cancel()
    await asyncio.wait([sweeping])
    go_on.set()
    await crew.stop(5)
    assert len(greet.seen) == 1
    assert await row_of(engine, id) is None


async def test_a_full_crew_looks_again_as_soon_as_it_has_room(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    for _ in range(3):
        await committed(engine)
    crew = a_crew(engine, clock, greet)
    await crew.sweep()
    resting = asyncio.create_task(crew.rest(NEVER_S))
    await greet.times(2)
    assert not resting.done()
    greet.go_on.set()
    await resting
    await crew.sweep()
    await greet.times(3)
    await crew.stop(5)


async def test_a_stop_lets_running_tasks_finish(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    ids = [await committed(engine) for _ in range(2)]
    crew = a_crew(engine, clock, greet, slots=1)
    await crew.sweep()
    await greet.times(1)
    stopping = asyncio.create_task(crew.stop(NEVER_S))
    await asyncio.sleep(0)
    await crew.sweep()
    assert crew.free == 0
    greet.go_on.set()
    await stopping
    assert await row_of(engine, ids[0]) is None
    assert (await the_row(engine, ids[1])).attempts == 0


async def test_after_the_grace_tasks_are_handed_on(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    id = await committed(engine)
    crew = a_crew(engine, clock, greet)
    await crew.sweep()
    await greet.times(1)
    await crew.stop(0)
    row = await the_row(engine, id)
    assert (row.due_at, row.attempts) == (NOON, 0)
    assert crew.busy == 0


class CannotClaim(PostgresOutbox):
    """A database that may be read but not written to."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.asked = 0

    async def claim(self, id: UUID, now: datetime, lease: timedelta, by: str) -> ClaimedTask | None:
        raise ConnectionError("read only")

    async def due(self, queue: Queue, now: datetime, limit: int) -> Sequence[UUID]:
        self.asked += 1
        return await super().due(queue, now, limit)


async def test_a_task_that_cannot_be_claimed_does_not_make_it_ask_without_end(
    engine: AsyncEngine, clock: StandingClock
) -> None:
    await committed(engine)
    outbox = CannotClaim(engine)
    crew = a_crew(engine, clock, Remembers(), slots=1, outbox=outbox)
    await crew.sweep()

    async def ended() -> bool:
        return crew.busy == 0

    await eventually(ended)
    await crew.rest(0.01)
    assert outbox.asked == 1
    assert not crew._wanted.is_set()
