"""Waiting for little memory: the queue and the event of asyncio take four KiB for each socket that waits."""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.types import Message


class Inbox:
    """What a client said and nobody has taken yet; one at a time may wait for it."""

    __slots__ = ("_messages", "_taker")

    def __init__(self) -> None:
        self._messages: deque[Message] | None = None
        self._taker: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return self._messages is None

    def put_nowait(self, message: Message) -> None:
        if self._messages is None:
            self._messages = deque()
        self._messages.append(message)
        if self._taker is not None and not self._taker.done():
            self._taker.set_result(None)

    async def get(self) -> Message:
        while self._messages is None:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        self._taker = None
        message = self._messages.popleft()
        if not self._messages:
            self._messages = None
        return message


class Gate:
    """Open at first. Who finds it closed waits until it opens."""

    __slots__ = ("_opening",)

    def __init__(self) -> None:
        self._opening: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self._opening is None

    def set(self) -> None:
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.set_result(None)

    def clear(self) -> None:
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_future()

    async def wait(self) -> None:
        if self._opening is not None:
            # Others may wait for the same, and go on waiting when this one is cancelled.
            await asyncio.shield(self._opening)
