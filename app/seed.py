"""What a fresh platform knows: system configuration and templates. Running it again changes nothing a person set."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.embedded.endpoints import Endpoints
from app.settings import Settings
from domain.catalogue import supported_algorithms, system_templates
from domain.ids import new_id
from persistence.database import driver_url
from persistence.tables.system import system_configs
from persistence.templates import seed_system_templates

CONFIGS: tuple[tuple[str, Any, str], ...] = (
    ("max_concurrent_jobs", 5, "How many jobs of one user run at once; the rest wait."),
    ("default_epochs", 10, "Epochs of a training that does not say."),
    ("supported_algorithms", supported_algorithms(), "Algorithms that are offered, by task."),
)


def run(settings: Settings, endpoints: Endpoints) -> None:
    del settings
    asyncio.run(_run(endpoints.database_url))


async def _run(url: str) -> None:
    engine = create_async_engine(driver_url(url))
    try:
        async with engine.begin() as connection:
            await seed(connection)
    finally:
        await engine.dispose()


async def seed(connection: AsyncConnection) -> None:
    for key, value, description in CONFIGS:
        statement = insert(system_configs).values(id=new_id(), key=key, value=value, description=description)
        # The value is the admin's from now on; the explanation is ours.
        ours = {"description": statement.excluded.description}
        await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=ours))
    await seed_system_templates(connection, system_templates())
