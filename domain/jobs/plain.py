"""Events of a job as plain values, for JSON, and back. The wire, the store and the readers of both agree on this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.jobs.events import (
    Checkpoint,
    EventKind,
    Fact,
    JobEvent,
    Level,
    Log,
    Metric,
    Progress,
    Result,
    Split,
    Status,
)
from domain.jobs.status import JobStatus

_TYPES: dict[EventKind, type[Fact]] = {
    EventKind.LOG: Log,
    EventKind.METRIC: Metric,
    EventKind.PROGRESS: Progress,
    EventKind.STATUS: Status,
    EventKind.CHECKPOINT: Checkpoint,
    EventKind.RESULT: Result,
}
_KINDS = {type_: kind for kind, type_ in _TYPES.items()}
_NAMES = {type_: tuple(field.name for field in fields(type_)) for type_ in _KINDS}
_CONVERTERS: dict[str, Callable[[Any], Any]] = {"level": Level, "split": Split, "status": JobStatus}


def kind_of(fact: Fact) -> EventKind:
    return _KINDS[type(fact)]


def fact_to_plain(fact: Fact) -> dict[str, Any]:
    """Its fields by name, without those that are None."""
    values = ((name, getattr(fact, name)) for name in _NAMES[type(fact)])
    return {name: _plain(value) for name, value in values if value is not None}


def fact_from_plain(kind: EventKind, plain: Mapping[str, Any]) -> Fact:
    """What it does not know, from a newer version say, is left out."""
    type_ = _TYPES[kind]
    return type_(**{name: _CONVERTERS.get(name, _same)(plain[name]) for name in _NAMES[type_] if name in plain})


def event_to_plain(event: JobEvent) -> dict[str, Any]:
    head = {"seq": event.seq, "at": event.at.isoformat(), "kind": kind_of(event.fact).value}
    return head | fact_to_plain(event.fact)


def event_from_plain(plain: Mapping[str, Any]) -> JobEvent:
    at = datetime.fromisoformat(plain["at"])
    return JobEvent(plain["seq"], at, fact_from_plain(EventKind(plain["kind"]), plain))


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return dict(value) if isinstance(value, Mapping) else value


def _same(value: Any) -> Any:
    return value
