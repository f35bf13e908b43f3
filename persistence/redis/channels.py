"""One pub/sub connection for the whole process, however many listen, and however many channels they listen to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Protocol
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from domain.ended import ended

TICK_S = 1.0
DEADLINE_S = 3.0
_FAULTS = (RedisError, OSError, TimeoutError)

_log = structlog.get_logger(__name__)


class Listener(Protocol):
    """Told from the event loop, so it must be quick."""

    def message(self, data: bytes) -> None: ...

    def gap(self) -> None:
        """From here on all is heard; what was said before may have been missed."""


class Channels:
    """Subscribes when the first listener joins a channel, and unsubscribes when the last one leaves.

    A connection may be open and deaf: so it must hear an echo of its own, sent by another way, once a second.
    """

    def __init__(self, redis: Redis, *, tick_s: float = TICK_S, deadline_s: float = DEADLINE_S) -> None:
        self._redis = redis
        self._tick_s = tick_s
        self._deadline_s = deadline_s
        self._echo = f"tmw:echo:{uuid4().hex}".encode()
        self._listeners: dict[bytes, list[Listener]] = {}
        self._confirmed: set[bytes] = set()
        self._commands: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._heard_at = 0.0
        self._hears = False

    @property
    def hears(self) -> bool:
        """True only while it is known to work."""
        return self._hears

    def __len__(self) -> int:
        return len(self._listeners)

    def join(self, channel: str, listener: Listener) -> None:
        """Its first word is `gap`, when the channel is open."""
        name = channel.encode()
        listeners = self._listeners.setdefault(name, [])
        listeners.append(listener)
        if len(listeners) == 1:
            self._commands.put_nowait(("SUBSCRIBE", name))
        elif name in self._confirmed:
            listener.gap()

    def leave(self, channel: str, listener: Listener) -> None:
        name = channel.encode()
        listeners = self._listeners[name]
        listeners.remove(listener)
        if not listeners:
            del self._listeners[name]
            self._confirmed.discard(name)
            self._commands.put_nowait(("UNSUBSCRIBE", name))

    async def listen(self) -> None:
        """For ever: connect, hear, and after a fault connect again."""
        while True:
            try:
                await self._session()
            except _FAULTS as error:
                if self._hears:
                    _log.warning("channels.deaf", error=repr(error))
            finally:
                self._hears = False
                self._confirmed.clear()
            await asyncio.sleep(self._tick_s)

    async def _session(self) -> None:
        connection: AbstractConnection = self._redis.connection_pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            async with asyncio.timeout(self._deadline_s):
                await connection.connect()  # type: ignore[no-untyped-call]
            # What was asked for before is asked for anew here.
            self._commands = asyncio.Queue()
            for name in (*self._listeners, self._echo):
                self._commands.put_nowait(("SUBSCRIBE", name))
            self._heard_at = monotonic()
            work = self._write(connection, self._commands), self._read(connection), self._listen_for_the_echo()
            # Not in a task group, which cancels once: see `ended`.
            tasks = [asyncio.create_task(each) for each in work]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                await ended(*tasks)
        finally:
            await connection.disconnect(nowait=True)

    async def _write(self, connection: AbstractConnection, commands: asyncio.Queue[tuple[str, bytes]]) -> None:
        while True:
            batch = [await commands.get()]
            while not commands.empty():
                batch.append(commands.get_nowait())
            # A connection of this library would connect anew without a word, and be subscribed to nothing.
            if not connection.is_connected:
                raise ConnectionError("The pub/sub connection is gone.")
            await connection.send_packed_command(connection.pack_commands(batch), check_health=False)

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            reply: Sequence[bytes] = await connection.read_response()
            self._heard_at = monotonic()
            self._take(reply[0], reply[1], reply[2])

    def _take(self, kind: bytes, name: bytes, data: bytes) -> None:
        if name == self._echo:
            self._hears = self._hears or kind == b"message"
            if kind == b"subscribe":
                self._confirmed.add(name)
        elif kind == b"message":
            for listener in tuple(self._listeners.get(name, ())):
                listener.message(data)
        elif kind == b"subscribe" and name in self._listeners:
            self._confirmed.add(name)
            for listener in tuple(self._listeners[name]):
                listener.gap()

    async def _listen_for_the_echo(self) -> None:
        while True:
            if monotonic() - self._heard_at > self._deadline_s:
                raise TimeoutError("The pub/sub connection is deaf.")
            async with asyncio.timeout(self._deadline_s):
                await self._redis.publish(self._echo, b"")
            await asyncio.sleep(self._tick_s if self._hears else self._tick_s / 20)
