"""The two ways to Postgres: an SQLAlchemy engine that writes, an asyncpg pool that reads.

Reads are most of what an API does, and their cost is mostly Python. So they skip the ORM and SQLAlchemy's
result layer: a statement is compiled once and its text runs on asyncpg (docs/adr/0003). A read is one statement in
autocommit, so a pooled connection needs no BEGIN, no ROLLBACK and no reset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domain.errors import Unavailable
from persistence.pool import Pool
from persistence.reading import Query

_log = structlog.get_logger(__name__)

# What asyncpg raises when the server is away, starting, stopping, or full.
UNREACHABLE: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # It died between two of its messages.
    asyncpg.InternalClientError,
)

SHORTEST_IDLE_MS = 3_000


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()


def engine_for(url: str, *, pool: int, overflow: int, recycle_s: int, statement_timeout_ms: int) -> AsyncEngine:
    """The engine that units of work run on."""
    return create_async_engine(
        driver_url(url),
        pool_size=pool,
        max_overflow=overflow,
        pool_pre_ping=True,
        pool_recycle=recycle_s,
        pool_timeout=5,
        json_serializer=_dump,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 5,
            # For a server that vanished without a word; one that lives ends the statement itself before.
            "command_timeout": statement_timeout_ms / 1000 + 5,
            "server_settings": _server_settings(statement_timeout_ms) | _idle_limit(statement_timeout_ms),
        },
    )


def driver_url(url: str) -> URL:
    return make_url(url).set(drivername="postgresql+asyncpg")


def _server_settings(statement_timeout_ms: int) -> dict[str, str]:
    # jit costs more than it gives on short statements; UTC makes every timestamptz come back the same.
    return {
        "application_name": "trademaster-web",
        "jit": "off",
        "statement_timeout": str(statement_timeout_ms),
        "timezone": "UTC",
    }


def _idle_limit(statement_timeout_ms: int) -> dict[str, str]:
    """A process that stands still in the middle of a transaction keeps its locks only for so long; whoever waits for
    them still gets through."""
    return {"idle_in_transaction_session_timeout": str(max(statement_timeout_ms * 2 // 3, SHORTEST_IDLE_MS))}


class Reader:
    """Runs compiled statements on a pool of plain connections. It can only read: see the server setting."""

    def __init__(self, url: str, *, pool: int, recycle_s: int, statement_timeout_ms: int) -> None:
        self._url = str(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
        self._command_timeout_s = statement_timeout_ms / 1000 + 5
        self._settings = _server_settings(statement_timeout_ms) | {"default_transaction_read_only": "on"}
        self._pool = Pool(self._connect, size=pool, recycle_s=recycle_s)

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._url, timeout=5, command_timeout=self._command_timeout_s, server_settings=self._settings
        )
        await connection.set_type_codec("jsonb", encoder=_dump, decoder=orjson.loads, schema="pg_catalog")
        return connection

    async def close(self) -> None:
        await self._pool.close()

    @property
    def in_use(self) -> int:
        return self._pool.in_use

    @property
    def idle(self) -> int:
        return self._pool.idle

    async def rows(self, query: Query, **values: object) -> Sequence[asyncpg.Record]:
        arguments = query.arguments(values)
        try:
            return await self._pool.fetch(query.sql, arguments)
        except (TimeoutError, asyncpg.QueryCanceledError) as error:
            # Whoever asked has waited long enough.
            _log.warning("a read took too long", sql=query.sql)
            raise Unavailable from error
        except UNREACHABLE:
            # The connection may have died with a restarted server; a read is harmless to repeat, once.
            pass
        try:
            return await self._pool.fetch(query.sql, arguments)
        except (*UNREACHABLE, asyncpg.QueryCanceledError) as error:
            raise Unavailable from error

    async def row(self, query: Query, **values: object) -> asyncpg.Record | None:
        records = await self.rows(query, **values)
        return records[0] if records else None

    async def value(self, query: Query, **values: object) -> Any:
        record = await self.row(query, **values)
        return record[0] if record is not None else None


def in_order(ids: Sequence[UUID], found: dict[UUID, Any]) -> list[Any]:
    """The found ones in the order asked for, None where there is none: what a loader must return."""
    return [found.get(id_) for id_ in ids]
