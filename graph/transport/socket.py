"""One open socket of graphql-transport-ws, from its first message to its close code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
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
        "_connection", "_deadline", "_end", "_frames", "_initialised", "_operations", "_receive",
        "_send", "_session", "_shared", "_tasks", "_turn", "user_key",
    )  # fmt: skip

    def __init__(self, *, shared: Shared, scope: Scope, receive: Receive, send: Send) -> None:
        self._shared = shared
        self._connection = HTTPConnection(scope)
        self._receive = receive
        self._send = send
        self._end: asyncio.Future[Closing | None] = asyncio.get_running_loop().create_future()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._operations = Operations(shared=shared, request_id=request_id(scope), start=self._start, send=self.send)
        self._deadline: asyncio.TimerHandle | None = None
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
        self._end_in(self._shared.limits.init_timeout, Closing(4408, "Connection initialisation timeout"))
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
        self._end_in(None)
        self._cancel_all()
        await ended(*self._tasks)
        if self._session is not None:
            await self._session.close()

    def _cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Closing as closing:
            self.end(closing)
        except ClientGone:
            self.end(None)
        except Exception:
            _logger.exception("A socket failed")
            self.end(Closing(4500, "Something went wrong on our side"))

    def _end_in(self, seconds: float | None, closing: Closing | None = None) -> None:
        """Set the one deadline of this socket in place of the one before; None: there is none."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None:
            self._deadline = asyncio.get_running_loop().call_later(max(seconds, 0.0), self.end, closing)

    async def _listen(self) -> None:
        while (frame := await self._receive())["type"] != "websocket.disconnect":
            self._frames += 1
            await self._obey(read(frame, self._shared.limits.max_message_bytes))
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
        left = None if session.expires_at is None else session.expires_at - self._shared.clock()
        self._end_in(left, Closing(4403, "The token has expired"))
        self._start(self._watch(session))
        await self.send(ACK)

    async def _open_session(self, payload: dict[str, Any]) -> SocketSession[Any]:
        try:
            return await self._shared.sessions.open_socket(
                self._connection, bearer(payload.get("authorization", payload.get("Authorization")))
            )
        except (Unauthenticated, Forbidden):
            raise Closing(4403, "Forbidden") from None
        except Unavailable:
            raise Closing(1013, "Try again later") from None

    async def _watch(self, session: SocketSession[Any]) -> None:
        """Whether the token is still good, and the client still there: one task, since thousands of sockets idle."""
        limits = self._shared.limits
        while True:
            await _unless_revoked(session, limits.ping_every)
            frames = self._frames
            self._start(self._ping())
            await _unless_revoked(session, limits.pong_within)
            if self._frames == frames:
                raise Closing(4499, "No pong came back")

    async def _ping(self) -> None:
        try:
            async with asyncio.timeout(self._shared.limits.pong_within):
                await self.send(PING)
        except TimeoutError:
            raise Closing(4499, "The client takes no messages") from None


async def _unless_revoked(session: SocketSession[Any], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await session.revoked.wait()
    except TimeoutError:
        return
    raise Closing(4403, "The token was revoked")
