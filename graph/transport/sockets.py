"""All open sockets of this process: counted, capped, and closed together when the process stops."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Protocol

from graph.transport.messages import Closing

SERVICE_RESTART = 1012


class OpenSocket(Protocol):
    """What the registry knows of a socket."""

    @property
    def operations(self) -> int: ...

    def end(self, closing: Closing) -> None: ...


class Sockets:
    """The registry. One per process, shared by everything that opens sockets."""

    def __init__(self, *, max_sockets: int = 10_000, max_per_user: int = 50) -> None:
        self._max_sockets = max_sockets
        self._max_per_user = max_per_user
        self._open: dict[OpenSocket, asyncio.Task[None]] = {}
        self._users: Counter[str] = Counter()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._open)

    @property
    def operations(self) -> int:
        """Operations that run on all sockets just now."""
        return sum(socket.operations for socket in self._open)

    def has_room(self) -> bool:
        """Whether one more socket may open; never while the process stops."""
        return not self._stopping and len(self._open) < self._max_sockets

    def add(self, socket: OpenSocket, task: asyncio.Task[None]) -> None:
        self._open[socket] = task

    def remove(self, socket: OpenSocket, user_key: str | None) -> None:
        self._open.pop(socket, None)
        if user_key is not None:
            self._users[user_key] -= 1
            if self._users[user_key] <= 0:
                del self._users[user_key]

    def admit(self, user_key: str) -> bool:
        """Count one more socket of this user, unless the user has enough of them. `remove` gives it back."""
        if self._users[user_key] >= self._max_per_user:
            return False
        self._users[user_key] += 1
        return True

    async def close_all(self, code: int = SERVICE_RESTART, *, within: float = 5.0) -> None:
        """Close every socket, refuse new ones from now on, and wait until they are gone, but not for ever."""
        self._stopping = True
        tasks = list(self._open.values())
        for socket in list(self._open):
            socket.end(Closing(code, "The server restarts"))
        if tasks:
            await asyncio.wait(tasks, timeout=within)
