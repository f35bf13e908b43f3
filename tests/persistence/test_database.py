"""Reading while the database has its moments."""

from __future__ import annotations

import asyncpg
import pytest
from sqlalchemy import func, literal, select
from structlog.testing import capture_logs

from domain.errors import Unavailable
from persistence.database import Reader
from persistence.reading import Query, compiled
from tests.support.people import a_person

_ONE = compiled(select(literal(1)))
_SLEEP = compiled(select(func.pg_sleep(30)))
_ME = compiled(select(func.pg_backend_pid()))


@pytest.fixture
async def lonely(database_url: str):
    """A reader with one connection, so that it is known which one is used."""
    reader = Reader(database_url, pool=1, recycle_s=60, statement_timeout_ms=15_000)
    yield reader
    await reader.close()


async def test_a_read_survives_the_end_of_its_connection(lonely: Reader, database_url: str) -> None:
    pid = await lonely.value(_ME)
    admin = await asyncpg.connect(database_url)
    await admin.execute("SELECT pg_terminate_backend($1)", pid)
    await admin.close()
    assert await lonely.value(_ONE) == 1
    assert await lonely.value(_ME) != pid


async def test_no_server_is_unavailable() -> None:
    reader = Reader("postgresql://nobody:x@127.0.0.1:1/none", pool=1, recycle_s=60, statement_timeout_ms=1000)
    with pytest.raises(Unavailable):
        await reader.value(_ONE)
    await reader.close()


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(database_url: str) -> None:
    reader = Reader(database_url, pool=1, recycle_s=60, statement_timeout_ms=100)
    with pytest.raises(Unavailable), capture_logs() as logs:
        await reader.value(_SLEEP)
    await reader.close()
    assert [log["sql"] for log in logs] == [_SLEEP.sql]


async def test_a_reader_cannot_write(factory, lonely: Reader) -> None:
    await a_person(factory, "ann")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await lonely.rows(Query("DELETE FROM users", ()))
