"""What can be told of turns and quotas, by looking on."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from persistence.tables.system import system_configs


async def quota_of(engine: AsyncEngine, quota: int) -> None:
    """So many at once for everybody."""
    async with engine.begin() as connection:
        values = {"id": new_id(), "key": "max_concurrent_jobs", "value": quota}
        await connection.execute(insert(system_configs).values(**values))


def most_passed_over(log: list[tuple[str, UUID]]) -> int:
    """How many claims of others there were, at most, while somebody waited with nothing at work."""
    left = Counter(owner for what, owner in log if what == "claim")
    at_work, passed, most = Counter[UUID](), Counter[UUID](), 0
    for what, owner in log:
        at_work[owner] += 1 if what == "claim" else -1
        passed[owner] = 0
        if what == "claim":
            left[owner] -= 1
            for other in left:
                if other != owner and left[other] and not at_work[other]:
                    passed[other] += 1
                    most = max(most, passed[other])
    return most


@asynccontextmanager
async def counted_by_the_database(engine: AsyncEngine) -> AsyncIterator[None]:
    """Writes down, with each claim, how many tasks of the owner are claimed then."""
    async with engine.begin() as connection:
        for statement in (
            "CREATE TABLE seen_at_work (number int)",
            """CREATE FUNCTION see_at_work() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 INSERT INTO seen_at_work SELECT count(*) FROM outbox
                 WHERE owner_id = NEW.owner_id AND claimed_by IS NOT NULL; RETURN NULL; END $$""",
            """CREATE TRIGGER see_at_work AFTER UPDATE OF claimed_by ON outbox
               FOR EACH ROW WHEN (NEW.claimed_by IS NOT NULL) EXECUTE FUNCTION see_at_work()""",
        ):
            await connection.execute(text(statement))
    try:
        yield
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TRIGGER see_at_work ON outbox"))
            await connection.execute(text("DROP FUNCTION see_at_work"))
            await connection.execute(text("DROP TABLE seen_at_work"))


async def most_at_once(engine: AsyncEngine) -> int:
    """Of one owner, since it is counted."""
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT max(number) FROM seen_at_work"))).scalar_one())
