"""A real Postgres and a real Valkey for the whole run, a database of its own for each test process.

The servers are started once, by the process that starts the run; a template database is migrated once and each process
clones it. Between tests the rows are taken away, which is faster than cloning again.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import httpx
import hypothesis
import pytest
from hypothesis import HealthCheck
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from app import migrate
from app.asgi import app_of
from app.connections import Connections, open_connections
from app.embedded.endpoints import Endpoints
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
from app.factory import Factory, factory_on
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.settings import Settings
from persistence.database import Reader
from persistence.work import Works
from tests.support.api import Api
from tests.support.clock import StandingClock
from tests.support.logs import usual_logs
from tests.support.passwords import QUICK
from tests.support.rows import empty_tables

_DATABASE, _REDIS = "TMW_TEST_DATABASE_URL", "TMW_TEST_REDIS_URL"
_servers = ExitStack()


# How long an example takes says more of what else the machine does. The same examples in each run, so that a red one is
# about the change; others by `./tmw test --hypothesis-profile=random`.
_random = hypothesis.settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.register_profile("random", _random)
hypothesis.settings.register_profile("house", _random, derandomize=True)
hypothesis.settings.load_profile("house")
usual_logs()


def pytest_configure(config: pytest.Config) -> None:
    """In the process that starts the run only; the others find the addresses in their environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(_servers.enter_context(tempfile.TemporaryDirectory(prefix="tmw-tests-", ignore_cleanup_errors=True)))
    # As root, Postgres runs as another user, who must be able to pass through.
    folder.chmod(0o711)
    postgres, valkey = EmbeddedPostgres(folder / "postgres", durable=False), EmbeddedValkey(folder / "valkey")
    os.environ[_DATABASE] = postgres.start()
    _servers.callback(postgres.stop)
    os.environ[_REDIS] = valkey.start()
    _servers.callback(valkey.stop)
    migrate.upgrade(Endpoints(os.environ[_DATABASE], None, ""))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _servers.close()


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    worker = getattr(request.config, "workerinput", {"workerid": "gw0"})["workerid"]
    return int(worker.removeprefix("gw"))


@pytest.fixture(scope="session")
async def database_url(worker_number: int) -> str:
    """A clone of the migrated template."""
    template = os.environ[_DATABASE]
    name = f"test_{worker_number}"
    # A database can be cloned only while nobody is connected to it, so all clone one after the other.
    admin = await asyncpg.connect(template.rsplit("/", 1)[0] + "/postgres")
    try:
        await admin.execute("SELECT pg_advisory_lock(1)")
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE trademaster")
    finally:
        await admin.close()
    return template.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def redis_url(worker_number: int) -> str:
    return _with_number(os.environ[_REDIS], worker_number)


def _with_number(url: str, number: int) -> str:
    """Each process has a database of its own in the one Valkey."""
    return re.sub(r"(db=|/)0$", rf"\g<1>{number}", url)


@pytest.fixture(scope="session")
def endpoints(database_url: str, redis_url: str) -> Endpoints:
    return Endpoints(database_url, None, redis_url)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a person's own machine, whatever the environment of the run says."""
    return Settings(_env_file=None, state_dir=tmp_path_factory.mktemp("state"))


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(scope="session")
async def ways(endpoints: Endpoints) -> AsyncIterator[Connections]:
    """Kept from test to test: a new connection costs Postgres more than what most tests ask of it."""
    async with open_connections(Settings(_env_file=None), endpoints) as made:
        yield made


@pytest.fixture
async def factory(ways: Connections, settings: Settings, clock: StandingClock) -> AsyncIterator[Factory]:
    """The whole platform without its servers, on empty tables."""
    async with factory_on(ways, settings, clock, QUICK) as made:
        await made.redis.flushdb()
        await empty_tables(made.engine)
        yield made


@pytest.fixture
def engine(factory: Factory) -> AsyncEngine:
    return factory.engine


@pytest.fixture
def reader(factory: Factory) -> Reader:
    return factory.reader


@pytest.fixture
def works(factory: Factory) -> Works:
    return factory.works


@pytest.fixture
def redis(factory: Factory) -> Redis:
    return factory.redis


@pytest.fixture
async def api(factory: Factory) -> AsyncIterator[Api]:
    """The application itself, without a socket between."""
    app = app_of(factory, metrics=Metrics("test"), tracing=Tracing())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield Api(client)
