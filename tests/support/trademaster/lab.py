"""A lab: the platform, workers that train on a fake service over a real socket, and who asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from app.embedded.endpoints import Endpoints
from app.factory import Factory, open_factory
from app.jobs import job_runner
from app.settings import Settings
from app.trademaster import open_services
from domain.catalogue import AlgorithmName
from domain.clock import utc_now
from domain.jobs.model import Job
from domain.trainings.wish import TrainingWish
from tests.support.jobs import the_job
from tests.support.passwords import QUICK
from tests.support.people import Person
from tests.support.rows import empty_tables
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.program import served
from tests.support.trainings import a_trading_strategy
from workers.engines.trademaster.service import Service
from workers.engines.trademaster.watching import Watching
from workers.jobs import JobRunner

ENGINE = "trademaster"
# As many times faster than in life: waits are this much shorter.
FASTER = 1_000
BTC = {"dataset": "BTC"}


async def soon(seconds: float) -> None:
    await asyncio.sleep(seconds / FASTER)


@dataclass(slots=True)
class Lab:
    factory: Factory
    fake: FakeTradeMaster
    service: Service
    address: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def asked(self, who: Person, parameters: Any = None, **values: Any) -> Job:
        """A training, which waits for a worker."""
        strategy = await a_trading_strategy(
            self.factory, who, f"Trade {next(self.numbers)}", algorithm=AlgorithmName.DEEPSCALPER
        )
        wish = TrainingWish(strategy_id=strategy.id, parameters=parameters or BTC, engine=ENGINE, **values)
        return await self.factory.use.trainings.service.start(who.viewer, wish)

    async def worked_at(self, job: Job, *, service: Service | None = None) -> Job:
        """One attempt."""
        await self.runner(service)({"job": str(job.id)})
        return await the_job(self.factory.works, job.id)

    def runner(self, service: Service | None = None) -> JobRunner:
        factory = self.factory
        return job_runner(factory.settings, works=factory.works, clock=utc_now, services=[service or self.service])

    def watching(self) -> Watching:
        return Watching(services=[self.service], works=self.factory.works)

    async def seats_taken(self) -> int:
        return await self.service.seats.taken(ENGINE)


@asynccontextmanager
async def a_lab(settings: Settings, endpoints: Endpoints, fake: FakeTradeMaster, **more: Any) -> AsyncIterator[Lab]:
    async with served(fake) as address:
        settings = settings.with_(trademaster_url=(("", address),), **more)
        async with open_factory(settings, endpoints, clock=utc_now, passwords=QUICK) as factory:
            await factory.redis.flushdb()
            await empty_tables(factory.engine)
            async with a_service(factory) as services:
                yield Lab(factory, fake, services[0], address)


@asynccontextmanager
async def a_service(factory: Factory) -> AsyncIterator[Sequence[Service]]:
    """As the workers of one process have it."""
    async with open_services(factory.settings, redis=factory.redis, clock=utc_now, sleep=soon) as services:
        yield [replace(service, pace=hasty(service)) for service in services]


def hasty(service: Service) -> Any:
    """With waits and patience that are as much shorter."""
    stall = service.pace.stall / FASTER * 5
    return replace(service.pace, stall=stall, away=timedelta(seconds=2), results=timedelta(seconds=2))
