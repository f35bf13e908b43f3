"""The use cases of accounts on real stores, with quick hashing and a bell that can be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.accounts import accounts
from app.adapters.argon2 import Argon2Hasher
from app.factory import Factory
from app.settings import Settings
from graph.parts import Accounts
from persistence.redis.throttle import RedisLoginThrottle
from persistence.work import Works
from tests.support.accounts import Stored
from tests.support.bells import HeardBells
from tests.support.clock import StandingClock
from tests.support.links import patient
from tests.support.passwords import QUICK, CountingHasher


@pytest.fixture
def hasher() -> Iterator[CountingHasher]:
    inner = Argon2Hasher(QUICK)
    yield CountingHasher(inner)
    inner.close()


@pytest.fixture
def bells() -> HeardBells:
    return HeardBells()


@pytest.fixture
def heard_works(engine: AsyncEngine, bells: HeardBells, clock: StandingClock) -> Works:
    return Works(engine, bells, clock)


@pytest.fixture
def settings_here(settings: Settings) -> Settings:
    return settings.with_(login_attempts_per_account=3, login_attempts_per_address=20)


@pytest.fixture
def use(
    settings_here: Settings, factory: Factory, heard_works: Works, clock: StandingClock, hasher: CountingHasher
) -> Accounts:
    throttle = RedisLoginThrottle(
        patient(factory.redis, clock),
        clock=clock,
        per_account=settings_here.login_attempts_per_account,
        per_address=settings_here.login_attempts_per_address,
    )
    return accounts(settings_here, works=heard_works, clock=clock, keys=factory.keys, hasher=hasher, throttle=throttle)


@pytest.fixture
def stored(engine: AsyncEngine) -> Stored:
    return Stored(engine)
