"""The one place where everything is put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import argon2
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app.about import VERSION
from app.accounts import accounts
from app.adapters.argon2 import Argon2Hasher
from app.adapters.jwt import KeyRing
from app.bell import AccessBell
from app.embedded.endpoints import Endpoints
from app.health import Readiness
from app.keys import load_keys
from app.middleware.drain import Drain
from app.probes import probes
from app.sessions import AppSessions, ContextMaker
from app.settings import Settings
from app.status import Status
from app.token_use import TokenUse
from app.viewers import Viewers
from domain.accounts.ports import PasswordHasher
from domain.clock import Clock, utc_now
from domain.configs import Configs
from domain.documents import Documents
from domain.projects.service import Projects
from domain.strategies.service import Strategies
from domain.strategies.templates import Templates
from domain.viewer import Viewer
from domain.work import AccessChanged, Event, Queue
from graph.context import Context
from graph.loaders import Loaders
from graph.parts import About, Reads, UseCases
from graph.rates import Rates
from persistence.account_reads import PostgresAccountReads
from persistence.audit import AuditReads
from persistence.configs import ConfigReads
from persistence.database import Reader, engine_for
from persistence.documents import DocumentReads
from persistence.projects import PostgresProjectReads
from persistence.redis.blocks import BlockRateLimiter
from persistence.redis.link import Link
from persistence.redis.rate import RedisRateLimiter
from persistence.redis.throttle import RedisLoginThrottle
from persistence.strategy_reads import PostgresStrategyReads
from persistence.templates import PostgresTemplateReads
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
    token_use: TokenUse
    sessions: AppSessions
    bell: AccessBell
    drain: Drain
    readiness: Readiness
    make_context: ContextMaker


@asynccontextmanager
async def open_factory(
    settings: Settings, endpoints: Endpoints, *, clock: Clock = utc_now, passwords: argon2.PasswordHasher | None = None
) -> AsyncIterator[Factory]:
    """Put everything together, and take it apart again. Neither database nor Redis need answer yet."""
    async with AsyncExitStack() as stack:
        engine = _engine(settings, endpoints)
        stack.push_async_callback(engine.dispose)
        reader = _reader(settings, endpoints)
        await reader.open()
        stack.push_async_callback(reader.close)
        redis = redis_for(endpoints.redis_url)
        stack.push_async_callback(redis.aclose)
        hasher = Argon2Hasher(passwords)
        stack.callback(hasher.close)
        made = _assemble(settings, clock, engine=engine, reader=reader, redis=redis, hasher=hasher)
        stack.push_async_callback(made.token_use.finish)
        yield made


def _assemble(
    settings: Settings, clock: Clock, *, engine: AsyncEngine, reader: Reader, redis: Redis, hasher: PasswordHasher
) -> Factory:
    drain = Drain()
    keys = load_keys(settings, clock)
    bells = LocalFirstBells(RedisBells(redis))
    works = Works(engine, bells, clock)
    reads = Reads(
        accounts=PostgresAccountReads(reader),
        audit=AuditReads(reader),
        configs=ConfigReads(reader),
        projects=PostgresProjectReads(reader),
        strategies=PostgresStrategyReads(reader),
        templates=PostgresTemplateReads(reader),
    )
    link = Link(redis, clock=clock)
    throttle = RedisLoginThrottle(
        link,
        clock=clock,
        per_account=settings.login_attempts_per_account,
        per_address=settings.login_attempts_per_address,
    )
    use = UseCases(
        accounts=accounts(settings, works=works, clock=clock, keys=keys, hasher=hasher, throttle=throttle),
        configs=Configs(works=works, clock=clock),
        documents=Documents(works=works),
        projects=Projects(works=works, clock=clock),
        strategies=Strategies(works=works, clock=clock),
        templates=Templates(works=works, clock=clock),
    )
    readiness = Readiness(probes(reader, redis), stopping=lambda: drain.begun)
    status = Status(readiness)
    limiter = BlockRateLimiter(RedisRateLimiter(link, clock=clock), clock=clock)
    rates = Rates(limiter, settings.rate_per_minute, settings.list_rate_per_minute)
    about = About(VERSION, settings.registration_open)

    def make_context(viewer: Viewer, facts: MutableMapping[str, Any]) -> Context:
        return Context(viewer, reads, use, Loaders(viewer, reads), clock, about, status, rates, facts)

    token_use = TokenUse(works=works, clock=clock)
    viewers = Viewers(
        signer=keys,
        accounts=reads.accounts,
        clock=clock,
        hears_changes=lambda: bell.hears,
        on_token_use=token_use.note,
    )
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
        token_use=token_use,
        sessions=sessions,
        bell=bell,
        drain=drain,
        readiness=readiness,
        make_context=make_context,
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
