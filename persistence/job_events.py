"""What happened in jobs, read in batches: the log of each job by its seq."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    FromClause,
    Select,
    SmallInteger,
    Uuid,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
)

from domain.jobs.events import EventKind, JobEvent
from domain.jobs.stores import EventFilter, EventPage
from domain.pages import Page, Position, Window
from domain.viewer import Viewer
from persistence.access import access, jobs_seen
from persistence.database import Reader
from persistence.event_rows import EVENT_COLUMNS, event_columns, event_of
from persistence.reading import Query, compiled
from persistence.search import contains, pattern
from persistence.tables.jobs import job_events, jobs

IDS = bindparam("ids", type_=ARRAY(Uuid))
NO_ID = UUID(int=0)
_AFTER, _BEFORE, _SIZE = (bindparam(name, type_=BigInteger) for name in ("after", "before", "size"))
_BEYOND = 2**62
_LOGS, _METRICS = EventFilter((EventKind.LOG,)), EventFilter((EventKind.METRIC,))


@dataclass(frozen=True, slots=True)
class _Shape:
    """All that changes the text of a statement."""

    access: str
    kinds: tuple[EventKind, ...]
    level: bool
    text: bool
    backward: bool = False


def seen_jobs(access: str) -> FromClause:
    """The jobs asked for, as far as the viewer sees them."""
    statement = select(jobs.c.id, jobs.c.series_from, jobs.c.last_seq).where(jobs.c.id == any_(IDS))
    return (statement if access == "admin" else statement.where(jobs_seen())).subquery("seen")


def _matching(shape: _Shape, seen: FromClause) -> Select[Any]:
    event = job_events.c
    found = select(*event_columns).where(event.job_id == seen.c.id, event.seq > _AFTER, event.seq < _BEFORE)
    if shape.kinds:
        # Constants, so that the index of one kind is used.
        found = found.where(or_(*(event.kind == kind.value for kind in shape.kinds)))
    if shape.level:
        found = found.where(event.level >= bindparam("level", type_=SmallInteger))
    return found.where(contains(event.message)) if shape.text else found


@cache
def _pages(shape: _Shape) -> Query:
    seen = seen_jobs(shape.access)
    order = job_events.c.seq.desc() if shape.backward else job_events.c.seq
    found = _matching(shape, seen).order_by(order).limit(_SIZE).lateral("found")
    oldest = select(func.min(job_events.c.seq)).where(job_events.c.job_id == seen.c.id).scalar_subquery()
    columns = [found.c[name] for name in EVENT_COLUMNS]
    about = seen.c.id.label("job_id"), seen.c.last_seq, oldest.label("oldest_seq")
    return compiled(select(*columns, *about).select_from(seen.outerjoin(found, true())))


@cache
def _counts(shape: _Shape) -> Query:
    seen = seen_jobs(shape.access)
    found = _matching(shape, seen).lateral("found")
    joined = seen.join(found, true())
    return compiled(select(seen.c.id, func.count()).select_from(joined).group_by(seen.c.id))


class PostgresJobEvents:
    """The part of domain.jobs.stores.JobReads that is about what happened."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def events(
        self, viewer: Viewer, id: UUID, after: int, limit: int, filter: EventFilter
    ) -> Sequence[JobEvent] | None:
        shape = _shape(viewer, filter)
        found = await self._found(shape, viewer, [id], filter, after=after, size=limit)
        return [event_of(record) for record in _there(found[id])] if id in found else None

    async def pages_of_events(
        self, viewer: Viewer, ids: Sequence[UUID], after: int, limit: int
    ) -> Sequence[EventPage | None]:
        everything = EventFilter()
        found = await self._found(_shape(viewer, everything), viewer, ids, everything, after=after, size=limit + 1)
        return [_event_page(found[id_], limit) if id_ in found else None for id_ in ids]

    async def pages_of_logs(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: EventFilter
    ) -> Sequence[Page[JobEvent]]:
        return await self._windows(viewer, ids, window, EventFilter(_LOGS.kinds, filter.level, filter.text))

    async def counts_of_logs(self, viewer: Viewer, ids: Sequence[UUID], filter: EventFilter) -> Sequence[int]:
        return await self._numbers(viewer, ids, EventFilter(_LOGS.kinds, filter.level, filter.text))

    async def pages_of_metrics(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[JobEvent]]:
        return await self._windows(viewer, ids, window, _METRICS)

    async def counts_of_metrics(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]:
        return await self._numbers(viewer, ids, _METRICS)

    async def _windows(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: EventFilter
    ) -> Sequence[Page[JobEvent]]:
        shape = _shape(viewer, filter, backward=window.backward)
        limits = {"after": _seq(window.after, 0), "before": _seq(window.before, _BEYOND), "size": window.size + 1}
        found = await self._found(shape, viewer, ids, filter, **limits)
        return [_page(window, _there(found.get(id_, ()))) for id_ in ids]

    async def _numbers(self, viewer: Viewer, ids: Sequence[UUID], filter: EventFilter) -> Sequence[int]:
        values = _values(viewer, ids, filter) | {"after": 0, "before": _BEYOND}
        records = await self._reader.rows(_counts(_shape(viewer, filter)), **values)
        numbers = {record[0]: record[1] for record in records}
        return [numbers.get(id_, 0) for id_ in ids]

    async def _found(
        self,
        shape: _Shape,
        viewer: Viewer,
        ids: Sequence[UUID],
        filter: EventFilter,
        *,
        after: int,
        size: int,
        before: int = _BEYOND,
    ) -> dict[UUID, list[Any]]:
        """The records of each job that the viewer sees; one without a seq for a job without events."""
        values = _values(viewer, ids, filter) | {"after": after, "before": before, "size": size}
        found: dict[UUID, list[Any]] = {}
        for record in await self._reader.rows(_pages(shape), **values):
            found.setdefault(record["job_id"], []).append(record)
        return found


def _shape(viewer: Viewer, filter: EventFilter, *, backward: bool = False) -> _Shape:
    kinds = tuple(sorted(set(filter.kinds)))
    return _Shape(access(viewer), kinds, filter.level is not None, pattern(filter.text) is not None, backward)


def _values(viewer: Viewer, ids: Sequence[UUID], filter: EventFilter) -> dict[str, Any]:
    level = filter.level and filter.level.rank
    return {"viewer": viewer.user_id, "ids": ids, "level": level, "text": pattern(filter.text)}


def _seq(position: Position | None, otherwise: int) -> int:
    return position.key if position and isinstance(position.key, int) else otherwise


def _there(records: Sequence[Any]) -> Sequence[Any]:
    return [record for record in records if record["seq"] is not None]


def _event_page(records: Sequence[Any], limit: int) -> EventPage:
    events = [event_of(record) for record in _there(records)]
    return EventPage(
        events=events[:limit],
        has_more=len(events) > limit,
        oldest_seq=records[0]["oldest_seq"],
        last_seq=records[0]["last_seq"],
    )


def _page(window: Window, records: Sequence[Any]) -> Page[JobEvent]:
    more = len(records) > window.size
    events = [event_of(record) for record in records[: window.size]]
    if window.backward:
        events.reverse()
    return Page(
        items=events,
        positions=[Position(event.seq, NO_ID) for event in events],
        window=window,
        has_next=window.before is not None if window.backward else more,
        has_previous=more if window.backward else window.after is not None,
    )
