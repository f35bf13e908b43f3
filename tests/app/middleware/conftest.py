"""A toy app inside the real middleware, and the log as parsed lines."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.drain import Drain
from app.middleware.serving import Server, server_config
from app.middleware.stack import stack
from app.observe.logging import configure_logging
from app.observe.metrics import Metrics
from app.observe.tracing import Tracing
from app.settings import Settings
from tests.support.logs import usual_logs


def settings_of(**values: Any) -> Settings:
    return Settings(_env_file=None, **{"log_format": "json", **values})


class Lines:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == event]


@pytest.fixture
def log_to() -> Iterator[Callable[..., Lines]]:
    """Configures logging for one test."""
    root, uvicorn = logging.getLogger(), logging.getLogger("uvicorn.error")
    kept = root.handlers[:], root.level, uvicorn.filters[:]

    def configure(**values: Any) -> Lines:
        lines = Lines()
        configure_logging(settings_of(**values), lines.stream)
        return lines

    yield configure
    root.handlers[:], root.level, uvicorn.filters[:] = kept
    logging.captureWarnings(capture=False)
    usual_logs()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def lines(log_to: Callable[..., Lines]) -> Lines:
    return log_to()


class Toy:
    """Reads the body, tells what it saw, and answers as it is told."""

    def __init__(self) -> None:
        self.calls = 0
        self.bodies: list[bytes] = []
        self.states: list[dict[str, Any]] = []
        self.schemes: list[str] = []
        self.headers: list[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
        self.status = 200
        self.to_state: dict[str, Any] = {}
        self.before_answer: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        self.schemes.append(scope["scheme"])
        self.states.append(dict(scope.setdefault("state", {})))
        self.bodies.append(await read(receive))
        scope["state"].update(self.to_state)
        self.before_answer()
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": b"{}"})


async def read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client has gone")
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


@pytest.fixture
def toy() -> Toy:
    return Toy()


class Stand:
    """Wraps apps as the platform does."""

    def __init__(self) -> None:
        self.metrics = Metrics("1.2.3")
        self.drain = Drain()
        self.settings = settings_of

    def wrap(self, app: ASGIApp, *, body_rules: Any = None, **values: Any) -> ASGIApp:
        return stack(
            app,
            settings_of(**values),
            metrics=self.metrics,
            drain=self.drain,
            tracing=Tracing(),
            body_rules=body_rules,
        )

    def client(self, app: ASGIApp, *, peer: str = "127.0.0.1", https: bool = False) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(peer, 50000))
        return httpx.AsyncClient(transport=transport, base_url=f"http{'s' * https}://api.example.org")

    @asynccontextmanager
    async def served(self, app: ASGIApp, **values: Any) -> AsyncIterator[RunningServer]:
        """Behind a real uvicorn, on a port of its own."""
        running = RunningServer(app, settings_of(**{"shutdown_grace_s": 5, **values}), self.drain)
        await running.begin()
        try:
            yield running
        finally:
            await running.end()


class RunningServer(Server):
    def __init__(self, app: ASGIApp, settings: Settings, drain: Drain) -> None:
        super().__init__(server_config(app, settings, loop="none", lifespan="off"), drain)
        self._is_up = asyncio.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._is_up.set()

    async def begin(self) -> None:
        self._task = asyncio.create_task(self.serve([self._listener]))
        await self._is_up.wait()

    def begin_stop(self) -> None:
        self.should_exit = True

    async def end(self) -> None:
        self.begin_stop()
        await self._task


@pytest.fixture
def stand() -> Stand:
    return Stand()


class Socket:
    """The other end of a websocket scope, without a network."""

    def __init__(self, incoming: list[Message], *, can_refuse: bool = True, **scope: Any) -> None:
        self._incoming = [{"type": "websocket.connect"}, *incoming]
        self.sent: list[Message] = []
        self.scope: Scope = {
            "type": "websocket",
            "path": "/graphql",
            "scheme": "ws",
            "client": ("127.0.0.1", 50000),
            "headers": [(b"host", b"api.example.org")],
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}} if can_refuse else {},
            "state": {},
            **scope,
        }

    async def receive(self) -> Message:
        return self._incoming.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def through(self, app: ASGIApp) -> list[Message]:
        await app(self.scope, self.receive, self.send)
        return self.sent


@pytest.fixture
def socket_of() -> type[Socket]:
    return Socket
