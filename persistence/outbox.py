"""The tasks that use cases asked for, as workers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Delete, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.work import Queue
from persistence.tables.system import outbox

_open = outbox.c.failed_at.is_(None)


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    id: UUID
    name: str
    payload: Mapping[str, Any]
    attempt: int


class PostgresOutbox:
    """Implements workers.ports.Outbox. Each change is one guarded statement, so it needs no transaction around it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def claim(self, id: UUID, now: datetime, lease: timedelta) -> ClaimedTask | None:
        statement = (
            update(outbox)
            .where(outbox.c.id == id, outbox.c.due_at <= now, _open)
            .values(attempts=outbox.c.attempts + 1, due_at=now + lease)
            .returning(outbox.c.id, outbox.c.task, outbox.c.payload, outbox.c.attempts)
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return ClaimedTask(*row) if row else None

    async def renew(self, id: UUID, attempt: int, until: datetime) -> bool:
        return await self._change(update(outbox).where(_current(id, attempt)).values(due_at=until))

    async def done(self, id: UUID, attempt: int) -> bool:
        return await self._change(delete(outbox).where(_current(id, attempt)))

    async def release(self, id: UUID, attempt: int, now: datetime) -> bool:
        return await self._change(update(outbox).where(_current(id, attempt)).values(due_at=now, attempts=attempt - 1))

    async def retry(self, id: UUID, attempt: int, due_at: datetime, error: str) -> bool:
        return await self._change(update(outbox).where(_current(id, attempt)).values(due_at=due_at, error=error))

    async def fail(self, id: UUID, attempt: int, now: datetime, error: str) -> bool:
        return await self._change(update(outbox).where(_current(id, attempt)).values(failed_at=now, error=error))

    async def due(self, queue: Queue, now: datetime, limit: int) -> Sequence[UUID]:
        statement = (
            select(outbox.c.id)
            .where(outbox.c.queue == queue, outbox.c.due_at <= now, _open)
            .order_by(outbox.c.due_at, outbox.c.id)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return (await connection.execute(statement)).scalars().all()

    async def _change(self, statement: Update | Delete) -> bool:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement)).rowcount == 1


def _current(id: UUID, attempt: int) -> ColumnElement[bool]:
    return (outbox.c.id == id) & (outbox.c.attempts == attempt) & _open
