"""Deletes what is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from persistence.tables.notifications import notifications
from persistence.tables.system import outbox
from persistence.tables.users import user_sessions


class PostgresPurge:
    """Implements workers.ports.Purge, in batches: one big delete would run into the statement timeout, each time."""

    def __init__(self, engine: AsyncEngine, *, batch: int = 1000) -> None:
        self._engine = engine
        self._batch = batch

    async def sessions(self, *, expired_before: datetime) -> int:
        return await self._purge(user_sessions, user_sessions.c.expires_at < expired_before)

    async def failed_tasks(self, *, failed_before: datetime) -> int:
        return await self._purge(outbox, outbox.c.failed_at < failed_before)

    async def notifications(self, *, before: datetime) -> int:
        """What is everyone's is read by each at another time, so it goes by its age."""
        was_read = notifications.c.read_at < before
        is_old = notifications.c.user_id.is_(None) & (notifications.c.created_at < before)
        return await self._purge(notifications, was_read) + await self._purge(notifications, is_old)

    async def _purge(self, table: Table, condition: ColumnElement[bool]) -> int:
        some = select(table.c.id).where(condition).limit(self._batch)
        statement = delete(table).where(table.c.id.in_(some))
        total = 0
        while True:
            async with self._engine.begin() as connection:
                deleted = (await connection.execute(statement)).rowcount
            total += deleted
            if deleted < self._batch:
                return total
