"""A notification, and what people choose to be told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MAX_TITLE = 200
MAX_MESSAGE = 2_000


class NoticeKind(StrEnum):
    """What a notification is about."""

    JOB_COMPLETED = "job_completed"
    JOB_FAILED = "job_failed"
    DATASET_BAD = "dataset_bad"
    PROJECT_INVITATION = "project_invitation"
    BROADCAST = "broadcast"


class Tone(StrEnum):
    """How it is meant."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Subject:
    """An object that a notification leads to: the name of its type in the graph, and its id."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told."""

    kind: NoticeKind
    tone: Tone
    title: str
    message: str
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice that is kept.

    Ids are made one after the other, in the order in which they are committed, each in a millisecond of its own: who
    has seen one has seen, or could have seen, all with a lower id.
    """

    id: UUID
    user_id: UUID | None
    """None: everyone who was registered by then."""
    kind: NoticeKind
    type: Tone
    title: str
    message: str
    link_type: str | None
    link_id: UUID | None
    read_at: datetime | None
    """When the viewer read it."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NotificationFilter:
    """Which ones to list. None: does not matter."""

    unread: bool | None = None
    kinds: tuple[NoticeKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Where somebody wants to be told of a kind."""

    kind: NoticeKind
    in_app: bool = True
    mail: bool = False


_LOW = 80
"""The bits of an id below its millisecond."""


def moment_of(id: UUID) -> int:
    """The millisecond of an id: a number that no other notification has, and later ones are above."""
    return id.int >> _LOW


def following(id: UUID, last: UUID) -> UUID:
    """This new id, or one like it in the millisecond after the last one."""
    if moment_of(id) > moment_of(last):
        return id
    return UUID(int=(moment_of(last) + 1 << _LOW) | id.int & (1 << _LOW) - 1)


def end_of(moment: int) -> UUID:
    """The highest id of that millisecond: what lies after it comes after the notification of that moment."""
    return UUID(int=(moment + 1 << _LOW) - 1)
