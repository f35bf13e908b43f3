"""A pool of connections that stays closed."""

from __future__ import annotations

from typing import Any

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError


class FinalPool(ConnectionPool):
    """Who comes after its end is refused: the library would open a connection that nobody closes again."""

    _is_closed = False

    async def aclose(self) -> None:
        self._is_closed = True
        await super().aclose()

    async def get_connection(self, *arguments: Any, **options: Any) -> AbstractConnection:
        if self._is_closed:
            raise RedisConnectionError("The connections to Redis are closed.")
        connection: AbstractConnection = await super().get_connection(*arguments, **options)
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        await super().release(connection)
        if self._is_closed:
            # It was being opened when the others were closed.
            await connection.disconnect(nowait=True)
