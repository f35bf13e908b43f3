"""When API tokens were last used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from app.token_use import TokenUse
from domain.accounts.api_tokens import NewApiToken
from domain.accounts.model import Scope
from domain.errors import Unauthenticated, Unavailable
from domain.viewer import Origin
from domain.work import UnitOfWork
from persistence.tables.users import api_tokens
from tests.support.clock import NOON, StandingClock
from tests.support.patience import PATIENCE_S
from tests.support.people import a_person
from tests.support.written import sent


@pytest.fixture
async def secret(factory: Factory) -> str:
    ann = await a_person(factory, "ann")
    return (await factory.use.accounts.api_tokens.create(ann.viewer, NewApiToken(name="t", scopes=[Scope.READ]))).secret


async def used_at(engine: AsyncEngine) -> datetime | None:
    async with engine.connect() as connection:
        return await connection.scalar(select(api_tokens.c.last_used_at))


async def test_a_use_is_noted_at_most_once_a_minute(
    factory: Factory, engine: AsyncEngine, clock: StandingClock, secret: str
) -> None:
    with sent(engine) as texts:
        for _ in range(5):
            await factory.viewers.behind(secret, Origin())
        await factory.token_use.finish()
    assert [text.split()[0] for text in texts] == ["UPDATE", "COMMIT"]
    assert await used_at(engine) == NOON
    clock.advance(seconds=59)
    await factory.viewers.behind(secret, Origin())
    await factory.token_use.finish()
    assert await used_at(engine) == NOON
    now = clock.advance(seconds=1)
    await factory.viewers.behind(secret, Origin())
    await factory.token_use.finish()
    assert await used_at(engine) == now


async def test_several_processes_together_write_once_a_minute(
    factory: Factory, engine: AsyncEngine, clock: StandingClock, secret: str
) -> None:
    await factory.viewers.behind(secret, Origin())
    await factory.token_use.finish()
    clock.advance(seconds=30)
    elsewhere = TokenUse(works=factory.works, clock=clock)
    async with engine.connect() as connection:
        token_hash = await connection.scalar(select(api_tokens.c.token_hash))
    elsewhere.note(token_hash)
    await elsewhere.finish()
    assert await used_at(engine) == NOON


async def test_what_is_no_token_is_not_noted(factory: Factory, engine: AsyncEngine, secret: str) -> None:
    with sent(engine) as texts:
        for token in (secret[:-1], secret[:-1] + "!", "tmw_"):
            with pytest.raises(Unauthenticated):
                await factory.viewers.behind(token, Origin())
        await factory.token_use.finish()
    assert texts == []


async def test_a_request_neither_waits_nor_fails_when_it_cannot_be_noted(
    factory: Factory, engine: AsyncEngine, clock: StandingClock, secret: str
) -> None:
    async with engine.connect() as connection, connection.begin():
        await connection.execute(select(api_tokens).with_for_update())
        # The row is held by somebody else, so the note has to wait; the request does not.
        assert (await factory.viewers.behind(secret, Origin())).viewer.user_id is not None
        assert await asyncio.wait_for(factory.viewers.behind(secret, Origin()), PATIENCE_S)
    await factory.token_use.finish()
    assert await used_at(engine) == NOON


async def test_a_note_that_failed_is_tried_again_at_the_next_use(
    factory: Factory, engine: AsyncEngine, clock: StandingClock, secret: str
) -> None:
    async with engine.connect() as connection:
        token_hash = await connection.scalar(select(api_tokens.c.token_hash))
    away = [True]

    @asynccontextmanager
    async def works() -> AsyncIterator[UnitOfWork]:
        if away.pop():
            raise Unavailable
        async with factory.works() as work:
            yield work

    use = TokenUse(works=works, clock=clock)
    use.note(token_hash)
    await use.finish()
    assert await used_at(engine) is None
    away.append(False)
    use.note(token_hash)
    await use.finish()
    assert await used_at(engine) == NOON
