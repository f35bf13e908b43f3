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
from app.adapters.argon2 import Argon2Hasher
from app.adapters.jwt import KeyRing
from app.bell import AccessBell
from app.connections import Connections, open_connections
from app.datasets import reading_pool
from app.embedded.endpoints import Endpoints
from app.health import Readiness
from app.keys import load_keys
from app.live import LiveParts, live_parts
from app.middleware.drain import Drain
from app.nouns import reads, use_cases
from app.probes import probes
from app.sessions import AppSessions, ContextMaker
from app.settings import Settings
from app.status import Status
from app.token_use import TokenUse
from app.trademaster import TradeMasters, open_remotes
from app.transfers import Transfers, open_transfers
from app.viewers import Viewers
from domain.accounts.ports import PasswordHasher
from domain.clock import Clock, utc_now
from domain.viewer import Viewer
from domain.work import AccessChanged, Event, Queue
from graph.context import Context
from graph.loaders import Loaders
from graph.parts import About, Reads, UseCases
from graph.rates import Rates
from persistence.account_reads import PostgresAccountReads
from persistence.database import Reader
from persistence.documents import DocumentReads
from persistence.redis.blocks import BlockRateLimiter
from persistence.redis.link import Link
from persistence.redis.rate import RedisRateLimiter
from persistence.redis.throttle import RedisLoginThrottle
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
        if isinstance(event, AccessChanged):
            self.hear(event)
        await self._bells.tell(event)

    def hear(self, event: AccessChanged) -> None:
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
    transfers: Transfers
    documents: DocumentReads
    viewers: Viewers
    token_use: TokenUse
    sessions: AppSessions
    bell: AccessBell
    live: LiveParts
    drain: Drain
    readiness: Readiness
    make_context: ContextMaker


@asynccontextmanager
async def open_factory(
    settings: Settings, endpoints: Endpoints, *, clock: Clock = utc_now, passwords: argon2.PasswordHasher | None = None
) -> AsyncIterator[Factory]:
    """Put everything together, and take it apart again. Neither database nor Redis need answer yet."""
    async with open_connections(settings, endpoints) as ways, factory_on(ways, settings, clock, passwords) as made:
        yield made


@asynccontextmanager
async def factory_on(
    ways: Connections, settings: Settings, clock: Clock, passwords: argon2.PasswordHasher | None
) -> AsyncIterator[Factory]:
    """All but the connections, which somebody else closes."""
    async with AsyncExitStack() as stack:
        hasher = Argon2Hasher(passwords)
        stack.callback(hasher.close)
        remotes = await stack.enter_async_context(open_remotes(settings, clock=clock))
        made = _assemble(settings, clock, ways, hasher, stack, remotes=remotes)
        stack.push_async_callback(made.token_use.finish)
        yield made


def _assemble(
    settings: Settings,
    clock: Clock,
    ways: Connections,
    hasher: PasswordHasher,
    stack: AsyncExitStack,
    *,
    remotes: TradeMasters,
) -> Factory:
    keys = load_keys(settings, clock)
    bells = LocalFirstBells(RedisBells(ways.redis))
    works = Works(ways.engine, bells, clock)
    link = Link(ways.redis, clock=clock)
    throttle = _throttle(settings, link, clock)
    noun_reads = reads(ways.reader, clock)
    transfers = stack.enter_context(open_transfers(settings, keys=keys, works=works, reader=ways.primary, clock=clock))
    tables = reading_pool(settings)
    stack.push_async_callback(tables.close)
    live = live_parts(settings, redis=ways.redis, reader=ways.primary, clock=clock)
    use = use_cases(
        settings,
        works=works,
        clock=clock,
        keys=keys,
        hasher=hasher,
        throttle=throttle,
        reads=noun_reads,
        transfers=transfers,
        tables=tables,
        inboxes=live.inboxes,
        remotes=remotes,
    )
    drain = Drain()
    readiness = Readiness(probes(ways.reader, ways.redis), optional=remotes.probes(), stopping=lambda: drain.begun)
    status = Status(readiness)
    limiter = BlockRateLimiter(RedisRateLimiter(link, clock=clock), clock=clock)
    stack.push_async_callback(limiter.close)
    rates = Rates(limiter, settings.rate_per_minute, settings.list_rate_per_minute)
    about = About(VERSION, settings.registration_open)

    def make_context(viewer: Viewer, facts: MutableMapping[str, Any]) -> Context:
        loaders = Loaders(viewer, noun_reads)
        return Context(viewer, noun_reads, use, loaders, clock, about, status, rates, live.live, facts)

    who = _who_comes_in(ways, works, keys=keys, clock=clock, bells=bells, make_context=make_context)
    bells.listeners.append(live.live.watchers.changed)
    return Factory(
        settings=settings,
        clock=clock,
        engine=ways.engine,
        reader=ways.reader,
        redis=ways.redis,
        keys=keys,
        works=works,
        reads=noun_reads,
        use=use,
        transfers=transfers,
        documents=DocumentReads(ways.reader),
        viewers=who.viewers,
        token_use=who.token_use,
        sessions=who.sessions,
        bell=who.bell,
        live=live,
        drain=drain,
        readiness=readiness,
        make_context=make_context,
    )


@dataclass(frozen=True, slots=True)
class _WhoComesIn:
    viewers: Viewers
    token_use: TokenUse
    sessions: AppSessions
    bell: AccessBell


def _who_comes_in(
    ways: Connections, works: Works, *, keys: KeyRing, clock: Clock, bells: LocalFirstBells, make_context: ContextMaker
) -> _WhoComesIn:
    """What is known of people is forgotten when it may have changed."""
    token_use = TokenUse(works=works, clock=clock)
    viewers = Viewers(
        signer=keys,
        accounts=PostgresAccountReads(ways.primary),
        clock=clock,
        hears_changes=lambda: bell.hears,
        on_token_use=token_use.note,
    )
    sessions = AppSessions(viewers=viewers, make_context=make_context)

    def nothing_is_sure() -> None:
        viewers.forget_all()
        sessions.check_all()

    bell = AccessBell(ways.redis, on_change=bells.hear, on_gap=nothing_is_sure)
    bells.listeners += [viewers.forget, sessions.changed]
    return _WhoComesIn(viewers, token_use, sessions, bell)


def _throttle(settings: Settings, link: Link, clock: Clock) -> RedisLoginThrottle:
    return RedisLoginThrottle(
        link,
        clock=clock,
        per_account=settings.login_attempts_per_account,
        per_address=settings.login_attempts_per_address,
    )
