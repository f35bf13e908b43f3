from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from app.settings import Settings
from domain.clock import Clock, utc_now
from tests.support.people import Person, a_person
from tests.support.town import Town, a_town


@pytest.fixture
def clock() -> Clock:
    """Sockets live in real time."""
    return utc_now


@pytest.fixture
async def town(factory: Factory, settings: Settings, endpoints: Endpoints) -> AsyncIterator[Town]:
    """The `factory` stands for another process, a worker's say."""
    async with a_town(settings, endpoints) as town:
        yield town


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")
