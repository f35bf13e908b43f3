"""Server-sent events: one operation, one connection, against the application itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Message

from graph.transport.shared import Limits
from tests.graph.transport.conftest import World
from tests.graph.transport.wire import settle, until
from tests.support.patience import PATIENCE_S


class Exchange:
    """One request, and what the application says to it."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.requests: asyncio.Queue[Message] = asyncio.Queue()
        self.room: asyncio.Semaphore | None = None

    async def send(self, message: Message) -> None:
        if self.room is not None and message["type"] == "http.response.body":
            await self.room.acquire()
        self.said.append(message)

    @property
    def status(self) -> int:
        return int(self.said[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.said[0]["headers"])

    @property
    def body(self) -> str:
        return b"".join(message.get("body", b"") for message in self.said[1:]).decode()

    @property
    def events(self) -> list[tuple[str, Any]]:
        blocks = [block.split("\n") for block in self.body.split("\n\n") if block.startswith("event: ")]
        return [(lines[0][7:], json.loads(lines[-1][5:] or "null")) for lines in blocks]

    def leave(self) -> None:
        self.requests.put_nowait({"type": "http.disconnect"})


@asynccontextmanager
async def asking(
    world: World, query: str, *, method: str = "POST", exchange: Exchange | None = None, **headers: str
) -> AsyncIterator[Exchange]:
    exchange = exchange or Exchange()
    body = json.dumps({"query": query}).encode()
    given = {"accept": "text/event-stream", "content-type": "application/json", "host": "test", **headers}
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "root_path": "",
        "query_string": b"" if method == "POST" else b"query=" + query.replace(" ", "+").encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "scheme": "http",
    }
    exchange.requests.put_nowait(
        {"type": "http.request", "body": body if method == "POST" else b"", "more_body": False}
    )
    task = asyncio.create_task(world.app()(scope, exchange.requests.get, exchange.send))
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield exchange
            await task
    finally:
        task.cancel()


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_subscription(world: World, method: str) -> None:
    async with asking(world, "subscription { count(to: 2) }", method=method) as exchange:
        pass
    assert exchange.status == 200
    assert exchange.headers[b"content-type"] == b"text/event-stream; charset=utf-8"
    assert exchange.headers[b"cache-control"] == b"no-store"
    assert b"content-length" not in exchange.headers
    assert exchange.events == [("next", {"data": {"count": 1}}), ("next", {"data": {"count": 2}}), ("complete", None)]
    assert exchange.said[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_a_query(world: World) -> None:
    async with asking(world, "{ hello }") as exchange:
        pass
    assert exchange.events == [("next", {"data": {"hello": "Hello, world!"}}), ("complete", None)]


@pytest.mark.parametrize("query", ["{ nothing }", "subscription {", "subscription { count(to: true) }"])
async def test_what_cannot_run_is_told_in_the_stream(world: World, query: str) -> None:
    async with asking(world, query) as exchange:
        pass
    [(first, payload), last] = exchange.events
    assert (exchange.status, first, list(payload), last) == (200, "next", ["errors"], ("complete", None))


async def test_a_subscription_that_breaks(world: World) -> None:
    async with asking(world, "subscription { broken }") as exchange:
        pass
    assert exchange.events[0] == ("next", {"data": {"broken": 1}})
    assert exchange.events[1][1]["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert exchange.events[2] == ("complete", None)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"authorization": "Bearer bad"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Basic xyz"}, 401, "UNAUTHENTICATED"),
        ({"content_type": "text/plain"}, 403, "FORBIDDEN"),
        ({"content_type": "application/xml"}, 415, "BAD_USER_INPUT"),
    ],
)
async def test_what_is_refused_before_it_begins(world: World, headers: dict[str, str], status: int, code: str) -> None:
    async with asking(world, "subscription { count }", **headers) as exchange:
        pass
    assert exchange.status == status
    assert json.loads(exchange.body)["errors"][0]["extensions"]["code"] == code
    assert len(world.sockets) == 0


async def test_a_client_that_leaves_ends_the_operation(world: World) -> None:
    async with asking(world, "subscription { quiet }") as exchange:
        await world.bench.waiting.wait()
        assert len(world.sockets) == 1
        exchange.leave()
    assert world.bench.ended.is_set()
    assert (len(world.sockets), world.sessions.opened[0].closed) == (0, True)
    assert exchange.events == []


@pytest.mark.parametrize("why", ["revoked", "expired", "stopping"])
async def test_what_ends_it_without_a_word(world: World, why: str) -> None:
    if why == "expired":
        world.sessions.expires_at = world.now + 0.05
    async with asking(world, "subscription { quiet }") as exchange:
        await world.bench.waiting.wait()
        if why == "revoked":
            world.sessions.opened[0].revoked.set()
        elif why == "stopping":
            await world.sockets.close_all()
    assert world.bench.ended.is_set()
    assert exchange.events == []
    assert exchange.said[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert len(world.sockets) == 0


async def test_silence_is_filled_with_comments(world: World) -> None:
    world.limits = Limits(ping_every=0.02)
    async with asking(world, "subscription { quiet }") as exchange:
        await until(lambda: exchange.body.startswith(":\n\n:\n\n"))
        world.bench.go.set()
    assert exchange.events == [("next", {"data": {"quiet": 1}}), ("complete", None)]


async def test_a_slow_client_slows_down_its_own_operation(world: World) -> None:
    slow = Exchange()
    slow.room = asyncio.Semaphore(0)
    async with asking(world, "subscription { forever }", exchange=slow):
        await world.bench.waiting.wait()
        await settle()
        made = world.bench.calls["forever"]
        slow.room.release()
        await settle()
        assert world.bench.calls["forever"] <= made + 2
        slow.leave()


async def test_a_client_that_takes_nothing_is_given_up(world: World) -> None:
    world.limits = Limits(ping_every=0.02, pong_within=0.02)
    slow = Exchange()
    slow.room = asyncio.Semaphore(0)
    async with asking(world, "subscription { forever }", exchange=slow):
        await world.bench.waiting.wait()
    assert world.bench.ended.is_set()


async def test_they_count_as_sockets(world: World) -> None:
    world.sockets._max_per_user = 1
    async with asking(world, "subscription { quiet }") as first:
        await world.bench.waiting.wait()
        async with asking(world, "subscription { count }") as second:
            pass
        assert second.status == 429
        world.sockets._max_sockets = 1
        async with asking(world, "subscription { count }", authorization="Bearer user:ann") as third:
            pass
        assert (third.status, third.headers[b"retry-after"]) == (503, b"5")
        first.leave()
    assert len(world.sockets) == 0
