"""A fake service, and a client of it whose time passes only while it waits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.clock import StandingClock
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.waiting import FreeTurnstile, Waiting
from workers.engines.trademaster.breaker import Breaker
from workers.engines.trademaster.client import TradeMasterClient
from workers.engines.trademaster.dynamics import MarketDynamics
from workers.engines.trademaster.pace import Pace
from workers.engines.trademaster.session import Training


@pytest.fixture
def waiting() -> Waiting:
    return Waiting(StandingClock())


@pytest.fixture
def fake() -> FakeTradeMaster:
    return FakeTradeMaster()


@pytest.fixture
def breaker(waiting: Waiting) -> Breaker:
    return Breaker(clock=waiting.clock)


@pytest.fixture
async def client(fake: FakeTradeMaster, waiting: Waiting, breaker: Breaker) -> AsyncIterator[TradeMasterClient]:
    transport = httpx.ASGITransport(fake.app)
    made = TradeMasterClient("http://fake", breaker=breaker, sleep=waiting.sleep, timeout_s=0.2, transport=transport)
    async with made:
        yield made


@pytest.fixture
def pace(waiting: Waiting) -> Pace:
    return Pace(clock=waiting.clock, sleep=waiting.sleep)


@pytest.fixture
def training(client: TradeMasterClient, pace: Pace) -> Training:
    return Training(client=client, service="lab", turnstile=FreeTurnstile(), pace=pace)


@pytest.fixture
def market(client: TradeMasterClient, pace: Pace) -> MarketDynamics:
    return MarketDynamics(client=client, service="lab", turnstile=FreeTurnstile(), pace=pace)
