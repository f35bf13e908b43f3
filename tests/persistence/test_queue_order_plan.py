"""However many tasks wait, finding whose turn it is reads a few rows of each owner."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
import pytest

from app.factory import Factory
from domain.work import Queue
from persistence.queue_order import IN_INDEX_ORDER, due
from persistence.reading import compiled
from tests.support.clock import NOON
from tests.support.people import a_person

OWNERS = 20
WAITING = 100_000
# Of 8 kB, which is about 17 for each owner. The table has some 2,000.
MOST_BUFFERS = 400
LIMIT = 4
_FEW = "SELECT gen_random_uuid(), 'training', 'x', '{}', now(), %s FROM generate_series(1, 300)"
_INTO = "INSERT INTO outbox (id, queue, task, payload, due_at, owner_id) "
COUNTED = {"mails": _INTO + _FEW % "NULL", "trainings": _INTO + _FEW % "gen_random_uuid()"}
"""What was there when Postgres counted."""


async def wait_in_line(connection: asyncpg.Connection, owners: list[object]) -> None:
    """Nine of ten wait for a training, the others for an evaluation; each fifth in line is a mail."""
    await connection.execute(
        """INSERT INTO outbox (id, queue, task, payload, owner_id, priority, due_at)
           SELECT gen_random_uuid(), CASE WHEN n % 10 = 0 THEN 'evaluation' ELSE 'training' END, 'job.run',
                  jsonb_build_object('job', gen_random_uuid()),
                  CASE WHEN n % 5 <> 1 THEN ($1::uuid[])[1 + n % $2] END, n % 21 - 10,
                  $3::timestamptz - n * interval '1 ms'
           FROM generate_series(1, $4) n""",
        owners,
        len(owners),
        NOON,
        WAITING,
    )


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(inner for each in plan.get("Plans", ()) for inner in nodes(each))]


async def analyze(url: str) -> None:
    """As somebody who does not see what is not committed."""
    other = await asyncpg.connect(url)
    await other.execute("ANALYZE outbox")
    await other.close()


async def plan_of_what_is_due(connection: asyncpg.Connection) -> dict[str, Any]:
    query = compiled(due(Queue.TRAINING))
    values = {"now": f"'{NOON.isoformat()}'", "limit": str(LIMIT)}
    arguments = ", ".join(values[name] for name in query.names)
    async with connection.transaction():
        await connection.execute(IN_INDEX_ORDER.text)
        await connection.execute(f"PREPARE explained AS {query.sql}")
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained({arguments})")
    plan: dict[str, Any] = orjson.loads(text)[0]["Plan"]
    return plan


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("counted", ["at the end", "never", "mails", "trainings", "while it was empty"])
async def test_what_is_due_is_found_by_indexes(factory: Factory, database_url: str, mode: str, counted: str) -> None:
    """Whatever Postgres found when it counted last: the table is another one each minute."""
    people = [await a_person(factory, f"ann{number}") for number in range(OWNERS)]
    connection = await asyncpg.connect(database_url, server_settings={"plan_cache_mode": mode, "jit": "off"})
    try:
        # What other tests deleted still lies in the index, and VACUUM may have to leave it there.
        await connection.execute("TRUNCATE outbox")
        if counted in COUNTED:
            await connection.execute(COUNTED[counted])
            await connection.execute("VACUUM ANALYZE outbox")
            await connection.execute("TRUNCATE outbox")
        async with connection.transaction():
            await wait_in_line(connection, [person.user.id for person in people])
            if counted == "while it was empty":
                await analyze(database_url)
        if counted == "at the end":
            await connection.execute("VACUUM ANALYZE outbox")
        plan = await plan_of_what_is_due(connection)
    finally:
        await connection.close()
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= MOST_BUFFERS
    assert [node["Node Type"] for node in nodes(plan) if node.get("Relation Name") == "outbox"].count("Seq Scan") == 0
