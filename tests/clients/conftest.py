from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.embedded.endpoints import Endpoints
from app.factory import Factory
from app.settings import ROOT, Settings
from domain.clock import Clock, utc_now
from tests.graph.transport.conftest import stage, world
from tests.support.node import install
from tests.support.people import Person, a_person
from tests.support.proxy import Proxy
from tests.support.town import Town, a_town

__all__ = ["stage", "world"]
HERE = Path(__file__).parent
EXAMPLE = ROOT / "clients/typescript"


@pytest.fixture(scope="session")
def scripts() -> Path:
    """The scripts here, with what they import."""
    install(HERE)
    return HERE / "scripts"


@pytest.fixture(scope="session")
def example() -> Path:
    """The example, with what it imports."""
    install(EXAMPLE)
    return EXAMPLE


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
async def proxy(town: Town) -> AsyncIterator[Proxy]:
    async with Proxy.before(town.port) as proxy:
        yield proxy


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")
