"""What becomes of a task: done, tried again after growing waits, failed for good, handed on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from domain.errors import Unavailable
from persistence.outbox import PostgresOutbox
from persistence.tables.system import outbox
from tests.support.clock import NOON, StandingClock
from tests.workers.helpers import Remembers, Waits, a_runner, committed, eventually, row_of, the_row
from workers.tasks import CLAIMS, WAITS, PutOff


class Broken(Exception):
    pass


def raises(error: BaseException) -> Any:
    async def handler(_payload: Mapping[str, Any]) -> None:
        raise error

    return handler


async def test_a_task_is_done_with_its_payload_and_forgotten(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Remembers()
    id = await committed(engine, "greet", payload={"to": "Ada", "often": 2})
    runner = a_runner(engine, clock, {"greet": greet})
    await runner.run(id)
    await runner.run(id)
    assert greet.seen == [{"to": "Ada", "often": 2}]
    assert await row_of(engine, id) is None


async def test_two_runners_race_for_a_task_and_one_does_it(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    id = await committed(engine)
    runners = [a_runner(engine, clock, {"greet": greet}) for _ in range(2)]
    racing = asyncio.gather(*(runner.run(id) for runner in runners for _ in range(3)))
    await greet.times(1)
    greet.go_on.set()
    await racing
    assert len(greet.seen) == 1


async def test_the_waits_between_attempts_grow_until_it_fails_for_good(
    engine: AsyncEngine, clock: StandingClock
) -> None:
    id = await committed(engine)
    runner = a_runner(engine, clock, {"greet": raises(Broken("no\nsecond line"))})
    for wait_s in (5, 30, 5 * 60, 60 * 60):
        await runner.run(id)
        row = await the_row(engine, id)
        assert (row.due_at, row.failed_at, row.error) == (clock() + timedelta(seconds=wait_s), None, "Broken: no")
        await runner.run(id)
        assert (await the_row(engine, id)).attempts == row.attempts
        clock.now = row.due_at
    with capture_logs() as logs:
        await runner.run(id)
    row = await the_row(engine, id)
    assert (row.attempts, row.failed_at, row.error) == (5, clock(), "Broken: no")
    assert [(log["log_level"], log["event"]) for log in logs] == [("error", "task failed for good")]


async def test_what_others_stood_in_the_way_of_is_tried_again_soon(engine: AsyncEngine, clock: StandingClock) -> None:
    id = await committed(engine)
    runner = a_runner(engine, clock, {"greet": raises(Unavailable())})
    for attempt in range(1, CLAIMS + 1):
        await runner.run(id)
        row = await the_row(engine, id)
        assert (row.attempts, row.due_at, row.failed_at) == (attempt, clock() + WAITS[0], None)
        clock.now = row.due_at
    await runner.run(id)
    assert (await the_row(engine, id)).failed_at == clock()


async def test_an_attempt_that_fails_is_logged_without_its_payload(engine: AsyncEngine, clock: StandingClock) -> None:
    id = await committed(engine, payload={"to": "somebody"})
    with capture_logs() as logs:
        await a_runner(engine, clock, {"greet": raises(Broken("no"))}).run(id)
    assert logs == [{"log_level": "warning", "event": "task failed", "error": "Broken: no", "again_in_s": 5.0}]


async def test_a_task_that_succeeds_late_is_done(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Remembers()
    id = await committed(engine)
    await a_runner(engine, clock, {"greet": raises(Broken())}).run(id)
    clock.advance(seconds=5)
    await a_runner(engine, clock, {"greet": greet}).run(id)
    assert len(greet.seen) == 1
    assert await row_of(engine, id) is None


async def test_a_name_that_nobody_knows_fails_at_once(engine: AsyncEngine, clock: StandingClock) -> None:
    id = await committed(engine, "sing")
    await a_runner(engine, clock, {"greet": Remembers()}).run(id)
    row = await the_row(engine, id)
    assert (row.attempts, row.failed_at) == (1, NOON)
    assert row.error == "Hopeless: No worker knows a task of the name 'sing'."


async def test_a_task_that_kills_each_worker_fails_in_the_end(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Remembers()
    id = await committed(engine, attempts=CLAIMS)
    await a_runner(engine, clock, {"greet": greet}).run(id)
    assert greet.seen == []
    assert (await the_row(engine, id)).error == "Hopeless: The worker died in each attempt."


async def test_a_worker_that_dies_is_no_fault_of_the_task(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Remembers()
    id = await committed(engine, attempts=CLAIMS - 1)
    await a_runner(engine, clock, {"greet": greet}).run(id)
    assert len(greet.seen) == 1


async def test_what_counts_its_failures_by_itself_says_how_long_it_waits(
    engine: AsyncEngine, clock: StandingClock
) -> None:
    id = await committed(engine, attempts=10)
    await a_runner(engine, clock, {"greet": raises(PutOff(timedelta(seconds=7)))}).run(id)
    row = await the_row(engine, id)
    assert (row.failed_at, row.due_at, row.error) == (None, NOON + timedelta(seconds=7), "PutOff: Again in 0:00:07.")


async def test_a_task_that_takes_too_long_is_tried_again(engine: AsyncEngine, clock: StandingClock) -> None:
    id = await committed(engine)
    await a_runner(engine, clock, {"greet": Waits()}, time_limit=timedelta(milliseconds=10)).run(id)
    row = await the_row(engine, id)
    assert (row.due_at, row.error) == (NOON + timedelta(seconds=5), "TooLong: It took longer than 0:00:00.010000.")


@pytest.mark.parametrize("error", [TimeoutError("of its own"), asyncio.CancelledError("of its own")])
async def test_a_timeout_or_cancellation_within_the_handler_is_a_failure_like_others(
    engine: AsyncEngine, clock: StandingClock, error: BaseException
) -> None:
    id = await committed(engine)
    await a_runner(engine, clock, {"greet": raises(error)}).run(id)
    row = await the_row(engine, id)
    assert (row.attempts, row.due_at) == (1, NOON + timedelta(seconds=5))
    assert row.error == f"{type(error).__name__}: of its own"


async def test_a_cancelled_task_is_due_again_at_once(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    id = await committed(engine)
    running = asyncio.create_task(a_runner(engine, clock, {"greet": greet}).run(id))
    await greet.times(1)
    clock.advance(seconds=3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    row = await the_row(engine, id)
    assert (row.due_at, row.attempts, row.error) == (NOON + timedelta(seconds=3), 0, None)


@pytest.mark.parametrize("said", ["a\0b", "a\ud800b", "x" * 10_000])
async def test_an_error_that_postgres_cannot_store_is_stored_all_the_same(
    engine: AsyncEngine, clock: StandingClock, said: str
) -> None:
    id = await committed(engine)
    await a_runner(engine, clock, {"greet": raises(Broken(said))}).run(id)
    row = await the_row(engine, id)
    assert row.due_at == NOON + timedelta(seconds=5)
    assert row.error in ("Broken: ab", "Broken: a?b", "Broken: " + "x" * 492)


async def test_the_lease_of_a_running_task_is_renewed(engine: AsyncEngine, clock: StandingClock) -> None:
    lease = timedelta(seconds=0.3)
    greet = Waits()
    id = await committed(engine)
    running = asyncio.create_task(a_runner(engine, clock, {"greet": greet}, lease=lease).run(id))
    await greet.times(1)
    clock.advance(seconds=60)

    async def renewed() -> bool:
        return bool((await the_row(engine, id)).due_at == clock() + lease)

    await eventually(renewed)
    greet.go_on.set()
    await running
    assert await row_of(engine, id) is None


async def test_whoever_lost_the_lease_stops_and_changes_nothing(engine: AsyncEngine, clock: StandingClock) -> None:
    greet = Waits()
    id = await committed(engine)
    running = asyncio.create_task(a_runner(engine, clock, {"greet": greet}, lease=timedelta(seconds=0.3)).run(id))
    await greet.times(1)
    # Somebody else claimed it, as happens when this process stood still for too long.
    async with engine.begin() as connection:
        await connection.execute(update(outbox).values(attempts=2, due_at=NOON + timedelta(hours=1)))
    with capture_logs() as logs:
        await running
    row = await the_row(engine, id)
    assert (row.attempts, row.due_at, row.error) == (2, NOON + timedelta(hours=1), None)
    assert [log["event"] for log in logs] == ["task given up"]


class CannotRenew(PostgresOutbox):
    async def renew(self, id: UUID, attempt: int, until: datetime) -> bool:
        raise ConnectionError("away")


async def test_a_task_is_stopped_before_its_lease_ends_when_it_cannot_be_renewed(
    engine: AsyncEngine, clock: StandingClock
) -> None:
    id = await committed(engine)
    lease = timedelta(seconds=0.3)
    runner = a_runner(engine, clock, {"greet": Waits()}, outbox=CannotRenew(engine), lease=lease)
    began = asyncio.get_running_loop().time()
    await runner.run(id)
    assert asyncio.get_running_loop().time() - began >= 0.24
    assert str((await the_row(engine, id)).error).startswith("LeaseLost: ")
