"""What a run on the service tells, one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Self

from workers.engines.trademaster.logs.measures import Measure


class Level(StrEnum):
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Split(StrEnum):
    TRAIN = "train"
    VALID = "valid"
    TEST = "test"
    SUMMARY = "summary"
    """A policy over all stretches of one regime."""
    SCORES = "scores"
    """The agent against the policies that it is compared with."""
    LABELLING = "labelling"


class Stage(StrEnum):
    TRAIN = "train"
    TEST = "test"
    LABELLING = "labelling"
    DYNAMICS_TEST = "dynamics_test"


class Trouble(StrEnum):
    """Why a run failed."""

    FAILED = "FAILED"
    """What ran over there broke off with a traceback."""
    DECLINED = "DECLINED"
    """The service refused."""
    LOST = "LOST"
    """The service no longer knows the session."""
    STALLED = "STALLED"
    """It has said nothing for too long."""
    UNREACHABLE = "UNREACHABLE"
    """The service did not answer for too long."""
    UNANSWERED = "UNANSWERED"
    """It may have begun something, and never said under which session."""


@dataclass(frozen=True, slots=True)
class SessionStarted:
    session_id: str


@dataclass(frozen=True, slots=True)
class Log:
    level: Level
    message: str
    number: int | None = None
    """Its place in what the logs of the run say, from 1, the same whenever they are read; None: a note of ours."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of a table in the log. `step` says which table of its epoch and split it is, from 1."""

    epoch: int | None
    step: int
    split: Split
    values: Mapping[str, Measure]
    policy: str | None = None
    """In a dynamics test: whose it is."""
    period: tuple[str, str] | None = None
    """In a dynamics test: from when to when, as printed."""
    number: int | None = None
    """As that of a line."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`share` goes from 0 to 1."""

    share: float
    epoch: int | None = None
    epochs: int | None = None


@dataclass(frozen=True, slots=True)
class Artefact:
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """How far the log is read. A run goes on from the last one that was kept, and nothing comes twice."""

    session_id: str
    stage: Stage
    count: int = 0
    tail: tuple[str, ...] = field(default=(), repr=False)
    """The last lines that were read, so that they are recognised."""
    told: int = 0
    """The number of the last line or metric before it."""
    label: int | None = None
    """In a dynamics test: of which regime."""
    stale: str = ""
    """The mark of the log that an earlier run left there: it is shown until this one begins."""

    def packed(self) -> str:
        """As a text that `unpacked` understands."""
        return json.dumps(asdict(self))

    @classmethod
    def unpacked(cls, text: str) -> Self:
        found = json.loads(text)
        return cls(**{**found, "stage": Stage(found["stage"]), "tail": tuple(found["tail"])})


@dataclass(frozen=True, slots=True)
class Failed:
    code: Trouble
    message: str
    again: bool = False
    """Nothing was begun over there, so another try does no harm."""


@dataclass(frozen=True, slots=True)
class Finished:
    measures: Mapping[str, Measure]
    """Of the last test."""


Event = SessionStarted | Log | Metric | Progress | Artefact | Place | Failed | Finished
