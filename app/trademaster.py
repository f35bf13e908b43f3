"""The TradeMaster services of this installation, for workers and for the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from redis.asyncio import Redis

from app.health import Missing, Probe
from app.services import REMEDY
from app.settings import Settings
from domain.clock import Clock
from domain.errors import Refused, Unavailable
from domain.trainings.remote import Choice, RemoteDataset, RemoteOffer
from persistence.redis.link import Link
from persistence.redis.seats import RedisSeats
from persistence.redis.turnstile import RedisTurnstile
from workers.engines.trademaster.breaker import Breaker, State
from workers.engines.trademaster.calls import Sleep
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.errors import Declined, Unreachable
from workers.engines.trademaster.offer import Offer, OfferBook
from workers.engines.trademaster.pace import Pace
from workers.engines.trademaster.service import Service

# How long somebody at a screen waits for it, and for how long an answer about its health is good.
PATIENCE_S = 5.0
LOOK_EVERY = timedelta(seconds=10)


@asynccontextmanager
async def open_services(
    settings: Settings, *, redis: Redis, clock: Clock, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Sequence[Service]]:
    """Those that workers train on. None of them need answer."""
    link = Link(redis, clock=clock, timeout_s=5)
    stalls = {name: timedelta(seconds=int(text)) for name, text in settings.trademaster_stall_s}
    pace = Pace(clock=clock, sleep=sleep)
    pace = replace(pace, stall=stalls.pop("", pace.stall))
    async with _open_clients(settings, clock=clock, sleep=sleep, timeout_s=30) as clients:
        yield [
            Service(
                name=name,
                client=client,
                book=OfferBook(client, clock=clock),
                turnstile=RedisTurnstile(link),
                seats=RedisSeats(link, clock=clock),
                limit=settings.trademaster_trainings,
                pace=pace,
                stalls=stalls,
            )
            for name, client in clients.items()
        ]


@asynccontextmanager
async def open_remotes(settings: Settings, *, clock: Clock) -> AsyncIterator[TradeMasters]:
    """What the API asks them."""
    async with _open_clients(settings, clock=clock, timeout_s=PATIENCE_S) as clients:
        yield TradeMasters({name: _Way(client, clock) for name, client in clients.items()})


@asynccontextmanager
async def _open_clients(
    settings: Settings, *, clock: Clock, timeout_s: float, sleep: Sleep = asyncio.sleep
) -> AsyncIterator[Mapping[str, TradeMasterClient]]:
    async with AsyncExitStack() as stack:
        found = {}
        for name, url in settings.trademaster_services.items():
            client = TradeMasterClient(url, breaker=Breaker(clock=clock), sleep=sleep, timeout_s=timeout_s)
            found[name] = await stack.enter_async_context(client)
        yield found


class _Way:
    """To one service."""

    def __init__(self, client: TradeMasterClient, clock: Clock) -> None:
        self.client = client
        self.book = OfferBook(client, clock=clock)
        self._clock = clock
        self._looked_at: datetime | None = None
        self._answers = False
        self._one_at_a_time = asyncio.Lock()

    async def answers(self) -> bool:
        async with self._one_at_a_time:
            now = self._clock()
            if self._looked_at is None or now >= self._looked_at + LOOK_EVERY:
                self._answers, self._looked_at = await self._asked(), now
        return self._answers

    async def offer(self, *, fresh: bool = False) -> Offer:
        """Raises Unavailable."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.book.get(fresh=fresh)
        except (Unreachable, Declined, TimeoutError) as error:
            raise Unavailable("The TradeMaster service does not answer just now.") from error

    async def _asked(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self.client.healthy()
        except TimeoutError:
            return False


class TradeMasters:
    """Implements domain.trainings.remote.Remotes, by the names of the engines."""

    def __init__(self, ways: Mapping[str, _Way]) -> None:
        self._ways = ways

    def __contains__(self, engine: object) -> bool:
        return engine in self._ways

    @property
    def names(self) -> Sequence[str]:
        return list(self._ways)

    async def answers(self, engine: str) -> bool:
        """As it was a moment ago."""
        return await self._ways[engine].answers()

    async def offer(self, engine: str, *, fresh: bool = False) -> RemoteOffer:
        return shown(await self._ways[engine].offer(fresh=fresh))

    async def check(self, engine: str, choice: Choice) -> None:
        way = self._ways[engine]
        try:
            _accept(await way.offer(), choice)
        except Unavailable:
            return
        except Refused:
            # It may have been given more since it was last asked.
            await self._check_again(way, choice)

    async def _check_again(self, way: _Way, choice: Choice) -> None:
        try:
            offer = await way.offer(fresh=True)
        except Unavailable:
            return
        _accept(offer, choice)

    def probes(self) -> Mapping[str, Probe]:
        """For /ready."""
        return {name: _probe(way) for name, way in self._ways.items()}


def _accept(offer: Offer, choice: Choice) -> None:
    try:
        offer.words(choice)
    except Refused as refused:
        raise Refused(*(replace(one, field=("parameters", *one.field)) for one in refused.problems)) from refused


def shown(offer: Offer) -> RemoteOffer:
    return RemoteOffer(
        tasks=offer.tasks,
        datasets=tuple(_dataset(offer, name) for name in offer.datasets),
        agents=offer.agents,
        optimizers=offer.optimizers,
        losses=offer.losses,
        pairs=offer.pairs(),
    )


def _dataset(offer: Offer, name: str) -> RemoteDataset:
    start, end = offer.range_of(name) or (None, None)
    return RemoteDataset(name, name.partition(":")[0], start, end)


def _probe(way: _Way) -> Probe:
    async def answers() -> None:
        if not await way.answers():
            is_left_alone = way.client.state is not State.CLOSED
            problem = "It does not answer, and is left alone for a moment." if is_left_alone else "It does not answer."
            raise Missing(problem, REMEDY)

    return answers
