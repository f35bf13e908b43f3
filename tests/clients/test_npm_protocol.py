"""The sockets and streams as the npm clients graphql-ws and graphql-sse meet them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from graph.transport.shared import Limits
from graph.transport.sockets import Sockets
from tests.graph.transport.conftest import World
from tests.graph.transport.wire import Stage, until
from tests.support.node import Script, running

JSON = dict[str, Any]
Speak = Callable[[str], AbstractAsyncContextManager[Script]]
Stream = Callable[..., AbstractAsyncContextManager[Script]]
HELLO = {"items": [{"hello": "Hello, world!"}], "end": "complete"}
COUNTED = {"items": [{"count": 1}, {"count": 2}, {"count": 3}], "end": "complete"}
# The schema of these tests gives its errors no codes.
NO_END, NO_FIELD = "Syntax Error: Expected Name, found <EOF>.", "Cannot query field 'nonsense' on type 'Query'."
MANY = "Variable '$to' has invalid value: Int cannot represent non-integer value: 'many'"
BAD_TOKEN = "The token is wrong, has expired, or was revoked"
AT_FIRST, AND_TWICE_AGAIN = 1, 3


def closed(code: int, reason: str, *, sockets: int = AT_FIRST) -> JSON:
    return {"items": [], "end": {"closed": code, "reason": reason}, "sockets": sockets}


@pytest.fixture
def speak(world: World, stage: Stage, scripts: Path) -> Speak:
    """Let graphql-ws do one of the things that speaking.mjs knows."""

    @asynccontextmanager
    async def speaking(case: str) -> AsyncIterator[Script]:
        stage.app = world.app()
        async with running("node", scripts / "speaking.mjs", stage.server.url, case) as script:
            yield script

    return speaking


@pytest.fixture
def stream(world: World, stage: Stage, scripts: Path) -> Stream:
    """Let graphql-sse run one operation."""

    @asynccontextmanager
    async def streaming(query: str, *, token: str = "user:ada", **request: Any) -> AsyncIterator[Script]:
        stage.app = world.app()
        url = stage.server.url.replace("ws", "http", 1)
        words = json.dumps({"query": query, **request})
        async with running("node", scripts / "streaming.mjs", url, token, words) as script:
            yield script

    return streaming


def cut(stage: Stage) -> None:
    for connection in stage.server.server_state.connections:
        connection.transport.abort()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("a query", {"items": [{"hello": "Hello, Bob!"}], "end": "complete"}),
        ("a mutation", {"items": [{"bump": 1}], "end": "complete"}),
        ("a subscription", COUNTED),
        ("one that breaks", {"items": [{"broken": 1}], "end": {"errors": ["INTERNAL"]}}),
    ],
)
async def test_operations(speak: Speak, case: str, expected: JSON) -> None:
    async with speak(case) as script:
        assert await script.rest() == [expected | {"sockets": 1}]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("no json", closed(4400, "A message must be JSON")),
        ("no object", closed(4400, "A message must be a JSON object")),
        ("an unknown type", closed(4400, "Unknown message type: start")),
        ("binary", closed(4400, "Binary frames are not part of graphql-transport-ws")),
        ("too early", closed(4401, "Unauthorized")),
        ("a bad token", closed(4403, BAD_TOKEN, sockets=AND_TWICE_AGAIN)),
        ("another scheme", closed(4403, BAD_TOKEN, sockets=AND_TWICE_AGAIN)),
        ("init twice", closed(4429, "Too many initialisation requests")),
        ("who are you", closed(1013, "Try again later", sockets=AND_TWICE_AGAIN)),
        ("our own bug", closed(4500, "Something went wrong on our side")),
        ("20 MB", closed(1009, "frame with 20000155 bytes exceeds limit of 200000 bytes")),
    ],
)
async def test_close_codes(speak: Speak, case: str, expected: JSON) -> None:
    """Which the client takes for final, but for those where it may help to come back."""
    async with speak(case) as script:
        assert await script.rest() == [expected]


async def test_nobody_who_says_nothing_stays(world: World, speak: Speak) -> None:
    world.limits = Limits(init_timeout=0.05)
    async with speak("never init") as script:
        reason = "Connection initialisation timeout"
        assert await script.rest() == [closed(4408, reason, sockets=AND_TWICE_AGAIN)]


async def test_a_client_that_answers_no_ping(world: World, speak: Speak) -> None:
    world.limits = Limits(ping_every=0.02, pong_within=0.02)
    async with speak("no pong") as script:
        assert await script.rest() == [closed(4499, "No pong came back")]


async def test_a_token_that_expires(world: World, speak: Speak) -> None:
    world.sessions.expires_at = world.now + 0.05
    async with speak("a token that ends") as script:
        assert await script.rest() == [closed(4403, "The token has expired")]


async def test_a_new_token_helps(speak: Speak) -> None:
    async with speak("a new token helps") as script:
        assert await script.rest() == [COUNTED | {"sockets": 2}]


async def test_a_token_that_is_revoked(world: World, speak: Speak) -> None:
    async with speak("a token that ends") as script:
        await world.bench.waiting.wait()
        world.sessions.opened[-1].revoked.set()
        assert await script.rest() == [closed(4403, "The token was revoked")]


async def test_another_protocol_is_refused_in_the_handshake(speak: Speak) -> None:
    """So nobody meets 4406."""
    async with speak("another protocol") as script:
        [result] = await script.rest()
    assert result == {"items": [], "end": {"failed": "Unexpected server response: 400"}, "sockets": 1}


async def test_an_id_in_use(speak: Speak) -> None:
    async with speak("one id twice") as script:
        [result] = await script.rest()
    assert [each["end"]["closed"] for each in result["results"]] == [4409, 4409]
    assert result["sockets"] == 1


async def test_an_id_that_is_free_again(speak: Speak) -> None:
    async with speak("one id again") as script:
        assert await script.rest() == [{"results": [COUNTED, COUNTED], "sockets": 1}]


async def test_a_ping_before_init(speak: Speak) -> None:
    async with speak("ping before init") as script:
        pongs = [{"received": True, "payload": {"early": True}}]
        assert await script.rest() == [COUNTED | {"sockets": 1, "pongs": pongs}]


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("a syntax error", NO_END),
        ("an unknown field", NO_FIELD),
        ("no operation", "Can't get GraphQL operation type"),
        ("variables that are text", "BAD_USER_INPUT"),
        ("variables that are a list", "BAD_USER_INPUT"),
        ("variables that do not fit", MANY),
    ],
)
async def test_what_cannot_run_harms_nothing_else(speak: Speak, case: str, why: str) -> None:
    async with speak(case) as script:
        refused = {"items": [], "end": {"errors": [why]}}
        assert await script.rest() == [{"results": [refused, HELLO], "sockets": 1}]


async def test_150_operations_on_one_socket(world: World, speak: Speak) -> None:
    async with speak("150 at once") as script:
        assert await script.hear() == "50 are over"
        await until(lambda: world.bench.calls["quiet"] == 100)
        world.bench.go.set()
        [result] = await script.rest()
    ran, refused = {"items": [{"quiet": 1}], "end": "complete"}, {"items": [], "end": {"errors": ["RATE_LIMITED"]}}
    assert result == {"results": [ran] * 100 + [refused] * 50, "after": HELLO, "sockets": 1}


async def test_a_client_that_has_enough_ends_the_operation(world: World, speak: Speak) -> None:
    async with speak("completed by the client") as script:
        await world.bench.ended.wait()
        assert await script.rest() == [{"sockets": 1}]
    await until(lambda: len(world.sockets) == 0)


async def test_a_client_that_is_not_lazy(world: World, speak: Speak) -> None:
    async with speak("not lazy") as script:
        assert await script.rest() == ["connected", {"sockets": 1}]
    await until(lambda: len(world.sockets) == 0)


async def test_who_was_cut_off_comes_back(world: World, stage: Stage, speak: Speak) -> None:
    async with speak("comes back") as script:
        assert await script.hear() == "connected"
        await world.bench.waiting.wait()
        world.bench.waiting.clear()
        cut(stage)
        assert await script.hear() == "again"
        await world.bench.waiting.wait()
        world.bench.go.set()
        [result] = await script.rest()
    assert result == {"items": [{"quiet": 1}], "end": "complete", "sockets": 2}


async def test_who_was_closed_by_a_restart_comes_back(world: World, stage: Stage, speak: Speak) -> None:
    async with speak("comes back") as script:
        assert await script.hear() == "connected"
        await world.bench.waiting.wait()
        await world.sockets.close_all()
        world.sockets = Sockets()
        world.bench.go.set()
        stage.app = world.app()
        assert await script.hear() == "again"
        [result] = await script.rest()
    assert result["items"] == [{"quiet": 1}]


async def test_one_socket_too_many_of_a_user(world: World, speak: Speak) -> None:
    world.sockets = Sockets(max_per_user=0)
    async with speak("a subscription") as script:
        assert await script.rest() == [closed(1013, "Too many sockets of one user", sockets=AND_TWICE_AGAIN)]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("subscription { count }", [{"count": 1}, {"count": 2}, {"count": 3}]),
        ("{ hello }", [{"hello": "Hello, world!"}]),
        ("mutation { bump }", [{"bump": 1}]),
        ("subscription { broken }", [{"broken": 1}, {"errors": ["INTERNAL"]}]),
        ("subscription { count", [{"errors": [NO_END]}]),
        ("{ nonsense }", [{"errors": [NO_FIELD]}]),
    ],
)
async def test_streams(stream: Stream, query: str, said: list[JSON]) -> None:
    async with stream(query) as script:
        assert await script.rest() == ["connected", *said, "complete"]


async def test_a_stream_with_a_bad_token(stream: Stream) -> None:
    async with stream("subscription { count }", token="nonsense") as script:
        assert await script.rest() == [{"failed": 401}]


async def test_a_stream_with_variables_that_are_no_object(stream: Stream) -> None:
    async with stream("subscription { count }", variables=[1]) as script:
        assert await script.rest() == [{"failed": 400}]


async def test_one_stream_too_many(world: World, stream: Stream) -> None:
    world.sockets = Sockets(max_per_user=0)
    async with stream("subscription { count }") as script:
        assert await script.rest() == [{"failed": 429}]


async def test_a_client_that_leaves_ends_its_stream(world: World, stream: Stream) -> None:
    async with stream("subscription { quiet }") as script:
        await world.bench.waiting.wait()
        script.process.kill()
        await world.bench.ended.wait()
