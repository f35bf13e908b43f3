"""All rows: a fingerprint of them, to prove that a refusal changed nothing, and an end of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.tables import metadata

Sweep = Callable[[], Awaitable[object]]


async def fingerprint(engine: AsyncEngine, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """One hash for each table's rows."""
    hashes = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
        for name in metadata.tables
        if name not in but
    ]
    async with engine.connect() as connection:
        return {row[0]: row[1] for row in await connection.execute(text(" UNION ALL ".join(hashes)))}


@asynccontextmanager
async def sweeper(url: str) -> AsyncIterator[Sweep]:
    """Empties all tables whenever it is called, as if nothing had ever been stored."""
    connection = await asyncpg.connect(url)
    try:
        # Triggers sleep: the audit log refuses DELETE, as it should. For a few rows DELETE is quicker than TRUNCATE.
        await connection.execute("SET session_replication_role = replica")
        yield partial(connection.execute, "; ".join(f"DELETE FROM {table.name}" for table in metadata.tables.values()))
    finally:
        await connection.close()


async def empty_tables(url: str) -> None:
    async with sweeper(url) as sweep:
        await sweep()
