"""Ten jobs, two workers, one service: real Redis, a real socket."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from redis.asyncio import Redis

from domain.clock import utc_now
from persistence.redis.link import Link
from persistence.redis.seats import RedisSeats
from persistence.redis.turnstile import RedisTurnstile
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.program import served
from tests.support.trademaster.runs import Mood
from workers.engines.trademaster.breaker import Breaker
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.events import Event, Finished
from workers.engines.trademaster.offer import TrainingWords
from workers.engines.trademaster.pace import Pace
from workers.engines.trademaster.session import Training

BTC = TrainingWords("algorithmic_trading", "algorithmic_trading:BTC", "algorithmic_trading:deepscalper", "adam", "mse")


async def soon(seconds: float) -> None:
    await asyncio.sleep(0.001)


class Worker:
    def __init__(self, address: str, redis: Redis) -> None:
        link = Link(redis, clock=utc_now, timeout_s=5)
        self.client = TradeMasterClient(address, breaker=Breaker(clock=utc_now), sleep=soon, timeout_s=10)
        self.turnstile = RedisTurnstile(link, retry_s=0.005)
        self.seats = RedisSeats(link, clock=utc_now)

    async def train(self, job: str, limit: int) -> Event:
        while not await self.seats.take("lab", job, limit):
            await soon(1)
        training = Training(
            client=self.client,
            service="lab",
            turnstile=self.turnstile,
            pace=Pace(clock=utc_now, sleep=soon, away=timedelta(seconds=30)),
            keep=lambda: self.seats.keep("lab", job),
        )
        async for event in training.run(BTC):
            last = event
        await self.seats.leave("lab", job)
        return last


@pytest.mark.parametrize("limit", [1, 3])
async def test_the_limit_holds_writes_never_overlap_and_all_end(redis: Redis, limit: int) -> None:
    fake = FakeTradeMaster(Mood(lines_per_poll=120, slow_s=0.002))
    async with served(fake) as address:
        workers = [Worker(address, redis) for _ in range(2)]
        jobs = [workers[number % 2].train(f"job {number}", limit) for number in range(10)]
        ends = await asyncio.gather(*jobs)
        for worker in workers:
            async with worker.client:
                assert await worker.client.healthy()
    assert all(isinstance(end, Finished) and end.measures["total_return"].value == 17.242411 for end in ends)
    assert len(fake.sessions) == 10
    assert (fake.most_busy, fake.most_writes) == (limit, 1)


async def test_nobody_listens() -> None:
    async with served(FakeTradeMaster()) as address:
        pass
    async with TradeMasterClient(address, breaker=Breaker(clock=utc_now), sleep=soon, timeout_s=1) as client:
        assert not await client.healthy()


async def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with served(FakeTradeMaster()) as address, httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{address}/api/TradeMaster/healthcheck")).status_code == 200
        async with TradeMasterClient(address, breaker=Breaker(clock=utc_now), sleep=soon) as client:
            assert await client.healthy()
