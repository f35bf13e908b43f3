"""Server-sent events, by the graphql-sse protocol: one operation, one connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, cast

from starlette.requests import Request
from starlette.types import Send
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from domain.ended import ended
from graph.execution.batches import Answer, Batch, Resumed
from graph.transport.answers import text_of
from graph.transport.faults import Fault, FaultCode
from graph.transport.messages import Closing
from graph.transport.params import Params
from graph.transport.sessions import SocketSession
from graph.transport.shared import Shared
from graph.transport.tokens import bearer

EVENT_STREAM = b"text/event-stream; charset=utf-8"
COMPLETE = b"event: complete\ndata:\n\n"
KEEP_ALIVE = b":\n\n"
_HEADERS = [
    (b"content-type", EVENT_STREAM),
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept"),
    (b"x-content-type-options", b"nosniff"),
    # nginx would collect them.
    (b"x-accel-buffering", b"no"),
]
_LONGEST_ID = 17
_LAST_WORD_S = 1.0
_READING = frozenset({OperationType.QUERY, OperationType.SUBSCRIPTION})

_logger = logging.getLogger(__name__)


class EventStreams:
    """Answers requests that accept text/event-stream. They count as sockets."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def serve(self, request: Request, params: Params, send: Send) -> None:
        """Raises what goes wrong before the stream begins."""
        shared = self._shared
        if not shared.sockets.has_room():
            message = "There are too many streams just now. Try again in a moment."
            raise Fault(FaultCode.RATE_LIMITED, message, status=503, headers={"retry-after": "5"})
        session = await shared.sessions.open_socket(request, bearer(request.headers.get("authorization")))
        if not shared.sockets.admit(session.user_key):
            await session.close()
            message = "You have as many sockets and streams open as one may have: close one first."
            raise Fault(FaultCode.RATE_LIMITED, message, status=429)
        stream = EventStream(shared, request, send, session)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101
        shared.sockets.add(stream, task)
        try:
            await stream.run(await self._results(request, params, session))
        finally:
            shared.sockets.remove(stream, session.user_key)
            await session.close()

    async def _results(
        self, request: Request, params: Params, session: SocketSession[Any]
    ) -> AsyncGenerator[ExecutionResult, None]:
        context = await session.context()
        seen = request.headers.get("last-event-id", "")
        if isinstance(context, Resumed) and seen.isascii() and seen.isdigit() and len(seen) < _LONGEST_ID:
            context.resume(int(seen))
        allowed = {"allowed_operation_types": _READING} if request.method == "GET" else {}
        results: Any = await self._shared.schema.stream(
            await self._shared.documents.text_of(params),
            variable_values=params.variables,
            context_value=context,
            operation_name=params.operation_name,
            operation_extensions=params.extensions,
            **allowed,
        )
        return cast("AsyncGenerator[ExecutionResult, None]", results)


class EventStream:
    """One open stream. Whatever ends it first counts: its last result, the client, the token, the server's stop."""

    operations = 1

    def __init__(self, shared: Shared, request: Request, send: Send, session: SocketSession[Any]) -> None:
        self._shared = shared
        self._request = request
        self._send = send
        self._session = session
        self._end: asyncio.Future[Closing | None] = asyncio.get_running_loop().create_future()
        self._turn = asyncio.Lock()

    def end(self, closing: Closing | None) -> None:
        """None: the client has gone."""
        if not self._end.done():
            self._end.set_result(closing)

    async def run(self, results: AsyncGenerator[ExecutionResult, None]) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        work = [self._write(results), self._keep_alive(), self._watch_client(), self._watch_token()]
        tasks = [asyncio.create_task(self._guarded(each)) for each in work]
        try:
            closing = await self._end
        finally:
            self.end(None)
            await ended(*tasks)
        if closing is not None:
            await self._say_goodbye()

    async def _write(self, results: AsyncGenerator[ExecutionResult, None]) -> None:
        async with aclosing(results):
            async for result in results:
                await self._say(_events(result))
        await self._say(COMPLETE)
        self.end(Closing(1000, "Complete"))

    async def _say(self, body: bytes) -> None:
        async with self._turn:
            if body and not self._end.done():
                await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _keep_alive(self) -> None:
        """A client that takes nothing is given up."""
        limits = self._shared.limits
        while True:
            await asyncio.sleep(limits.ping_every)
            try:
                async with asyncio.timeout(limits.pong_within):
                    await self._say(KEEP_ALIVE)
            except TimeoutError:
                self.end(None)

    async def _watch_client(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self.end(None)

    async def _watch_token(self) -> None:
        """It ends without a word: who comes back with the same token hears why."""
        self._session.revoked.tell(self._end_with_token)
        expires_at = self._session.expires_at
        if expires_at is not None:
            await asyncio.sleep(max(expires_at - self._shared.clock(), 0))
            self._end_with_token()

    def _end_with_token(self) -> None:
        self.end(Closing(4403, "The token has ended"))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except OSError:
            self.end(None)
        except Exception:
            _logger.exception("An event stream failed")
            self.end(Closing(4500, "Something went wrong on our side"))

    async def _say_goodbye(self) -> None:
        try:
            async with asyncio.timeout(_LAST_WORD_S):
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, OSError):
            return


def _events(result: ExecutionResult) -> bytes:
    if not isinstance(result, Batch):
        return _event(result)
    return b"" if result.is_stale else b"".join(map(_event, result.answers))


def _event(result: ExecutionResult) -> bytes:
    place = f"id: {result.place}\n" if isinstance(result, Answer) and result.place is not None else ""
    return f"event: next\n{place}data: {text_of(result)}\n\n".encode()
