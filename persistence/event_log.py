"""The logs of jobs, read for those who were let in already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Uuid, any_, bindparam, func, select

from domain.jobs.events import JobEvent
from domain.live import Standing
from persistence.database import Reader
from persistence.event_rows import event_columns, event_of
from persistence.reading import compiled
from persistence.tables.jobs import is_open, job_events, jobs

_oldest = select(func.min(job_events.c.seq)).where(job_events.c.job_id == jobs.c.id).scalar_subquery()
_standing = select(jobs.c.id, func.coalesce(_oldest, jobs.c.last_seq + 1), jobs.c.last_seq, ~is_open)
_STANDS = compiled(_standing.where(jobs.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))))
# PostgreSQL keeps the plan for one, and makes that for a list anew each time, which takes longer than the rest.
_STANDS_ONE = compiled(_standing.where(jobs.c.id == bindparam("id", type_=Uuid)))
_AFTER = compiled(
    select(*event_columns)
    .where(job_events.c.job_id == bindparam("id", type_=Uuid), job_events.c.seq > bindparam("after", type_=BigInteger))
    .order_by(job_events.c.seq)
    .limit(bindparam("limit", type_=Integer))
)


class PostgresEventLog:
    """Implements domain.live.EventLog. Its reader must not lag behind what was published."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def stands(self, ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        if len(ids) == 1:
            records = await self._reader.rows(_STANDS_ONE, id=ids[0])
        else:
            records = await self._reader.rows(_STANDS, ids=ids)
        return {record[0]: Standing(record[1], record[2], record[3]) for record in records}

    async def after(self, id: UUID, seq: int, limit: int) -> Sequence[JobEvent]:
        records = await self._reader.rows(_AFTER, id=id, after=seq, limit=limit)
        return [event_of(record) for record in records]
