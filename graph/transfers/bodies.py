"""The body of a request as it comes in, chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

IDLE_S = 30.0
LINGER_S = 2.0


MOST_BYTES_PER_S = 64_000_000
_SHORTEST_WAIT_S = 0.002


class Pace:
    """How fast one process takes bodies in, all together: what a fast line brings must not keep others waiting."""

    def __init__(self, bytes_per_s: float = MOST_BYTES_PER_S) -> None:
        self._bytes_per_s = bytes_per_s
        self._free_at = 0.0

    async def took(self, size: int) -> None:
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + size / self._bytes_per_s
        if self._free_at - now >= _SHORTEST_WAIT_S:
            await asyncio.sleep(self._free_at - now)


class TooSlow(Exception):
    """Nothing came for too long."""


class Body:
    """Reads once. A client that is silent for too long is given up, so that it can go on with another connection."""

    def __init__(self, scope: Scope, receive: Receive, pace: Pace, idle_s: float = IDLE_S) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        told = headers.get(b"content-length", b"")
        chunked = b"transfer-encoding" in headers
        self.length = int(told) if told.isdigit() else None if chunked or told else 0
        self._awaits_leave = b"expect" in headers
        self._receive = receive
        self._pace = pace
        self._idle_s = idle_s
        self._ended = False

    @property
    def unread(self) -> bool:
        """Whether the client is sending, or about to, what nobody will read."""
        return not self._ended and self.length != 0

    async def chunks(self) -> AsyncIterator[bytes]:
        self._awaits_leave = False
        while not self._ended:
            try:
                async with asyncio.timeout(self._idle_s):
                    message = await self._receive()
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.disconnect":
                self._ended = True
                raise ClientDisconnect
            self._ended = not message.get("more_body", False)
            if chunk := message.get("body", b""):
                yield chunk
                await self._pace.took(len(chunk))

    async def linger(self) -> None:
        """Throw away what comes for a moment: closing with unread bytes would lose the answer on its way.

        Who waits for leave to send shall not get it.
        """
        if self._awaits_leave:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while (await self._receive()).get("more_body", False):
                    pass
