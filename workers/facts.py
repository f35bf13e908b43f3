"""What engines and executors tell, made fit to be kept: one bad value must not hold up all that comes after it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from domain.jobs.events import Checkpoint, Log, Metric, Progress, Result

LONGEST_MESSAGE = 10_000
LONGEST_NAME = 100

AnyFact = TypeVar("AnyFact", bound=Log | Metric | Progress | Checkpoint | Result)


def fit(text: str, longest: int) -> str:
    """What Postgres can store: no NUL, no halves of characters, no more than there is room for."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:longest]


def cleaned(fact: AnyFact) -> AnyFact:
    match fact:
        case Log(_, message):
            return replace(fact, message=fit(message, LONGEST_MESSAGE))
        case Metric(values=values):
            finite = {fit(name, LONGEST_NAME): float(value) for name, value in values.items() if math.isfinite(value)}
            return replace(fact, values=finite)
        case Progress(steps_per_second=pace, seconds_left=left):
            percent = min(100.0, max(0.0, fact.percent))
            return replace(fact, percent=percent, steps_per_second=_finite(pace), seconds_left=_finite(left))
        case Result(body):
            return replace(fact, body=_json(body))
        case _:
            return fact


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _json(value: Any) -> Any:
    """What is not a number is null, as JSON has it."""
    if isinstance(value, str):
        return fit(value, len(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {fit(str(name), LONGEST_NAME): _json(part) for name, part in value.items()}
    return [_json(part) for part in value] if isinstance(value, list | tuple) else value
