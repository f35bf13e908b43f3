"""What the writing stores share: small helpers around a connection inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Executable, Row, Table, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection


class WriteStore:
    """A store that lives inside one unit of work."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _one(self, statement: Executable, values: Mapping[str, object] | None = None) -> Row[Any] | None:
        return (await self._connection.execute(statement, values)).one_or_none()

    async def _insert(self, table: Table, entity: Any, **extra: object) -> None:
        await self._connection.execute(insert(table).values(**_columns(table, entity), **extra))

    async def _update(self, table: Table, entity: Any) -> None:
        values = _columns(table, entity)
        await self._connection.execute(update(table).where(table.c.id == values.pop("id")).values(**values))


def _columns(table: Table, entity: Any) -> dict[str, Any]:
    values = {name: value for name, value in asdict(entity).items() if name in table.c}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def violated(error: IntegrityError) -> str:
    """The name of the constraint that was violated."""
    cause = getattr(error.orig, "__cause__", None)
    return str(getattr(cause, "constraint_name", "") or "")
