"""A world with something of every type of node in it, and what a stranger must not find there."""

from __future__ import annotations

from app.factory import Factory
from tests.graph.matrix import HIDDEN_NODES
from tests.graph.world import World, a_world
from tests.support.api import Api
from tests.support.people import Person

HIDDEN = (*HIDDEN_NODES, "version", "audit_entry")


async def whole_world(api: Api, factory: Factory) -> World:
    """With a version and an entry of the audit log, too."""
    world = await a_world(factory)
    document = "query($id: ID!) { node(id: $id) { ... on Strategy { versions { nodes { id } } } } }"
    found = await api.data(document, world.people["owner"], id=world.ids["strategy"])
    world.ids["version"] = found["node"]["versions"]["nodes"][0]["id"]
    entries = await api.data("{ auditLog(first: 1) { nodes { id } } }", world.people["admin"])
    world.ids["audit_entry"] = entries["auditLog"]["nodes"][0]["id"]
    return world


async def a_strategy(api: Api, who: Person, name: str, **more: object) -> str:
    basis = {"name": name, "taskType": "ALGORITHMIC_TRADING", "algorithm": "DQN"}
    payload = await api.do("createStrategy", who, basis | more, "strategy { id } errors { code field }")
    assert payload["errors"] == []
    return str(payload["strategy"]["id"])
