"""Registering operations by their hash."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.factory import Factory
from domain.documents import MOST_AT_ONCE
from domain.errors import Forbidden
from domain.viewer import NOBODY, OPERATOR
from tests.support.accounts import Stored
from tests.support.refusals import refused
from tests.support.rows import fingerprint

PING, PONG = "query Ping { ping }", "query Pong { pong }"


def good(_: str) -> list[str]:
    return []


def picky(text: str) -> list[str]:
    return ["Line 1: no.", "Line 2: neither."] if "bad" in text else []


async def test_documents_are_found_by_their_hash(factory: Factory) -> None:
    made = await factory.use.documents.register(OPERATOR, [("Ping", PING), ("Pong", PONG)], good)
    assert [(each.document.name, each.is_new) for each in made] == [("Ping", True), ("Pong", True)]
    for text in (PING, PONG):
        assert await factory.documents.get(sha256(text.encode()).hexdigest()) == text
    assert await Stored(factory.engine).audit() == [("documents.registered", None)]


async def test_registering_again_changes_nothing(factory: Factory, engine: AsyncEngine) -> None:
    await factory.use.documents.register(OPERATOR, [("Ping", PING)], good)
    before = await fingerprint(engine)
    again = await factory.use.documents.register(OPERATOR, [("Other", PING), ("Third", PING)], good)
    assert [each.is_new for each in again] == [False, False]
    assert await fingerprint(engine) == before


async def test_when_one_is_no_good_none_is_registered(factory: Factory, engine: AsyncEngine) -> None:
    before = await fingerprint(engine)
    documents = [("Ping", PING), ("", "bad"), ("Nul", "# \x00"), ("Half", "# \ud800")]
    assert await refused(factory.use.documents.register(OPERATOR, documents, picky)) == [
        ("REQUIRED", "documents.1.name"),
        ("INVALID", "documents.2.document"),
        ("INVALID", "documents.3.document"),
    ]
    assert await refused(factory.use.documents.register(OPERATOR, [("Bad", "bad")], picky)) == [
        ("INVALID", "documents.0.document"),
        ("INVALID", "documents.0.document"),
    ]
    assert await refused(factory.use.documents.register(OPERATOR, [], good)) == [("REQUIRED", "documents")]
    many = [("Ping", PING)] * (MOST_AT_ONCE + 1)
    assert await refused(factory.use.documents.register(OPERATOR, many, good)) == [("TOO_LONG", "documents")]
    assert await fingerprint(engine) == before


async def test_only_admins_register(factory: Factory, engine: AsyncEngine) -> None:
    before = await fingerprint(engine)
    with pytest.raises(Forbidden):
        await factory.use.documents.register(NOBODY, [("Ping", PING)], good)
    assert await fingerprint(engine) == before


async def test_two_who_register_the_same_at_once_both_succeed(factory: Factory, engine: AsyncEngine) -> None:
    documents = [(f"N{number}", f"query N{number} {{ ping }}") for number in range(50)]
    both = await asyncio.gather(
        factory.use.documents.register(OPERATOR, documents, good),
        factory.use.documents.register(OPERATOR, documents[::-1], good),
    )
    assert sum(each.is_new for made in both for each in made) == 50
