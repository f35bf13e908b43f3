"""What the steps of a job change, and how many events come of what an attempt tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, case, func, literal, null, select

from domain.jobs.events import Progress
from domain.jobs.status import JobStatus
from domain.jobs.stores import Told
from persistence.tables.jobs import jobs

_NO_PACE: dict[str, Any] = {"steps_per_second": None, "seconds_left": None}
_AT_NOTHING: dict[str, Any] = {"progress": 0.0, "epoch": None, "epochs": None, "step": None, "steps": None}


def over(status: JobStatus, now: datetime) -> dict[str, Any]:
    return {"status": status, "finished_at": now}


def begun_again() -> dict[str, Any]:
    """An attempt begins at nothing, unless there is a checkpoint to go on from."""
    kept = {name: case((jobs.c.has_checkpoint, jobs.c[name]), else_=value) for name, value in _AT_NOTHING.items()}
    return kept | _NO_PACE


def waiting(now: datetime) -> dict[str, Any]:
    wiped = ("started_at", "finished_at", "cancel_requested_at", "error_code", "error_message")
    values = {"status": JobStatus.QUEUED, "queued_at": now, "failures": 0, "process": null()}
    return values | dict.fromkeys(wiped) | _NO_PACE


def forgotten() -> dict[str, Any]:
    values = {"heard": 0, "series_from": jobs.c.last_seq, "has_checkpoint": False, "result": null()}
    return values | {"remote_session": None} | _AT_NOTHING


def ascending(told: Sequence[Told]) -> list[Told]:
    """Each number once: what comes with one that was there before was heard then."""
    kept, highest = [], 0
    for one in told:
        if one.number is None or one.number > highest:
            kept.append(one)
            highest = one.number or highest
    return kept


def numbers_of(told: Sequence[Told]) -> list[int]:
    return [one.number for one in told if one.number is not None]


def count_of(told: Sequence[Told], progress: Progress | None) -> ColumnElement[int] | int:
    """How many events come of it; which numbers are new is known only under the lock of the row."""
    numbers = numbers_of(told)
    others = len(told) - len(numbers) + (progress is not None)
    if not numbers:
        return others
    number = func.unnest(literal(numbers, ARRAY(BigInteger))).column_valued("number")
    unheard = select(func.count(number)).where(number > jobs.c.heard)
    return unheard.correlate(jobs).scalar_subquery() + others


def columns_of(progress: Progress | None) -> dict[str, Any]:
    if progress is None:
        return {}
    values = asdict(progress)
    return {"progress": values.pop("percent"), **values}
