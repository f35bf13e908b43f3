"""A fingerprint of everything that is stored, to prove that a refusal changed nothing."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.tables import metadata


async def fingerprint(engine: AsyncEngine, *, but: frozenset[str] = frozenset()) -> dict[str, str]:
    """One hash for each table's rows."""
    async with engine.connect() as connection:
        return {
            table.name: str(
                await connection.scalar(
                    text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table.name} t")
                )
            )
            for table in metadata.sorted_tables
            if table.name not in but
        }
