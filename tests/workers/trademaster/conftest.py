from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.embedded.endpoints import Endpoints
from app.settings import Settings
from tests.support.people import Person, a_person
from tests.support.trademaster.fake import FakeTradeMaster
from tests.support.trademaster.lab import Lab, a_lab


@pytest.fixture
def fake() -> FakeTradeMaster:
    return FakeTradeMaster()


@pytest.fixture
async def lab(settings: Settings, endpoints: Endpoints, fake: FakeTradeMaster) -> AsyncIterator[Lab]:
    async with a_lab(settings, endpoints, fake) as made:
        yield made


@pytest.fixture
async def ann(lab: Lab) -> Person:
    return await a_person(lab.factory, "ann")
