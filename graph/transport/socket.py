"""One open socket of graphql-transport-ws, from its first message to its close code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from domain.ended import ended
from domain.errors import Forbidden, Unauthenticated, Unavailable
from graph.transport.faults import request_id
from graph.transport.messages import ACK, PING, Closing, Message, pong, read
from graph.transport.operations import ClientGone, Operations
from graph.transport.sessions import SocketSession
from graph.transport.shared import Shared
from graph.transport.tokens import bearer

_logger = logging.getLogger(__name__)
_LAST_WORD_S = 1.0


class Socket:
    """Reads in one task, runs each operation in its own, and lets one of them write at a time.

    Nothing is queued: an operation waits until its message is handed over to the transport, so a client
    that reads slowly slows down its own operations and costs one message for each, no more.
    """

    __slots__ = (
        "_end", "_expires_at", "_frames", "_initialised", "_operations", "_receive", "_scope", "_send", "_session",
        "_shared", "_tasks", "_timer", "_turn", "user_key",
    )  # fmt: skip

    def __init__(self, *, shared: Shared, scope: Scope, receive: Receive, send: Send) -> None:
        self._shared = shared
        self._scope = scope
        self._receive = receive
        self._send = send
        self._end: asyncio.Future[Closing | None] = asyncio.get_running_loop().create_future()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._operations = Operations(shared=shared, request_id=request_id(scope), start=self._start, send=self.send)
        self._timer: asyncio.TimerHandle | None = None
        self._expires_at: float | None = None
        self._initialised = False
        self._session: SocketSession[Any] | None = None
        self._frames = 0
        self.user_key: str | None = None

    @property
    def operations(self) -> int:
        return len(self._operations)

    def end(self, closing: Closing | None) -> None:
        """Close with this code; None when the client has already gone. The first call counts."""
        if not self._end.done():
            self._end.set_result(closing)

    async def send(self, text: str) -> None:
        """Hand one message over to the transport, or wait until there is room for it."""
        async with self._turn:
            if self._end.done():
                return
            try:
                await self._send({"type": "websocket.send", "text": text})
            except OSError:
                raise ClientGone from None

    async def run(self) -> None:
        """Serve the socket until it ends, whoever ends it."""
        self._after(self._shared.limits.init_timeout, self._close, 4408, "Connection initialisation timeout")
        self._start(self._listen())
        try:
            closing = await self._end
            self._cancel_all()
            if closing is not None:
                await self._say_goodbye(closing)
        finally:
            self.end(None)
            await self._tear_down()

    async def _say_goodbye(self, closing: Closing) -> None:
        try:
            # A client that does not read could hold this back for ever.
            async with asyncio.timeout(_LAST_WORD_S):
                await self._send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})
        except (TimeoutError, OSError):
            return

    async def _tear_down(self) -> None:
        self._stop_timer()
        self._cancel_all()
        await ended(*self._tasks)
        if self._session is not None:
            await self._session.close()

    def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Closing):
            self.end(error)
        elif isinstance(error, ClientGone):
            self.end(None)
        elif error is not None:
            _logger.error("A socket failed", exc_info=error)
            self._close(4500, "Something went wrong on our side")

    def _close(self, code: int, reason: str) -> None:
        self.end(Closing(code, reason))

    def _after(self, seconds: float, act: Callable[..., None], *words: Any) -> None:
        """Set the one timer of this socket, in place of what it was set to; the token's end comes first."""
        self._stop_timer()
        left = seconds if self._expires_at is None else self._expires_at - self._shared.clock()
        if left < seconds:
            seconds, act, words = max(left, 0.0), self._close, (4403, "The token has expired")
        self._timer = asyncio.get_running_loop().call_later(seconds, act, *words)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    async def _listen(self) -> None:
        while (frame := await self._receive())["type"] != "websocket.disconnect":
            self._frames += 1
            await self._obey(read(frame, self._shared.limits.max_message_bytes))
            # Thousands of sockets idle: none shall hold what it heard last.
            del frame
        self.end(None)

    async def _obey(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                await self._initialise(message.payload or {})
            case "ping":
                await self.send(pong(message.payload))
            case "subscribe":
                if self._session is None:
                    raise Closing(4401, "Unauthorized")
                await self._operations.begin(message.id, message.payload or {}, self._session)
            case "complete":
                await self._operations.cancel(message.id)

    async def _initialise(self, payload: dict[str, Any]) -> None:
        if self._initialised:
            raise Closing(4429, "Too many initialisation requests")
        self._initialised = True
        session = self._session = await self._open_session(payload)
        if not self._shared.sockets.admit(session.user_key):
            raise Closing(1013, "Too many sockets of one user")
        self.user_key = session.user_key
        self._expires_at = session.expires_at
        session.revoked.tell(self._close, 4403, "The token was revoked")
        self._await_ping()
        await self.send(ACK)

    async def _open_session(self, payload: dict[str, Any]) -> SocketSession[Any]:
        token = payload.get("authorization", payload.get("Authorization"))
        try:
            return await self._shared.sessions.open_socket(HTTPConnection(self._scope), bearer(token))
        except (Unauthenticated, Forbidden):
            raise Closing(4403, "The token is wrong, has expired, or was revoked") from None
        except Unavailable:
            raise Closing(1013, "Try again later") from None
        finally:
            # Nobody reads them again.
            self._scope["headers"] = []

    def _await_ping(self) -> None:
        self._after(self._shared.limits.ping_every, self._ask)

    def _ask(self) -> None:
        self._start(self._ping())
        self._after(self._shared.limits.pong_within, self._judge, self._frames)

    def _judge(self, frames: int) -> None:
        if self._frames == frames:
            self._close(4499, "No pong came back")
        else:
            self._await_ping()

    async def _ping(self) -> None:
        try:
            async with asyncio.timeout(self._shared.limits.pong_within):
                await self.send(PING)
        except TimeoutError:
            raise Closing(4499, "The client takes no messages") from None
