"""Every root field as nobody, guest, stranger, viewer, editor, owner and admin.

A refusal also proves that nothing changed: every table is the same before and after.
"""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType

from app.factory import Factory
from app.schema_file import printed_schema
from tests.graph.matrix import EMPTY, HIDDEN_NODES, MATRIX, NULL, OK, Row
from tests.graph.world import ACTORS, a_world
from tests.support.api import Api
from tests.support.rows import fingerprint
from tests.support.subscribing import first_event

_CASES = [(name, actor) for name in MATRIX for actor in ACTORS]


def test_every_root_field_has_a_row() -> None:
    schema = printed_schema()
    roots: list[GraphQLObjectType | None] = [schema.query_type, schema.mutation_type, schema.subscription_type]
    fields = {f"{root.name}.{field}" for root in roots if root for field in root.fields}
    assert fields == set(MATRIX)


@pytest.mark.parametrize(("name", "actor"), _CASES, ids=[f"{name}-{actor}" for name, actor in _CASES])
async def test_each_actor_gets_what_the_matrix_says(api: Api, factory: Factory, name: str, actor: str) -> None:
    row = MATRIX[name]
    world = await a_world(factory)
    before = await fingerprint(factory.engine)
    answer = await _answer(api, factory, name, row, world.actor(actor), row.variables(world))
    assert _outcome(answer) == row.expected[actor], answer
    if row.expected[actor] != OK:
        assert await fingerprint(factory.engine) == before


async def test_no_id_leads_a_stranger_anywhere(api: Api, factory: Factory) -> None:
    world = await a_world(factory)
    for name in HIDDEN_NODES:
        found = await api.data("query($id: ID!) { node(id: $id) { id } }", world.people["stranger"], id=world.ids[name])
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
