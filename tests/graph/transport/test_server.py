"""What a real server does with clients that send too much or take too little."""

import asyncio
import json

import pytest

from graph.transport import server, socket
from tests.graph.transport.conftest import Connect, World
from tests.graph.transport.wire import PROTOCOL, Stage, until

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    b"Sec-WebSocket-Protocol: " + PROTOCOL.encode() + b"\r\n\r\n"
)


def frame(text: str, *, length: int | None = None) -> bytes:
    """A text frame of a client, masked with zeros; `length` lies about how much is to come."""
    body = text.encode()
    return b"\x81\xff" + (length or len(body)).to_bytes(8, "big") + bytes(4) + body


async def raw(stage: Stage) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(stage.server.url.rpartition(":")[2].partition("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
    writer.write(HANDSHAKE)
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def test_a_client_that_takes_nothing_is_cut_off(
    world: World, stage: Stage, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "_LAST_WORD_S", 0.01)
    async with connect(init={}):
        _, writer = await raw(stage)
        writer.write(frame(json.dumps({"type": "connection_init"})))
        query = "subscription { forever(size: 100000) }"
        writer.write(frame(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}})))
        await until(lambda: stage.server.stuck)
        world.sessions.opened[1].revoked.set()
        await until(lambda: stage.server.connections == 1)
        writer.close()


async def test_a_frame_too_large_is_answered_while_it_still_comes(
    stage: Stage, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_LINGER_S", 0.3)
    async with connect(init={}):
        reader, writer = await raw(stage)
        writer.write(frame("x" * 1_000, length=20_000_000))
        # A close frame: two bytes of head, then the code.
        head = await reader.readexactly(4)
        assert (head[0], int.from_bytes(head[2:])) == (0x88, 1009)
        writer.write(b"x" * 1_000_000)
        await writer.drain()
        await reader.read()
        await until(lambda: stage.server.connections == 1)
        writer.close()


async def test_the_headers_of_the_handshake_are_not_kept(stage: Stage, connect: Connect) -> None:
    async with connect(init={}):
        [protocol] = stage.server.server_state.connections
        assert isinstance(protocol, server.PromptWebSockets)
        assert [*protocol.request.headers, *protocol.response.headers, *protocol.scope["headers"]] == []
