"""How Postgres finds notifications among many."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from domain.ids import new_id
from domain.notifications.model import NotificationFilter
from domain.pages import NEWEST, Window
from persistence.database import driver_url
from persistence.notification_reads import PostgresNotificationReads
from tests.support.people import Person, a_person
from tests.support.plans import most_rows, plan_of

MANY, PAGE, TO_ALL = 20_000, 20, 40
_FILL = """
INSERT INTO notifications (id, user_id, kind, type, title, message, read_at)
SELECT uuidv7(interval '1 millisecond' * i),
  CASE WHEN i % :every = 0 THEN NULL ELSE (CAST(:people AS uuid[]))[1 + i % 2] END,
  'job_failed', 'error', 'It failed', '', CASE WHEN i % :every <> 0 AND i % 1000 <> 1 THEN now() END
FROM generate_series(1, :many) i
"""
_OTHERS = """
INSERT INTO users (id, username, email, password_hash, role)
SELECT gen_random_uuid(), 'u' || i, 'u' || i, '', 'user' FROM generate_series(1, 100) i
"""
_READ = """
INSERT INTO notification_reads
SELECT users.id, notifications.id, now() FROM users, notifications WHERE user_id IS NULL AND username <> 'bob'
"""


@pytest.fixture
async def ann(factory: Factory, endpoints: Endpoints) -> Person:
    """Half of them are hers, and nearly all are read."""
    ann, bob = await a_person(factory, "ann"), await a_person(factory, "bob")
    values = {"many": MANY, "people": [bob.user.id, ann.user.id], "every": MANY // TO_ALL}
    engine = create_async_engine(driver_url(endpoints.database_url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(_FILL), values)
        await connection.execute(text(_OTHERS))
        await connection.execute(text(_READ))
        await connection.execute(text("VACUUM ANALYZE notifications"))
        await connection.execute(text("VACUUM ANALYZE notification_reads"))
    return ann


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_nothing_reads_more_than_it_shows(factory: Factory, ann: Person, endpoints: Endpoints, mode: str) -> None:
    reads, window = PostgresNotificationReads(factory.reader), Window(PAGE, NEWEST)
    unread = NotificationFilter(unread=True)
    calls = {
        "page": lambda: reads.page(ann.viewer, window, NotificationFilter()),
        "unread page": lambda: reads.page(ann.viewer, window, unread),
        "unread": lambda: reads.unread(ann.viewer),
        "newest": lambda: reads.newest(ann.viewer),
        "after": lambda: reads.after(ann.viewer, ann.user.id, PAGE),
        "since": lambda: reads.since(new_id(), PAGE),
    }
    read = {
        name: most_rows(await plan_of(factory.reader, endpoints.database_url, call, mode=mode))
        for name, call in calls.items()
    }
    bounds = {
        "page": 3 * PAGE,
        "unread page": 2 * (TO_ALL + PAGE),
        "unread": 2 * TO_ALL,
        "newest": 2 * TO_ALL,
        "after": 2 * TO_ALL + 3 * PAGE,
        "since": PAGE,
    }
    assert {name: rows for name, rows in read.items() if rows > bounds[name]} == {}
