"""Units of work: all or nothing, and nothing leaves before the commit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from app.factory import Factory
from domain.errors import Code, Refused, Unavailable
from domain.ids import new_id
from domain.work import AccessChanged, Queue, Task
from persistence.tables.system import outbox
from persistence.work import Works
from tests.support.people import Person, a_person

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Bells:
    """Writes down what it hears, and what was stored at that moment."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.heard: list[tuple[str, int]] = []
        self.breaks = False
        self._engine = engine

    async def ring(self, queue: Queue, task_id: str) -> None:
        await self._note(f"ring {queue.value}")

    async def tell(self, event: AccessChanged) -> None:
        await self._note(f"tell {event.user_id}")

    async def _note(self, what: str) -> None:
        async with self._engine.connect() as connection:
            count = await connection.scalar(select(func.count()).select_from(outbox))
        self.heard.append((what, count or 0))
        if self.breaks:
            raise ConnectionError("no Redis")


@pytest.fixture
def bells(engine: AsyncEngine) -> Bells:
    return Bells(engine)


@pytest.fixture
def works(engine: AsyncEngine, bells: Bells) -> Works:
    return Works(engine, bells, lambda: NOW)


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def test_tasks_and_events_leave_after_the_commit(works: Works, bells: Bells) -> None:
    who = new_id()
    async with works() as work:
        await work.enqueue(Task("a", {}, Queue.DATA))
        work.publish(AccessChanged(who))
        assert bells.heard == []
    assert bells.heard == [("ring data", 1), (f"tell {who}", 1)]


async def test_a_refusal_drops_them(works: Works, bells: Bells, engine: AsyncEngine) -> None:
    async def refuse() -> None:
        async with works() as work:
            await work.enqueue(Task("a", {}))
            work.publish(AccessChanged(new_id()))
            raise Refused.because(Code.INVALID, "no")

    with pytest.raises(Refused):
        await refuse()
    assert bells.heard == []
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(outbox)) == 0


async def test_bells_that_break_are_noted_once_until_they_work_again(works: Works, bells: Bells) -> None:
    async def rung(*, breaks: bool) -> None:
        bells.breaks = breaks
        async with works() as work:
            work.publish(AccessChanged(new_id()))

    with capture_logs() as logs:
        for breaks in (True, True, True, False, False, True):
            await rung(breaks=breaks)
    noted = [(log["event"], log.get("unheard")) for log in logs]
    assert noted == [("bell.failed", None), ("bell.works_again", 3), ("bell.failed", None)]


async def test_a_bell_that_breaks_takes_nothing_back(works: Works, bells: Bells, engine: AsyncEngine) -> None:
    bells.breaks = True
    async with works() as work:
        await work.enqueue(Task("a", {"x": 1}))
        await work.enqueue(Task("b", {}))
    assert [what for what, _ in bells.heard] == ["ring data", "ring data"]
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(outbox)) == 2


async def lock(works: Works, who: Person) -> None:
    async with works() as work:
        await work._connection.execute(text("SET LOCAL statement_timeout = '50ms'"))
        await work.users.lock(who.user.id)


async def stand_still(works: Works, who: Person) -> None:
    """With a lock, in the middle of a transaction, until somebody else has the lock."""
    async with works() as work:
        await work._connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
        await work.users.lock(who.user.id)
        async with works() as other:
            await other.users.lock(who.user.id)
        await work.users.get(who.user.id)


async def test_who_waits_too_long_for_a_lock_may_try_again(works: Works, ann: Person) -> None:
    async with works() as first:
        await first.users.lock(ann.user.id)
        with pytest.raises(Unavailable):
            await lock(works, ann)
    await lock(works, ann)


async def test_who_stands_still_in_a_transaction_loses_its_locks(works: Works, ann: Person) -> None:
    """As a process does that was stopped: others must not wait for it."""
    with pytest.raises(Unavailable):
        await stand_still(works, ann)


async def test_a_transaction_stands_still_for_less_than_others_wait(engine: AsyncEngine) -> None:
    names = "statement_timeout", "idle_in_transaction_session_timeout"
    async with engine.connect() as connection:
        found = [await connection.scalar(text(f"SHOW {name}")) for name in names]
    assert found == ["15s", "10s"]
