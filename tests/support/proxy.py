"""A way to a server that can be cut, as a network can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self


class Proxy:
    """Passes bytes on, in both directions."""

    def __init__(self, target: int) -> None:
        self.target = target
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.connections = 0

    @classmethod
    @asynccontextmanager
    async def before(cls, target: int) -> AsyncIterator[Self]:
        proxy = cls(target)
        async with await asyncio.start_server(proxy._serve, "127.0.0.1", 0) as server:
            proxy.port = server.sockets[0].getsockname()[1]
            yield proxy
            proxy.cut()

    def cut(self) -> None:
        """Both ends of all connections break, without a goodbye."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self._open |= {writer, back}
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        self._open -= {writer, back}


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
