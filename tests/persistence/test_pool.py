"""Connections are lent to one statement each, and none of them gets lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from persistence import pool as pools
from persistence.pool import Pool
from tests.support.patience import PATIENCE_S

ME = "SELECT pg_backend_pid()"


@pytest.fixture
async def make(database_url: str) -> AsyncIterator[Callable[..., Pool]]:
    made: list[Pool] = []

    def pool(size: int = 1, recycle_s: float = 60, patience_s: float = 5.0) -> Pool:
        made.append(Pool(lambda: asyncpg.connect(database_url), size=size, recycle_s=recycle_s, patience_s=patience_s))
        return made[-1]

    yield pool
    for one in made:
        await one.close()


async def me(pool: Pool) -> int:
    return int((await pool.fetch(ME, []))[0][0])


async def test_statements_after_each_other_share_a_connection(make: Callable[..., Pool]) -> None:
    pool = make(size=3)
    assert len({await me(pool) for _ in range(5)}) == 1
    assert (pool.in_use, pool.idle) == (0, 1)


async def test_statements_side_by_side_have_one_each_up_to_the_size_and_the_others_wait(
    make: Callable[..., Pool],
) -> None:
    pool = make(size=3)
    pids = await asyncio.gather(*(me(pool) for _ in range(20)))
    assert len(set(pids)) == 3
    assert (pool.in_use, pool.idle) == (0, 3)


async def test_whoever_waits_too_long_is_told(make: Callable[..., Pool], database_url: str) -> None:
    pool = make(patience_s=0.2)
    await me(pool)
    async with _locked(database_url) as lock:
        busy = asyncio.create_task(pool.fetch(f"SELECT pg_advisory_lock({lock})", []))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await me(pool)
    await busy
    assert await me(pool)


async def test_an_error_of_the_statement_leaves_the_connection_as_it_was(make: Callable[..., Pool]) -> None:
    pool = make()
    pid = await me(pool)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await pool.fetch("SELECT 1 / 0", [])
    assert await me(pool) == pid


async def test_the_connection_of_a_cancelled_statement_is_not_used_again(
    make: Callable[..., Pool], database_url: str
) -> None:
    pool = make()
    pid = await me(pool)
    async with _locked(database_url) as lock:
        waiting = asyncio.create_task(pool.fetch(f"SELECT pg_advisory_lock({lock})", []))
        other = asyncio.create_task(me(pool))
        await asyncio.sleep(0)
        waiting.cancel()
        assert await other != pid
    assert pool.idle == 1


async def test_a_waiter_that_goes_away_leaves_its_turn_to_the_next(
    make: Callable[..., Pool], database_url: str
) -> None:
    pool = make()
    async with _locked(database_url) as lock:
        busy = asyncio.create_task(pool.fetch(f"SELECT pg_advisory_lock({lock})", []))
        first, second = asyncio.create_task(me(pool)), asyncio.create_task(me(pool))
        await asyncio.sleep(0)
        first.cancel()
    await busy
    assert await second


async def test_after_a_failure_to_connect_those_who_waited_may_try() -> None:
    tries = 0

    async def connect() -> asyncpg.Connection:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        raise ConnectionRefusedError

    pool = Pool(connect, size=1, recycle_s=60)
    outcomes = await asyncio.gather(*(me(pool) for _ in range(4)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionRefusedError] * 4
    assert tries == 4
    assert (pool.in_use, pool.idle) == (0, 0)


async def test_connections_that_died_while_nobody_used_them_are_passed_over(
    make: Callable[..., Pool], database_url: str
) -> None:
    pool = make(size=3)
    pids = set(await asyncio.gather(*(me(pool) for _ in range(3))))
    admin = await asyncpg.connect(database_url)
    await admin.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", list(pids))
    await admin.close()
    async with asyncio.timeout(PATIENCE_S):
        while not all(connection.is_closed() for connection in pool._idle):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
    assert await me(pool) not in pids
    assert (pool.in_use, pool.idle) == (0, 1)


async def test_an_old_connection_is_renewed(make: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(pools, "monotonic", lambda: now)
    pool = make(recycle_s=60)
    pid = await me(pool)
    now = 61
    assert await me(pool) == pid
    assert pool.idle == 0
    assert await me(pool) != pid


async def test_a_closed_pool_keeps_nothing(make: Callable[..., Pool]) -> None:
    pool = make(size=2)
    busy = asyncio.create_task(pool.fetch("SELECT pg_sleep(0.05)", []))
    await me(pool)
    await pool.close()
    await busy
    assert (pool.in_use, pool.idle) == (0, 0)


class _locked:  # noqa: N801 - it reads like a function
    """Something that a statement waits for until the block ends."""

    number = 4_711

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> int:
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(f"SELECT pg_advisory_lock({self.number})")
        return self.number

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()
