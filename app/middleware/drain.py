"""A graceful stop: nothing new is begun, what runs may finish, and streams that never end are ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.middleware.answers import Refusal, header, refuse
from app.observe.paths import OPERATOR_PATHS

_GONE: Message = {"type": "http.disconnect"}
_STREAM = b"text/event-stream"
STOPPING = Refusal(
    503,
    "INTERNAL",
    "This server is stopping. Send the request again.",
    ((b"retry-after", b"1"), (b"connection", b"close")),
)


class Drain:
    """Whether this process is stopping. `begin` is called once, by the server."""

    def __init__(self) -> None:
        self.begun = False
        self._streams: set[_Stream] = set()

    def begin(self) -> None:
        self.begun = True
        for stream in self._streams:
            stream.end()

    def enter(self, stream: _Stream) -> None:
        self._streams.add(stream)
        if self.begun:
            stream.end()

    def leave(self, stream: _Stream) -> None:
        self._streams.discard(stream)


class DrainGate:
    """Refuses with 503 once the stop has begun, and tells open event streams that their client has gone."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind not in ("http", "websocket") or scope["path"] in OPERATOR_PATHS:
            await self.app(scope, receive, send)
        elif self._drain.begun:
            await refuse(scope, send, STOPPING)
        elif kind == "http" and _STREAM in (header(scope, b"accept") or b""):
            await self._endable(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _endable(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = _Stream(receive, send, self._drain)
        try:
            await self.app(scope, stream.receive, stream.send)
        finally:
            self._drain.leave(stream)
        if stream.was_ended and not stream.complete:
            await send({"type": "http.response.body", "body": b""})


class _Stream:
    """An exchange that may turn out to be an event stream; only then a stop ends it."""

    def __init__(self, receive: Receive, send: Send, drain: Drain) -> None:
        self._receive = receive
        self._send = send
        self._drain = drain
        self._ended = asyncio.Event()
        self._whole = False
        self.complete = False

    @property
    def was_ended(self) -> bool:
        return self._ended.is_set()

    def end(self) -> None:
        self._ended.set()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_stream(message):
            self._drain.enter(self)
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
        await self._send(message)

    async def receive(self) -> Message:
        if self._whole:
            return await self._until_ended()
        message = await self._receive()
        self._whole = not message.get("more_body", False)
        return message

    async def _until_ended(self) -> Message:
        heard, ended = asyncio.ensure_future(self._receive()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({heard, ended}, return_when=asyncio.FIRST_COMPLETED)
            return heard.result() if heard.done() else _GONE
        finally:
            for waiting in (heard, ended):
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting


def _is_stream(message: Message) -> bool:
    return any(name == b"content-type" and value.startswith(_STREAM) for name, value in message.get("headers", ()))
