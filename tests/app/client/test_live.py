"""Following a subscription through whatever breaks it, against a server that breaks on purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from app.client.api import Api, Refusal
from app.client.live import PROTOCOL, follow

DOCUMENT = "subscription($id: ID!, $after: Int) { jobEvents(id: $id, after: $after) { seq } }"
LAST = 5


class Server:
    """Tells what comes after `after`, from 1 to LAST; each connection ends as its place in `ends` says."""

    def __init__(self, *ends: Callable[[ServerConnection], Awaitable[None]], each: int = 2) -> None:
        self._ends = list(ends)
        self._each = each
        self.asked: list[dict[str, Any]] = []
        self.tokens: list[str] = []

    async def talk(self, socket: ServerConnection) -> None:
        self.tokens.append(json.loads(await socket.recv())["payload"]["authorization"])
        asked = json.loads(await socket.recv())
        self.asked.append(asked["payload"]["variables"])
        after = asked["payload"]["variables"]["after"]
        ends = bool(self._ends)
        for seq in range(after + 1, min(after + self._each, LAST) + 1 if ends else LAST + 1):
            item = {"jobEvents": {"seq": seq}}
            await socket.send(json.dumps({"id": asked["id"], "type": "next", "payload": {"data": item}}))
        if ends:
            return await self._ends.pop(0)(socket)
        await socket.send(json.dumps({"id": asked["id"], "type": "complete"}))
        return None


async def cut(socket: ServerConnection) -> None:
    """As when the network goes away."""
    socket.transport.abort()


def closes(code: int, reason: str) -> Callable[[ServerConnection], Awaitable[None]]:
    async def close(socket: ServerConnection) -> None:
        await socket.close(code, reason)

    return close


@asynccontextmanager
async def served(
    server: Server, refuse: Callable[[ServerConnection, Request], Response | None] | None = None
) -> AsyncIterator[Api]:
    async with serve(server.talk, "127.0.0.1", 0, subprotocols=[PROTOCOL], process_request=refuse) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with Api(f"http://127.0.0.1:{port}", "token") as api:
            yield api


async def followed(server: Server, waits: list[float] | None = None, after: int = 0) -> Sequence[int]:
    async def pause(seconds: float) -> None:
        (waits if waits is not None else []).append(seconds)

    async with served(server) as api:
        return [item["seq"] async for item in follow(api, DOCUMENT, id="job", after=after, pause=pause)]


async def test_each_item_comes_once_and_in_order() -> None:
    server = Server()
    assert await followed(server) == [1, 2, 3, 4, 5]
    assert server.asked == [{"id": "job", "after": 0}]
    assert server.tokens == ["Bearer token"]


async def test_what_broke_goes_on_after_the_last_item() -> None:
    server, waits = Server(cut, closes(1012, "restart")), list[float]()
    assert await followed(server, waits) == [1, 2, 3, 4, 5]
    assert [asked["after"] for asked in server.asked] == [0, 2, 4]
    assert waits == [0.2, 0.2]


async def test_it_waits_longer_while_nothing_comes() -> None:
    server, waits = Server(cut, cut, cut, each=0), list[float]()
    assert await followed(server, waits) == [1, 2, 3, 4, 5]
    assert waits == [0.2, 0.5, 1.0]


async def test_each_break_is_told_once() -> None:
    breaks: list[int] = []

    async def pause(_seconds: float) -> None:
        breaks.append(0)

    async with served(Server(cut, cut, cut, each=0)) as api:
        events = follow(api, DOCUMENT, id="job", pause=pause, on_break=lambda: breaks.append(1))
        assert [item["seq"] async for item in events] == [1, 2, 3, 4, 5]
    assert breaks == [1, 0, 0, 0]


async def test_it_begins_where_it_is_told() -> None:
    assert await followed(Server(), after=3) == [4, 5]


@pytest.mark.parametrize("code", [4408, 4499])
async def test_who_has_slept_comes_back(code: int) -> None:
    assert await followed(Server(closes(code, "No pong came back"))) == [1, 2, 3, 4, 5]


async def test_it_goes_on_with_what_is_kept() -> None:
    async def ends_with_a_gap(socket: ServerConnection) -> None:
        gap = {"jobEvents": {"__typename": "JobHistoryGone", "seq": 1, "oldestSeq": 4}}
        await socket.send(json.dumps({"id": "1", "type": "next", "payload": {"data": gap}}))
        await socket.send(json.dumps({"id": "1", "type": "complete"}))
        await socket.wait_closed()

    server = Server(ends_with_a_gap, each=1)
    assert await followed(server) == [1, 1, 4, 5]
    assert [asked["after"] for asked in server.asked] == [0, 3]


async def test_what_would_not_help_is_not_tried_again() -> None:
    server = Server(closes(4403, "The token is no longer good."))
    with pytest.raises(Refusal, match="no longer good") as refused:
        await followed(server)
    assert refused.value.code == "4403"
    assert len(server.asked) == 1


def refuses(code: str) -> Callable[[ServerConnection], Awaitable[None]]:
    async def refuse(socket: ServerConnection) -> None:
        error = {"message": "No.", "extensions": {"code": code}}
        await socket.send(json.dumps({"id": "1", "type": "error", "payload": [error]}))
        await socket.wait_closed()

    return refuse


async def test_an_error_of_the_operation_is_a_refusal() -> None:
    with pytest.raises(Refusal, match="No") as refused:
        await followed(Server(refuses("NOT_FOUND"), each=0))
    assert refused.value.code == "NOT_FOUND"


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RATE_LIMITED"])
async def test_what_passes_is_tried_again(code: str) -> None:
    assert await followed(Server(refuses(code))) == [1, 2, 3, 4, 5]


async def test_a_ping_is_answered() -> None:
    answered = asyncio.Event()

    async def pings(socket: ServerConnection) -> None:
        await socket.send(json.dumps({"type": "ping"}))
        assert json.loads(await socket.recv()) == {"type": "pong"}
        answered.set()
        await cut(socket)

    assert await followed(Server(pings)) == [1, 2, 3, 4, 5]
    assert answered.is_set()


async def test_a_place_that_knows_no_sockets_is_a_refusal() -> None:
    def nowhere(socket: ServerConnection, _request: Request) -> Response:
        return socket.respond(404, "")

    async with served(Server(), nowhere) as api:
        with pytest.raises(Refusal) as refused:
            _ = [item async for item in follow(api, DOCUMENT, id="job")]
    assert refused.value.code == "404"
