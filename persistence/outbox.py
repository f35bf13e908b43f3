"""The tasks that use cases asked for, as workers see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    DateTime,
    Delete,
    Select,
    Text,
    Update,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.jobs.service import RUN
from domain.jobs.status import JobStatus
from domain.work import Queue
from persistence import queue_order
from persistence.tables.jobs import is_open, jobs
from persistence.tables.system import outbox, queue_turns
from persistence.tables.users import users

_open = outbox.c.failed_at.is_(None)
_FREE: dict[str, Any] = {"claimed_by": None}
_CLAIMED = ("id", "task", "payload", "attempts", "claimed_by")
_TASK: BindParameter[UUID] = bindparam("task_id", type_=Uuid)
_UNTIL: BindParameter[datetime] = bindparam("until", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class ClaimedTask:
    id: UUID
    name: str
    payload: Mapping[str, Any]
    attempt: int
    claimed_by: str


class PostgresOutbox:
    """Implements workers.ports.Outbox. Each change is one guarded statement, so it needs no transaction around it; but
    a claim is two, under a lock of the owner: they must not be counted by two workers at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def claim(self, id: UUID, now: datetime, lease: timedelta, by: str) -> ClaimedTask | None:
        async with self._engine.begin() as connection:
            await connection.execute(_lock_owner, {"task_id": id})
            values = {"task_id": id, "now": now, "until": now + lease, "by": by}
            row = (await connection.execute(_claim, values)).one_or_none()
        return ClaimedTask(*row) if row else None

    async def renew(self, id: UUID, attempt: int, until: datetime) -> bool:
        return await self._change(update(outbox).where(_current(id, attempt)).values(due_at=until))

    async def done(self, id: UUID, attempt: int) -> bool:
        return await self._change(delete(outbox).where(_current(id, attempt)))

    async def release(self, id: UUID, attempt: int, now: datetime) -> bool:
        values = {"due_at": now, "attempts": attempt - 1}
        return await self._change(update(outbox).where(_current(id, attempt)).values(**values, **_FREE))

    async def retry(self, id: UUID, attempt: int, due_at: datetime, error: str) -> bool:
        values = {"due_at": due_at, "error": error}
        return await self._change(update(outbox).where(_current(id, attempt)).values(**values, **_FREE))

    async def fail(self, id: UUID, attempt: int, now: datetime, error: str) -> bool:
        values = {"failed_at": now, "error": error}
        return await self._change(update(outbox).where(_current(id, attempt)).values(**values, **_FREE))

    async def due(self, queue: Queue, now: datetime, limit: int) -> Sequence[UUID]:
        async with self._engine.begin() as connection:
            await connection.execute(queue_order.IN_INDEX_ORDER)
            found = await connection.execute(queue_order.due(queue), {"now": now, "limit": limit})
            return list(found.scalars())

    async def claimed_on(self, machine: str, now: datetime) -> Sequence[tuple[Queue, ClaimedTask]]:
        columns = [outbox.c.queue, *(outbox.c[name] for name in _CLAIMED)]
        here = outbox.c.claimed_by.startswith(machine + "|", autoescape=True)
        statement = select(*columns).where(_open, here, outbox.c.due_at > now)
        async with self._single.connect() as connection:
            rows = (await connection.execute(statement)).all()
        return [(Queue(row[0]), ClaimedTask(*row[1:])) for row in rows]

    async def cancels_unheard(self, now: datetime) -> Sequence[UUID]:
        held = _open & outbox.c.claimed_by.is_not(None) & (outbox.c.due_at > now)
        theirs = (outbox.c.task == RUN) & (outbox.c.payload["job"].astext == cast(jobs.c.id, Text))
        wanted = (jobs.c.status == JobStatus.RUNNING) & jobs.c.cancel_requested_at.is_not(None) & is_open
        statement = select(jobs.c.id).where(wanted, ~select(outbox.c.id).where(held, theirs).exists())
        async with self._single.connect() as connection:
            return list((await connection.execute(statement)).scalars())

    async def abandon(self, id: UUID, attempt: int, claimed_by: str, now: datetime) -> bool:
        mine = _current(id, attempt) & (outbox.c.claimed_by == claimed_by)
        return await self._change(update(outbox).where(mine).values(due_at=now, **_FREE))

    async def _change(self, statement: Update | Delete) -> bool:
        async with self._single.connect() as connection:
            return (await connection.execute(statement)).rowcount == 1


def _claiming() -> Select[Any]:
    """Takes the task, if it is due and its owner has not as many at work as allowed; then the owner's turn is over."""
    counts = outbox.c.queue.in_(queue_order.QUOTA_QUEUES)
    allowed = queue_order.at_work(outbox.c.owner_id, queue_order.QUOTA_QUEUES) < queue_order.quota()
    claimed = (
        update(outbox)
        .where(outbox.c.id == _TASK, outbox.c.due_at <= queue_order.NOW, _open)
        .where(or_(~counts, outbox.c.owner_id.is_(None), allowed))
        .values(attempts=outbox.c.attempts + 1, due_at=_UNTIL, claimed_by=bindparam("by"))
        .returning(*(outbox.c[name] for name in _CLAIMED), outbox.c.owner_id, outbox.c.queue)
        .cte("claimed")
    )
    served = select(users.c.id, claimed.c.queue).join_from(claimed, users, users.c.id == claimed.c.owner_id)
    turn = insert(queue_turns).from_select(["owner_id", "queue"], served, include_defaults=False)
    turn_over = turn.on_conflict_do_update(index_elements=["owner_id", "queue"], set_={"turn": text("DEFAULT")})
    return select(*(claimed.c[name] for name in _CLAIMED)).add_cte(turn_over.cte("turn_over"))


def _locking() -> Select[Any]:
    """Of the owners for whom it is counted. Held until the claim is committed."""
    key = func.hashtextextended(cast(outbox.c.owner_id, Text), 0)
    counts = outbox.c.queue.in_(queue_order.QUOTA_QUEUES)
    return select(func.pg_advisory_xact_lock(key)).where(outbox.c.id == _TASK, counts, outbox.c.owner_id.is_not(None))


_claim, _lock_owner = _claiming(), _locking()


def _current(id: UUID, attempt: int) -> ColumnElement[bool]:
    return (outbox.c.id == id) & (outbox.c.attempts == attempt) & _open
