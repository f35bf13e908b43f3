"""The ways of one process to Postgres and Redis. None of them need answer when they are made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.embedded.endpoints import Endpoints
from app.settings import Settings
from persistence.database import Reader, engine_for
from persistence.redis.pool import FinalPool


@dataclass(frozen=True, slots=True)
class Connections:
    engine: AsyncEngine
    """Writes."""
    reader: Reader
    """Reads, from the replica where there is one."""
    primary: Reader
    """Reads that must not lag: who is behind a token."""
    redis: Redis


@asynccontextmanager
async def open_connections(settings: Settings, endpoints: Endpoints) -> AsyncIterator[Connections]:
    async with AsyncExitStack() as stack:
        engine = _engine(settings, endpoints.database_url)
        stack.push_async_callback(engine.dispose)
        primary = reader = await stack.enter_async_context(_reader(settings, endpoints.database_url))
        if endpoints.read_database_url:
            reader = await stack.enter_async_context(_reader(settings, endpoints.read_database_url))
        redis = redis_for(endpoints.redis_url)
        stack.push_async_callback(redis.connection_pool.aclose)
        yield Connections(engine, reader, primary, redis)


def redis_for(url: str) -> Redis:
    """A client that notices a dead server quickly, and asks for nothing at start."""
    pool = FinalPool.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=15)
    return Redis(connection_pool=pool)


def _engine(settings: Settings, url: str) -> AsyncEngine:
    return engine_for(
        url,
        pool=settings.database_pool,
        overflow=settings.database_overflow,
        recycle_s=settings.database_recycle_s,
        statement_timeout_ms=settings.database_statement_timeout_ms,
    )


@asynccontextmanager
async def _reader(settings: Settings, url: str) -> AsyncIterator[Reader]:
    reader = Reader(
        url,
        pool=settings.database_read_pool,
        recycle_s=settings.database_recycle_s,
        statement_timeout_ms=settings.database_statement_timeout_ms,
    )
    try:
        yield reader
    finally:
        await reader.close()
