"""Who may have a task, and until when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from domain.work import Queue
from persistence.outbox import ClaimedTask, PostgresOutbox
from tests.support.clock import NOON, StandingClock
from tests.workers.helpers import committed, row_of, the_row

LEASE = timedelta(seconds=20)
MOMENT = timedelta(microseconds=1)
ANN = "here|1|1.0|ann"


@pytest.fixture
def outbox(engine: AsyncEngine) -> PostgresOutbox:
    return PostgresOutbox(engine)


async def test_a_claim_takes_the_task_for_the_time_of_the_lease(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    id = await committed(engine, "greet", payload={"to": ["Ada"], "n": 1})
    assert await outbox.claim(id, NOON, LEASE, ANN) == ClaimedTask(id, "greet", {"to": ["Ada"], "n": 1}, 1, ANN)
    assert (await the_row(engine, id)).due_at == NOON + LEASE
    assert await outbox.claim(id, NOON + LEASE - MOMENT, LEASE, ANN) is None
    again = await outbox.claim(id, NOON + LEASE, LEASE, ANN)
    assert again is not None
    assert again.attempt == 2


async def test_only_what_is_due_and_open_is_claimed(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    later = await committed(engine, due_at=NOON + MOMENT)
    failed = await committed(engine, failed_at=NOON)
    for id in (later, failed, new_id()):
        assert await outbox.claim(id, NOON, LEASE, ANN) is None
    assert (await the_row(engine, later)).attempts == 0


async def test_of_many_that_claim_at_once_one_gets_the_task(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    id = await committed(engine)
    claims = await asyncio.gather(*(outbox.claim(id, NOON, LEASE, ANN) for _ in range(10)))
    assert [claim.attempt for claim in claims if claim] == [1]


async def test_done_deletes(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    id = await committed(engine, attempts=1)
    assert await outbox.done(id, 1) is True
    assert await row_of(engine, id) is None
    assert await outbox.done(id, 1) is False


async def test_whoever_lost_the_task_changes_nothing(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    id = await committed(engine, attempts=2, due_at=NOON)
    before = await the_row(engine, id)
    assert await outbox.renew(id, 1, NOON + LEASE) is False
    assert await outbox.release(id, 1, NOON + LEASE) is False
    assert await outbox.retry(id, 1, NOON + LEASE, "late") is False
    assert await outbox.fail(id, 1, NOON + LEASE, "late") is False
    assert await outbox.done(id, 1) is False
    assert await the_row(engine, id) == before


async def test_a_failed_task_stays_as_it_is(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    id = await committed(engine, attempts=1)
    assert await outbox.fail(id, 1, NOON, "Broken: it broke") is True
    row = await the_row(engine, id)
    assert (row.failed_at, row.error) == (NOON, "Broken: it broke")
    assert await outbox.retry(id, 1, NOON, "again") is False
    assert await outbox.due(Queue.DATA, NOON, 10) == []


async def test_a_released_task_is_due_at_once_and_the_attempt_does_not_count(
    engine: AsyncEngine, outbox: PostgresOutbox
) -> None:
    id = await committed(engine)
    assert await outbox.claim(id, NOON, LEASE, ANN)
    assert await outbox.release(id, 1, NOON + MOMENT) is True
    row = await the_row(engine, id)
    assert (row.due_at, row.attempts) == (NOON + MOMENT, 0)


async def test_renewing_moves_the_end_of_the_lease(engine: AsyncEngine, outbox: PostgresOutbox) -> None:
    id = await committed(engine)
    assert await outbox.claim(id, NOON, LEASE, ANN)
    assert await outbox.renew(id, 1, NOON + 2 * LEASE) is True
    assert await outbox.claim(id, NOON + LEASE, LEASE, ANN) is None


async def test_due_lists_the_longest_waiting_of_one_queue(
    engine: AsyncEngine, outbox: PostgresOutbox, clock: StandingClock
) -> None:
    young = await committed(engine, due_at=NOON)
    old = await committed(engine, due_at=NOON - LEASE)
    await committed(engine, due_at=NOON + MOMENT)
    await committed(engine, failed_at=NOON)
    await committed(engine, queue=Queue.TRAINING)
    taken = await committed(engine)
    assert await outbox.claim(taken, NOON, LEASE, ANN)
    assert await outbox.due(Queue.DATA, NOON, 10) == [old, young]
    assert await outbox.due(Queue.DATA, NOON, 1) == [old]
