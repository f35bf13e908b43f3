"""The hourly task: what is deleted, and how often."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from persistence.housekeeping import PostgresPurge
from persistence.tables.notifications import notifications
from persistence.tables.users import user_sessions, users
from tests.support.clock import NOON, StandingClock
from tests.workers.helpers import committed, row_of
from workers.housekeeping import Housekeeping

MOMENT = timedelta(microseconds=1)


async def sessions_that_expired(engine: AsyncEngine, *times: datetime) -> list[UUID]:
    user, ids = new_id(), [new_id() for _ in times]
    person = {"id": user, "username": user.hex, "email": user.hex, "password_hash": "", "role": "user"}
    rows = [
        {"id": id, "user_id": user, "family_id": id, "token_hash": id.bytes, "expires_at": time, "last_used_at": time}
        for id, time in zip(ids, times, strict=True)
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(users).values(person))
        await connection.execute(insert(user_sessions), rows)
    return ids


async def sessions_left(engine: AsyncEngine) -> list[UUID]:
    async with engine.connect() as connection:
        return list((await connection.execute(select(user_sessions.c.id).order_by(user_sessions.c.id))).scalars())


async def test_sessions_go_a_week_after_they_expired_and_failed_tasks_after_a_month(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    week, month = timedelta(days=7), timedelta(days=30)
    _, kept, _ = await sessions_that_expired(engine, NOON - week - MOMENT, NOON - week, NOON - 2 * week)
    old = await committed(engine, failed_at=NOON - month - MOMENT)
    recent = await committed(engine, failed_at=NOON - month)
    waiting = await committed(engine, due_at=NOON - 2 * month)
    await Housekeeping(purge=PostgresPurge(engine), redis=redis, clock=clock).run()
    assert await sessions_left(engine) == [kept]
    assert await row_of(engine, old) is None
    assert await row_of(engine, recent)
    assert await row_of(engine, waiting)


async def test_what_was_read_goes_after_90_days_and_what_was_not_stays(
    engine: AsyncEngine, redis: Redis, clock: StandingClock
) -> None:
    user, months = new_id(), timedelta(days=90)
    too_old = NOON - months - MOMENT
    person = {"id": user, "username": "ann", "email": "ann", "password_hash": "", "role": "user"}
    rows = [
        {"title": "read long ago", "user_id": user, "read_at": too_old, "created_at": too_old},
        {"title": "read", "user_id": user, "read_at": NOON - months, "created_at": too_old},
        {"title": "not read", "user_id": user, "read_at": None, "created_at": too_old},
        {"title": "old, to all", "user_id": None, "read_at": None, "created_at": too_old},
        {"title": "to all", "user_id": None, "read_at": None, "created_at": NOON - months},
    ]
    same = {"kind": "broadcast", "type": "info", "message": ""}
    async with engine.begin() as connection:
        await connection.execute(insert(users).values(person))
        await connection.execute(insert(notifications), [{"id": new_id(), **same, **row} for row in rows])
    await Housekeeping(purge=PostgresPurge(engine), redis=redis, clock=clock).run()
    async with engine.connect() as connection:
        left = (await connection.execute(select(notifications.c.title))).scalars()
    assert set(left) == {"read", "not read", "to all"}


@pytest.mark.parametrize("number", [0, 1, 2, 4, 5])
async def test_much_is_deleted_in_batches(engine: AsyncEngine, number: int) -> None:
    await sessions_that_expired(engine, *[NOON - MOMENT] * number, NOON)
    assert await PostgresPurge(engine, batch=2).sessions(expired_before=NOON) == number
    assert len(await sessions_left(engine)) == 1


class Counts:
    def __init__(self) -> None:
        self.times: list[datetime] = []
        self.broken = False

    async def sessions(self, *, expired_before: datetime) -> int:
        if self.broken:
            raise ConnectionError
        self.times.append(expired_before)
        return 0

    async def failed_tasks(self, *, failed_before: datetime) -> int:
        return 0

    async def notifications(self, *, before: datetime) -> int:
        return 0


async def test_each_hour_one_of_all_workers_does_it(redis: Redis, clock: StandingClock) -> None:
    purge = Counts()
    workers = [Housekeeping(purge=purge, redis=redis, clock=clock) for _ in range(3)]
    await asyncio.gather(*(worker.run() for worker in workers))
    clock.advance(minutes=59)
    await asyncio.gather(*(worker.run() for worker in workers))
    assert len(purge.times) == 1
    clock.advance(minutes=1)
    await asyncio.gather(*(worker.run() for worker in workers))
    assert [time + timedelta(days=7) for time in purge.times] == [NOON, NOON + timedelta(hours=1)]


async def test_an_hour_that_failed_may_be_tried_again(redis: Redis, clock: StandingClock) -> None:
    purge = Counts()
    purge.broken = True
    house = Housekeeping(purge=purge, redis=redis, clock=clock)
    with pytest.raises(ConnectionError):
        await house.run()
    purge.broken = False
    await house.run()
    assert len(purge.times) == 1


async def test_the_memory_of_a_turn_does_not_stay_for_ever(redis: Redis, clock: StandingClock) -> None:
    await Housekeeping(purge=Counts(), redis=redis, clock=clock).run()
    assert 7100 < await redis.ttl("tmw:housekeeping:2026-03-02T12") <= 7200
