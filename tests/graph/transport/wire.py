"""A real server on a free port, clients that talk to it frame by frame, and a wire without any server."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed

from graph.transport.server import PromptWebSockets
from tests.support.patience import PATIENCE_S

PROTOCOL = "graphql-transport-ws"


class Server(uvicorn.Server):
    """A server that leaves signals to the test runner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    @property
    def url(self) -> str:
        port = self.servers[0].sockets[0].getsockname()[1]
        return f"ws://127.0.0.1:{port}/graphql"

    @property
    def connections(self) -> int:
        return len(self.server_state.connections)

    @property
    def stuck(self) -> bool:
        """Whether some client takes less than it is sent."""
        protocols = [each for each in self.server_state.connections if isinstance(each, PromptWebSockets)]
        return any(not protocol.writable.is_set() for protocol in protocols)


class Stage:
    """An app whose inside each test puts in place, so that one server serves them all."""

    server: Server

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
        elif self.app is not None:
            await self.app(scope, receive, send)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[Server]:
    config = uvicorn.Config(
        app,
        port=0,
        ws=PromptWebSockets,
        ws_per_message_deflate=False,
        ws_max_size=200_000,
        ws_ping_interval=None,
        lifespan="off",
        # As the application does; what it sets up for itself would stay for all tests after these.
        log_config=None,
        log_level="critical",
        timeout_graceful_shutdown=2,
    )
    server = Server(config)
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield server
    finally:
        server.should_exit = True
        await running


class Talker:
    """A client that says and hears single messages."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    @classmethod
    @asynccontextmanager
    async def connect(
        cls, url: str, *, init: dict[str, Any] | None = None, protocols: Sequence[Any] | None = (PROTOCOL,)
    ) -> AsyncIterator["Talker"]:
        """Open a socket; `init` is said at once, and its answer heard."""
        async with (
            asyncio.timeout(PATIENCE_S),
            open_websocket(url, subprotocols=protocols, compression=None, ping_interval=None) as socket,
        ):
            talker = cls(socket)
            if init is not None:
                await talker.say(type="connection_init", payload=init)
                assert await talker.hear() == {"type": "connection_ack"}
            yield talker

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message, ensure_ascii=False))

    async def subscribe(self, id_: str, query: str, **payload: Any) -> None:
        await self.say(type="subscribe", id=id_, payload={"query": query, **payload})

    async def hear(self) -> dict[str, Any]:
        frame = await self.socket.recv()
        assert isinstance(frame, str)
        message: dict[str, Any] = json.loads(frame)
        return message

    async def hear_next(self, id_: str) -> dict[str, Any]:
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", id_)
        payload: dict[str, Any] = message["payload"]
        return payload

    async def hear_error(self, id_: str) -> list[str]:
        """The codes of an error message."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("error", id_)
        return [error.get("extensions", {}).get("code") for error in message["payload"]]

    async def hear_end(self) -> int:
        """Whatever else comes first, the code with which the server closes."""
        with suppress(ConnectionClosed):
            while True:
                await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code


async def until(condition: Callable[[], object], *, within_s: float = PATIENCE_S) -> None:
    """Wait for something that nobody tells about, but not for ever."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Wire:
    """An ASGI connection in memory whose other side takes as many messages as the test lets through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})
        self.heard: list[Message] = []
        self.room = asyncio.Semaphore(0)
        self.extensions: dict[str, Any] = {}

    async def run(self) -> None:
        scope = {
            "type": "websocket",
            "path": "/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"test")],
            "subprotocols": [PROTOCOL],
            "extensions": self.extensions,
        }
        await self._app(scope, self.said.get, self._send)

    def say(self, **message: Any) -> None:
        self.said.put_nowait({"type": "websocket.receive", "text": json.dumps(message)})

    async def _send(self, message: Message) -> None:
        await self.room.acquire()
        self.heard.append(message)

    async def let_through(self, messages: int) -> None:
        """Take so many messages more, and wait until nothing moves any more."""
        for _ in range(messages):
            self.room.release()
        await settle()


async def settle() -> None:
    """Let everything run that can run without time passing."""
    for _ in range(200):
        await asyncio.sleep(0)
