"""Events of jobs as rows of their table, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain.jobs.events import EventKind, Fact, JobEvent, Level, Log, Metric, Split
from domain.jobs.plain import fact_from_plain, fact_to_plain, kind_of
from persistence.tables.jobs import job_events

EVENT_COLUMNS = ("seq", "at", "kind", "level", "message", "epoch", "step", "split", "seed", "body")
"""What `event_of` takes, in this order."""
COLUMNS = ("job_id", *EVENT_COLUMNS)
event_columns = [job_events.c[name] for name in EVENT_COLUMNS]
_LEVELS = tuple(Level)


def row_of(job_id: UUID, event: JobEvent) -> tuple[Any, ...]:
    """The values of COLUMNS; the body is still a dictionary."""
    head = (job_id, event.seq, event.at, kind_of(event.fact).value)
    match event.fact:
        case Log(level, message):
            return *head, level.rank, message, None, None, None, None, None
        case Metric(epoch, step, split, values, seed):
            return *head, None, None, epoch, step, split.value, seed, dict(values)
        case fact:
            return *head, None, None, None, None, None, None, fact_to_plain(fact)


def event_of(record: Sequence[Any]) -> JobEvent:
    seq, at, kind, *_ = record
    return JobEvent(seq, at, _fact(EventKind(kind), record))


def _fact(kind: EventKind, record: Sequence[Any]) -> Fact:
    level, message, epoch, step, split, seed, body = record[3 : len(EVENT_COLUMNS)]
    match kind:
        case EventKind.LOG:
            return Log(_LEVELS[level], message)
        case EventKind.METRIC:
            return Metric(epoch, step, Split(split), body, seed)
        case _:
            return fact_from_plain(kind, body)
