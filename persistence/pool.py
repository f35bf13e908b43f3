"""A pool of connections for single statements.

asyncpg's own lends a connection for as long as one likes, and pays for it with a proxy, a timer and a task each time:
as much as half a small query. Here a connection is lent to one statement, so taking it is a pop and giving it back an
append.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import asyncpg

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class Pool:
    """Opens connections when they are needed, `size` at most, and none of them grows older than `recycle_s`."""

    def __init__(self, connect: Connect, *, size: int, recycle_s: float, patience_s: float = 5.0) -> None:
        self._connect = connect
        self._size = size
        self._recycle_s = recycle_s
        self._patience_s = patience_s
        self._born: dict[asyncpg.Connection, float] = {}
        self._opening = 0
        self._idle: list[asyncpg.Connection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def in_use(self) -> int:
        return len(self._born) - len(self._idle)

    @property
    def idle(self) -> int:
        return len(self._idle)

    async def fetch(self, sql: str, arguments: Sequence[object]) -> Sequence[asyncpg.Record]:
        connection = self._ready() or await self._next()
        try:
            records: Sequence[asyncpg.Record] = await connection.fetch(sql, *arguments)
        except asyncpg.PostgresError:
            self._give_back(connection)
            raise
        except BaseException:
            # Cancelled or too late: the server may still be at it, so nobody else can use this connection.
            self._drop(connection)
            raise
        self._give_back(connection)
        return records

    async def close(self) -> None:
        """Close what is idle at once, and the others when they are given back."""
        self._closed = True
        while self._idle:
            self._drop(self._idle.pop())
        await asyncio.gather(*self._closing)

    async def _next(self) -> asyncpg.Connection:
        """A connection that was given back, or a new one."""
        async with asyncio.timeout(self._patience_s):
            while (connection := self._ready()) is None:
                if len(self._born) + self._opening < self._size:
                    return await self._opened()
                await self._turn()
        return connection

    def _ready(self) -> asyncpg.Connection | None:
        """An idle one that lives: those of a server that was restarted do not."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._drop(connection)
        return None

    async def _opened(self) -> asyncpg.Connection:
        self._opening += 1
        try:
            connection = await self._connect()
            self._born[connection] = monotonic()
        finally:
            self._opening -= 1
            # Also when it failed: the next one may try.
            self._wake_one()
        return connection

    async def _turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._wake_one()
            raise

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _give_back(self, connection: asyncpg.Connection) -> None:
        is_old = monotonic() - self._born[connection] > self._recycle_s
        if is_old or self._closed or connection.is_closed():
            self._drop(connection)
            return
        self._idle.append(connection)
        if self._waiting:
            self._wake_one()

    def _drop(self, connection: asyncpg.Connection) -> None:
        del self._born[connection]
        self._wake_one()
        task = asyncio.create_task(_closed(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


async def _closed(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()
