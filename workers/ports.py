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

    @property
    def claimed_by(self) -> str: ...


class Outbox(Protocol):
    """The tasks that were asked for. An answer of False means that the attempt is no longer the current one: its lease
    ran out and somebody else has the task, so nothing was changed."""

    async def claim(self, id: UUID, now: datetime, lease: timedelta, by: str) -> ClaimedTask | None:
        """None when it is not due: done, failed, put off, or at work elsewhere; or when its owner has as many tasks at
        work as allowed. `by`: see workers.machine.signature."""

    async def renew(self, id: UUID, attempt: int, until: datetime) -> bool: ...

    async def done(self, id: UUID, attempt: int) -> bool: ...

    async def release(self, id: UUID, attempt: int, now: datetime) -> bool:
        """It is due again at once, and the attempt does not count."""

    async def retry(self, id: UUID, attempt: int, due_at: datetime, error: str) -> bool: ...

    async def fail(self, id: UUID, attempt: int, now: datetime, error: str) -> bool: ...

    async def due(self, queue: Queue, now: datetime, limit: int) -> Sequence[UUID]:
        """In turn: first what has no owner, by age; then one owner after the other, each with a list of his own."""

    async def claimed_on(self, machine: str, now: datetime) -> Sequence[tuple[Queue, ClaimedTask]]:
        """Those that are at work in processes of this machine."""

    async def cancels_unheard(self, now: datetime) -> Sequence[UUID]:
        """Jobs that are begun and to be cancelled, and that nobody has at work: their worker stopped, or its whole
        machine died, and they wait for their turn."""

    async def abandon(self, id: UUID, attempt: int, claimed_by: str, now: datetime) -> bool:
        """It is due again at once, as whoever claimed it died; the attempt counts."""


class Purge(Protocol):
    """Deletes what nobody needs any more; returns how many rows."""

    async def sessions(self, *, expired_before: datetime) -> int: ...

    async def failed_tasks(self, *, failed_before: datetime) -> int: ...

    async def notifications(self, *, before: datetime) -> int:
        """Those that were read before, and those to everyone that were made before."""
