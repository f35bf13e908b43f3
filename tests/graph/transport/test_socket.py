"""What a socket does when its client takes nothing: measured message by message, on a wire without a server."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from graph.transport import socket
from graph.transport.shared import Limits
from tests.graph.transport.conftest import World
from tests.graph.transport.toy import within
from tests.graph.transport.wire import Wire, settle, until


@pytest.fixture
async def wire(world: World) -> AsyncIterator[Wire]:
    """A socket that was accepted and acknowledged, whose client now takes nothing."""
    world.limits = Limits(ping_every=60)
    wire = Wire(world.app())
    running = asyncio.create_task(wire.run())
    wire.say(type="connection_init")
    await wire.let_through(2)
    assert [message["type"] for message in wire.heard] == ["websocket.accept", "websocket.send"]
    yield wire
    wire.said.put_nowait({"type": "websocket.disconnect"})
    async with within():
        await running


def subscribe(wire: Wire, id_: str, query: str) -> None:
    wire.say(type="subscribe", id=id_, payload={"query": query})


async def test_an_operation_makes_no_more_than_is_taken(world: World, wire: Wire) -> None:
    subscribe(wire, "1", "subscription { forever }")
    await settle()
    assert world.bench.calls["forever"] == 1
    await wire.let_through(5)
    assert (world.bench.calls["forever"], len(wire.heard)) == (6, 7)


async def test_operations_of_one_socket_take_turns(world: World, wire: Wire) -> None:
    for id_ in ("a", "b"):
        subscribe(wire, id_, "subscription { forever }")
    await settle()
    await wire.let_through(6)
    ids = [message["text"][-3] for message in wire.heard[2:]]
    assert ids in (["a", "b"] * 3, ["b", "a"] * 3)


async def test_it_harms_no_other_socket(world: World, wire: Wire) -> None:
    subscribe(wire, "1", "subscription { forever }")
    await settle()
    other = Wire(world.app())
    running = asyncio.create_task(other.run())
    other.say(type="connection_init")
    subscribe(other, "1", "{ hello }")
    await other.let_through(4)
    assert other.heard[2]["text"] == '{"type":"next","payload":{"data":{"hello":"Hello, world!"}},"id":"1"}'
    assert other.heard[3]["text"] == '{"type":"complete","id":"1"}'
    other.said.put_nowait({"type": "websocket.disconnect"})
    await running


async def test_it_can_still_be_thrown_out(world: World, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_LAST_WORD_S", 0.01)
    subscribe(wire, "1", "subscription { forever }")
    await settle()
    world.sessions.opened[0].revoked.set()
    await until(lambda: world.bench.ended.is_set() and len(world.sockets) == 0)
    assert world.sessions.opened[0].closed
    assert len(wire.heard) == 2


async def test_it_is_given_up_when_it_takes_no_ping(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_LAST_WORD_S", 0.01)
    world.limits = Limits(ping_every=0.01, pong_within=0.02)
    wire = Wire(world.app())
    running = asyncio.create_task(wire.run())
    wire.say(type="connection_init")
    await wire.let_through(2)
    async with within():
        await running
    assert len(wire.heard) == 2


async def test_nothing_is_said_after_the_close_code(world: World, wire: Wire) -> None:
    subscribe(wire, "1", "subscription { forever }")
    await wire.let_through(1)
    world.sessions.opened[0].revoked.set()
    await wire.let_through(10)
    assert wire.heard[-1] == {"type": "websocket.close", "code": 4403, "reason": "The token was revoked"}
    assert [message["type"] for message in wire.heard].count("websocket.close") == 1


async def test_a_server_without_http_answers_to_handshakes(world: World) -> None:
    world.sockets._max_sockets = 0
    wire = Wire(world.app())
    wire.room.release()
    await wire.run()
    assert wire.heard == [{"type": "websocket.close"}]
    assert len(world.sockets) == 0
