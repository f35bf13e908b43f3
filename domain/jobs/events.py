"""What happens in a job, in the order it happened: one `seq` over everything, from 1 and without a hole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.jobs.status import JobStatus


class EventKind(StrEnum):
    LOG = "log"
    METRIC = "metric"
    PROGRESS = "progress"
    STATUS = "status"
    CHECKPOINT = "checkpoint"
    RESULT = "result"


class Level(StrEnum):
    """From the least to the most important."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Split(StrEnum):
    TRAIN = "train"
    VALID = "valid"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Log:
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class Metric:
    """What was measured at one step. Values are finite; those of baselines are named like "buy_and_hold.sharpe"."""

    epoch: int
    step: int
    split: Split
    values: Mapping[str, float]
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    percent: float
    """0 to 100."""
    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    steps_per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The job stands so since this event. Machinery alone writes it, with the change itself."""

    status: JobStatus
    attempt: int
    cancel_requested: bool = False
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """From here the job can go on after a break."""

    step: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came out; the body depends on the kind of job."""

    body: Mapping[str, Any]


Fact = Log | Metric | Progress | Status | Checkpoint | Result


@dataclass(frozen=True, slots=True)
class JobEvent:
    seq: int
    at: datetime
    fact: Fact


@dataclass(frozen=True, slots=True)
class JobMoved:
    """Published when events of a job are committed: all of them, in order, unless they were too many to publish. Also
    when a job is asked for, which has none yet: then it goes from 1 to 0.

    `events` are those from `first_seq` on; where there are fewer than `last_seq - first_seq + 1`, the rest is read from
    the store.
    """

    job_id: UUID
    owner_id: UUID
    strategy_id: UUID | None
    dataset_id: UUID | None
    first_seq: int
    last_seq: int
    events: tuple[JobEvent, ...]
