"""What workers ask of the stores."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from domain.work import Queue

Handler = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Does one kind of task. It may be called again with the same payload: a worker can die before it has said "done"."""


class ClaimedTask(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def attempt(self) -> int:
        """Which one this is, from 1. Whoever claims the task next gets a higher one."""


class Outbox(Protocol):
    """The tasks that were asked for. An answer of False means that the attempt is no longer the current one: its lease
    ran out and somebody else has the task, so nothing was changed."""

    async def claim(self, id: UUID, now: datetime, lease: timedelta) -> ClaimedTask | None:
        """None when it is not due: done, failed, put off, or at work elsewhere."""

    async def renew(self, id: UUID, attempt: int, until: datetime) -> bool: ...

    async def done(self, id: UUID, attempt: int) -> bool: ...

    async def release(self, id: UUID, attempt: int, now: datetime) -> bool:
        """It is due again at once, and the attempt does not count."""

    async def retry(self, id: UUID, attempt: int, due_at: datetime, error: str) -> bool: ...

    async def fail(self, id: UUID, attempt: int, now: datetime, error: str) -> bool: ...

    async def due(self, queue: Queue, now: datetime, limit: int) -> Sequence[UUID]:
        """What waits longest comes first."""


class Purge(Protocol):
    """Deletes what nobody needs any more; returns how many rows."""

    async def sessions(self, *, expired_before: datetime) -> int: ...

    async def failed_tasks(self, *, failed_before: datetime) -> int: ...
