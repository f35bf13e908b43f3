"""The last net: an exception that nobody expected is logged once and told to the client without its text."""

from __future__ import annotations

import asyncio

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from app.middleware.answers import Refusal, refuse
from app.middleware.drain import Drain

INTERNAL = Refusal(500, "INTERNAL", "Something went wrong here. The request id helps us to find it.")
CUT_OFF = Refusal(
    503, "INTERNAL", "This server stopped before it was done.", ((b"retry-after", b"1"), (b"connection", b"close"))
)

_log = structlog.get_logger("app.errors")


class ErrorBoundary:
    """Answers 500, or closes the socket with 1011, where the app inside raised before it answered."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        exchange = _Exchange(send)
        try:
            await self.app(scope, receive, exchange)
        except asyncio.CancelledError:
            if not self._drain.begun:
                raise
            await _cut_off(scope, exchange)
        except Exception as error:  # noqa: BLE001
            await _settle(scope, exchange, error)
        return None


class _Exchange:
    """What was sent so far."""

    __slots__ = ("first", "gone", "send")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.first: str | None = None
        self.gone = False

    async def __call__(self, message: Message) -> None:
        if self.first is None:
            self.first = message["type"]
        try:
            await self.send(message)
        except OSError:
            self.gone = True
            raise


async def _cut_off(scope: Scope, exchange: _Exchange) -> None:
    """The server stops and has waited long enough."""
    _log.warning("request cut off by the stop of the server")
    if exchange.first is None:
        await refuse(scope, exchange.send, CUT_OFF)


async def _settle(scope: Scope, exchange: _Exchange, error: Exception) -> None:
    if exchange.gone or isinstance(error, (ClientDisconnect, WebSocketDisconnect)):
        _log.debug("client went away")
        return
    _log.error("unexpected error", exc_info=error)
    if exchange.first is None:
        await refuse(scope, exchange.send, INTERNAL)
    elif exchange.first == "websocket.accept":
        await exchange.send({"type": "websocket.close", "code": 1011})
