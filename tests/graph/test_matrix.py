"""Every root field as nobody, guest, stranger, viewer, editor, owner and admin.

A refusal also proves that nothing changed: every table is the same before and after.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType

from app.asgi import app_of
from app.embedded.endpoints import Endpoints
from app.factory import Factory, open_factory
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.schema_file import printed_schema
from app.settings import Settings
from tests.graph.matrix import EMPTY, HIDDEN_NODES, MATRIX, NULL, OK, Row
from tests.graph.world import ACTORS, World, a_world
from tests.support.api import Api
from tests.support.clock import StandingClock
from tests.support.passwords import QUICK
from tests.support.rows import empty_tables, fingerprint
from tests.support.subscribing import first_event


class Stage:
    """A world that is made anew only when something changed in it: most cases are refusals and readings."""

    def __init__(self, factory: Factory, api: Api) -> None:
        self.api = api
        self._factory = factory
        self._made: tuple[World, dict[str, str]] | None = None

    async def untouched(self) -> tuple[World, dict[str, str]]:
        """The world, and the fingerprint of all that is stored."""
        await self._factory.redis.flushdb()
        if self._made is None or await fingerprint(self._factory.engine) != self._made[1]:
            await empty_tables(self._factory.engine)
            self._factory.viewers.forget_all()
            world = await a_world(self._factory)
            self._made = world, await fingerprint(self._factory.engine)
        return self._made


@pytest.fixture(scope="module")
async def stage(settings: Settings, endpoints: Endpoints) -> AsyncIterator[Stage]:
    async with open_factory(settings, endpoints, clock=StandingClock(), passwords=QUICK) as factory:
        app = app_of(factory, metrics=Metrics("test"), tracing=Tracing())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            yield Stage(factory, Api(client))


_CASES = [(name, actor) for name in MATRIX for actor in ACTORS]


def test_every_root_field_has_a_row() -> None:
    schema = printed_schema()
    roots: list[GraphQLObjectType | None] = [schema.query_type, schema.mutation_type, schema.subscription_type]
    fields = {f"{root.name}.{field}" for root in roots if root for field in root.fields}
    assert fields == set(MATRIX)


@pytest.mark.parametrize(("name", "actor"), _CASES, ids=[f"{name}-{actor}" for name, actor in _CASES])
async def test_each_actor_gets_what_the_matrix_says(stage: Stage, name: str, actor: str) -> None:
    row = MATRIX[name]
    world, before = await stage.untouched()
    answer = await _answer(stage.api, world.factory, name, row, world.actor(actor), row.variables(world))
    assert _outcome(answer) == row.expected[actor], answer
    if row.expected[actor] != OK:
        assert await fingerprint(world.factory.engine) == before


async def test_no_id_leads_a_stranger_anywhere(stage: Stage) -> None:
    world, _ = await stage.untouched()
    stranger = world.people["stranger"]
    for name in HIDDEN_NODES:
        found = await stage.api.data("query($id: ID!) { node(id: $id) { id } }", stranger, id=world.ids[name])
        assert found == {"node": None}, name


async def _answer(api: Api, factory: Factory, name: str, row: Row, who: Any, variables: dict[str, Any]) -> Any:
    if name.startswith("Subscription."):
        return await first_event(factory, row.document, who, variables)
    if row.brings is not None:
        return await api.send(row.document, who, "prices.csv", row.brings, **variables)
    return await api(row.document, who, **variables)


def _outcome(answer: dict[str, Any]) -> str:
    if errors := answer.get("errors"):
        return str(errors[0]["extensions"]["code"])
    [value] = answer["data"].values()
    if value is None:
        return NULL
    if isinstance(value, dict) and value.get("errors"):
        return str(value["errors"][0]["code"])
    if isinstance(value, dict) and value.get("nodes") == []:
        return EMPTY
    return OK
