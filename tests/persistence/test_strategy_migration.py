"""The migration of strategies: it gives what the tables say, and goes back and forth."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from app import migrate
from app.embedded.endpoints import Endpoints


@pytest.fixture
async def empty(database_url: str, worker_number: int) -> Endpoints:
    base, name = database_url.rsplit("/", 1)[0], f"migrated_{worker_number}"
    admin = await asyncpg.connect(base + "/postgres")
    try:
        await admin.execute(f"CREATE DATABASE {name}")
    finally:
        await admin.close()
    return Endpoints(f"{base}/{name}", None, "")


async def test_the_migration_gives_what_the_tables_say_and_can_be_taken_back(empty: Endpoints) -> None:
    # Alembic brings an event loop of its own.
    for step in (
        lambda: migrate.upgrade(empty, "0004"),
        lambda: migrate.downgrade(empty, "0003"),
        lambda: migrate.upgrade(empty),
        lambda: migrate.check(empty),
    ):
        await asyncio.to_thread(step)
    connection = await asyncpg.connect(empty.database_url)
    try:
        names = await connection.fetch("SELECT indexname FROM pg_indexes WHERE tablename LIKE 'strateg%'")
    finally:
        await connection.close()
    assert {
        "ix_strategies_owner_id_id",
        "ix_strategies_owner_id_status_id",
        "ix_strategies_owner_id_lower_name_id",
        "ix_strategies_owner_id_updated_at_id",
        "ix_strategies_project_id_id",
        "ix_strategies_project_id_lower_name_id",
        "ix_strategies_project_id_updated_at_id",
        "ix_strategies_lower_name_id",
        "ix_strategies_updated_at_id",
        "ix_strategies_tags",
        "ix_strategies_trgm",
        "ix_strategy_templates_trgm",
    } <= {record["indexname"] for record in names}
