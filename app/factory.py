"""The one place where everything is put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.about import VERSION
from app.adapters.jwt import KeyRing
from app.bell import AccessBell
from app.embedded.endpoints import Endpoints
from app.keys import load_keys
from app.sessions import AppSessions
from app.settings import Settings
from app.viewers import Viewers
from domain.clock import Clock, utc_now
from domain.projects.service import Projects
from domain.viewer import Viewer
from domain.work import AccessChanged, Event, Queue
from graph.context import Context
from graph.loaders import Loaders
from graph.parts import About, Reads, UseCases
from persistence.account_reads import PostgresAccountReads
from persistence.database import Reader, engine_for
from persistence.documents import DocumentReads
from persistence.projects import PostgresProjectReads
from persistence.work import Bells, Works
from workers.bells import RedisBells


class LocalFirstBells:
    """Tells this process before it tells the others: what it answers next is right even before Redis has rung."""

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self.listeners: list[Callable[[AccessChanged], None]] = []

    async def ring(self, queue: Queue, task_id: str) -> None:
        await self._bells.ring(queue, task_id)

    async def tell(self, event: Event) -> None:
        self.hear(event)
        await self._bells.tell(event)

    def hear(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)


@dataclass(frozen=True, slots=True)
class Factory:
    """What one process shares. Requests get their own Context out of it."""

    settings: Settings
    clock: Clock
    engine: AsyncEngine
    reader: Reader
    redis: Redis
    keys: KeyRing
    works: Works
    reads: Reads
    use: UseCases
    documents: DocumentReads
    viewers: Viewers
    sessions: AppSessions
    bell: AccessBell


@asynccontextmanager
async def open_factory(settings: Settings, endpoints: Endpoints, *, clock: Clock = utc_now) -> AsyncIterator[Factory]:
    """Put everything together, and take it apart again. Neither database nor Redis need answer yet."""
    async with AsyncExitStack() as stack:
        engine = _engine(settings, endpoints)
        stack.push_async_callback(engine.dispose)
        reader = _reader(settings, endpoints)
        await reader.open()
        stack.push_async_callback(reader.close)
        redis = redis_for(endpoints.redis_url)
        stack.push_async_callback(redis.aclose)
        yield _assemble(settings, clock, engine, reader, redis)


def _assemble(settings: Settings, clock: Clock, engine: AsyncEngine, reader: Reader, redis: Redis) -> Factory:
    keys = load_keys(settings, clock)
    bells = LocalFirstBells(RedisBells(redis))
    works = Works(engine, bells, clock)
    reads = Reads(accounts=PostgresAccountReads(reader), projects=PostgresProjectReads(reader))
    use = UseCases(projects=Projects(works=works, clock=clock))
    about = About(VERSION, settings.registration_open)

    def make_context(viewer: Viewer) -> Context:
        return Context(viewer, reads, use, Loaders(viewer, reads), clock, about)

    viewers = Viewers(signer=keys, accounts=reads.accounts, clock=clock, hears_changes=lambda: bell.hears)
    sessions = AppSessions(viewers=viewers, make_context=make_context)
    bell = AccessBell(redis, on_change=bells.hear, on_gap=viewers.forget_all)
    bells.listeners += [viewers.forget, sessions.changed]
    return Factory(
        settings=settings,
        clock=clock,
        engine=engine,
        reader=reader,
        redis=redis,
        keys=keys,
        works=works,
        reads=reads,
        use=use,
        documents=DocumentReads(reader),
        viewers=viewers,
        sessions=sessions,
        bell=bell,
    )


def redis_for(url: str) -> Redis:
    """A client that notices a dead server quickly, and asks for nothing at start."""
    client: Redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5, health_check_interval=15)
    return client


def _engine(settings: Settings, endpoints: Endpoints) -> AsyncEngine:
    return engine_for(
        endpoints.database_url,
        pool=settings.database_pool,
        overflow=settings.database_overflow,
        recycle_s=settings.database_recycle_s,
        statement_timeout_ms=settings.database_statement_timeout_ms,
    )


def _reader(settings: Settings, endpoints: Endpoints) -> Reader:
    return Reader(
        endpoints.read_database_url or endpoints.database_url,
        pool=settings.database_read_pool,
        recycle_s=settings.database_recycle_s,
        statement_timeout_ms=settings.database_statement_timeout_ms,
    )
