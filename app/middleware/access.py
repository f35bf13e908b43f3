"""Times every request, counts it, and writes one line about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.answers import add_headers
from app.observe.metrics import Metrics
from app.observe.paths import OPERATOR_PATHS, shown

CLIENT_LEFT = 499

_LONGEST_PATH = 200
_WHO = ("operation_name", "client_address")


class AccessLog:
    """Reads `operation_name` from the state of the scope, where the app inside puts it for GraphQL operations."""

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self.app = app
        self._metrics = metrics
        self._clock = clock
        self._log = structlog.get_logger("app.access").bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            exchange: _Exchange | _Socket = _Exchange(send, self._clock)
        elif scope["type"] == "websocket":
            exchange = _Socket(send, receive, self._clock)
            receive = exchange.receive
        else:
            return await self.app(scope, receive, send)
        try:
            await self.app(scope, receive, exchange.send)
        finally:
            self._finish(scope, exchange)
        return None

    def _finish(self, scope: Scope, exchange: _Exchange | _Socket) -> None:
        seconds = self._clock() - exchange.began
        status = exchange.status or CLIENT_LEFT
        state = scope.get("state", {})
        method = scope.get("method", "WEBSOCKET")
        self._metrics.request(method, status)
        if "operation_name" in state and not exchange.lasting:
            self._metrics.operation(state["operation_name"], seconds)
        line = {
            "method": method,
            "path": shown(scope["path"])[:_LONGEST_PATH],
            "status": status,
            "ms": round(seconds * 1000, 2),
            **exchange.facts(),
            **{name: state[name] for name in _WHO if state.get(name)},
        }
        self._write(scope["path"], status, line)

    def _write(self, path: str, status: int, line: dict[str, Any]) -> None:
        if path in OPERATOR_PATHS:
            self._log.debug("request", **line)
        elif status >= 500:
            self._log.warning("request", **line)
        else:
            self._log.info("request", **line)


class _Exchange:
    """What an answer was like."""

    __slots__ = ("_clock", "_send", "began", "lasting", "sent", "status")

    def __init__(self, send: Send, clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self.began = clock()
        self.status = 0
        self.sent = 0
        self.lasting = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
        elif message["type"] == "http.response.start":
            self._start(message)
        await self._send(message)

    def _start(self, message: Message) -> None:
        self.status = int(message["status"])
        for name, value in message.get("headers", ()):
            if name == b"content-type":
                self.lasting = value.startswith(b"text/event-stream")
        took = f"app;dur={(self._clock() - self.began) * 1000:.1f}"
        add_headers(message, ((b"server-timing", took.encode()),))

    def facts(self) -> dict[str, object]:
        return {"bytes": self.sent}


class _Socket:
    """What became of a socket: 101 or the status that refused it, and the code that closed it."""

    __slots__ = ("_receive", "_send", "began", "code", "lasting", "status")

    def __init__(self, send: Send, receive: Receive, clock: Callable[[], float]) -> None:
        self._send = send
        self._receive = receive
        self.began = clock()
        self.status = 0
        self.code: int | None = None
        self.lasting = True

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "websocket.disconnect" and self.code is None:
            self.code = message.get("code", 1005)
        return message

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind != "websocket.send":
            self._note(kind, message)
        await self._send(message)

    def _note(self, kind: str, message: Message) -> None:
        if kind == "websocket.accept":
            self.status = 101
        elif kind == "websocket.http.response.start":
            self.status = int(message["status"])
        elif kind == "websocket.close" and self.code is None:
            self.status = self.status or 403
            self.code = message.get("code", 1000)

    def facts(self) -> dict[str, object]:
        return {"code": self.code}
