"""All rows: a fingerprint of them, to prove that a refusal changed nothing, and an end of them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.tables import metadata

# Triggers sleep: the audit log refuses DELETE, as it should. For a few rows DELETE is quicker than TRUNCATE.
_SWEEP = "; ".join(
    (
        "BEGIN",
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {table.name}" for table in metadata.tables.values()),
        "COMMIT",
    )
)


async def fingerprint(engine: AsyncEngine, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """One hash for each table's rows."""
    hashes = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t"
        for name in metadata.tables
        if name not in but
    ]
    async with engine.connect() as connection:
        return {row[0]: row[1] for row in await connection.execute(text(" UNION ALL ".join(hashes)))}


async def empty_tables(engine: AsyncEngine) -> None:
    """As if nothing had ever been stored."""
    async with engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.execute(_SWEEP)
