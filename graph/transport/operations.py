"""The operations that run on one socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from strawberry.types import ExecutionResult

from domain.ended import ended
from graph.execution.batches import Batch
from graph.transport.answers import refused, text_of
from graph.transport.faults import Fault, FaultCode, fault_of
from graph.transport.messages import Closing, Voice
from graph.transport.params import Params, from_json
from graph.transport.sessions import SocketSession
from graph.transport.shared import Shared

Start = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class ClientGone(Exception):
    """Nobody is there any more to send to."""


class Operations:
    """Starts, cancels and counts them. What goes wrong in one ends that one, not the socket."""

    __slots__ = ("_request_id", "_running", "_send", "_shared", "_start")

    def __init__(
        self, *, shared: Shared, request_id: str, start: Start, send: Callable[[str], Awaitable[None]]
    ) -> None:
        self._shared = shared
        self._request_id = request_id
        self._start = start
        self._send = send
        self._running: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._running)

    async def begin(self, id_: str, payload: dict[str, Any], session: SocketSession[Any]) -> None:
        """Answer a subscribe message."""
        if id_ in self._running:
            raise Closing(4409, f"Subscriber for {id_} already exists")
        try:
            params = self._accepted(payload)
        except Fault as fault:
            await self._send(Voice(id_).error([fault.formatted(self._request_id)]))
        else:
            self._running[id_] = self._start(self._run(id_, params, session))

    async def cancel(self, id_: str) -> None:
        """Answer a complete message."""
        if task := self._running.pop(id_, None):
            # Until it is gone, so that a client cannot pile up operations that are still cleaning up.
            await ended(task)

    def _accepted(self, payload: dict[str, Any]) -> Params:
        most = self._shared.limits.max_operations
        if len(self._running) >= most:
            raise Fault(FaultCode.RATE_LIMITED, f"A socket runs {most} operations at once: complete one first.")
        return from_json(payload)

    async def _run(self, id_: str, params: Params, session: SocketSession[Any]) -> None:
        voice = Voice(id_)
        try:
            results = await self._begun(params, session)
            # A subscription lives long, and nobody asks any more how it was asked for.
            del params
            last = await self._sent(results, voice)
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it ends this operation only
            last = voice.error([fault_of(error).formatted(self._request_id)])
        finally:
            # Before the last message, after which the client may use the id again.
            self._running.pop(id_, None)
        await self._send(last)

    async def _begun(self, params: Params, session: SocketSession[Any]) -> AsyncGenerator[Any, None]:
        return await self._shared.schema.stream(
            await self._shared.documents.text_of(params),
            variable_values=params.variables,
            context_value=await session.context(),
            operation_name=params.operation_name,
            operation_extensions=params.extensions,
        )

    async def _sent(self, results: AsyncGenerator[Any, None], voice: Voice) -> str:
        """Send the results; what comes back is the message that ends the operation."""
        async with aclosing(results):
            async for result in results:
                if isinstance(result, Batch):
                    last = await self._send_batch(result, voice)
                else:
                    assert isinstance(result, ExecutionResult)  # noqa: S101 - incremental delivery is not switched on
                    last = await self._send_one(result, voice)
                if last is not None:
                    return last
                del result
        return voice.complete()

    async def _send_one(self, result: ExecutionResult, voice: Voice) -> str | None:
        if refused(result):
            return voice.error([error.formatted for error in result.errors or ()])
        await self._send(voice.next(text_of(result)))
        return None

    async def _send_batch(self, batch: Batch, voice: Voice) -> str | None:
        for answer in batch.answers:
            if batch.is_stale:
                # The source says next why.
                return None
            if last := await self._send_one(answer, voice):
                return last
        return None
