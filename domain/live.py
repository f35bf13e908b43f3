"""What following jobs needs to read, and what rings when there is something to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from domain.jobs.events import JobEvent
from domain.jobs.model import Job
from domain.viewer import Role, Viewer


class Listener(Protocol):
    """Told from the event loop, so it must be quick."""

    def message(self, data: bytes) -> None: ...

    def gap(self) -> None:
        """From here on all is heard; what was said before may have been missed."""


class Channels(Protocol):
    """Rings in this process when something happened in another one. It may be deaf; then `hears` is false."""

    @property
    def hears(self) -> bool: ...

    def join(self, channel: str, listener: Listener) -> None:
        """Its first word is `gap`, when the channel is open."""

    def leave(self, channel: str, listener: Listener) -> None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the log of a job goes."""

    oldest_seq: int
    """The first that is kept; one more than the last when none is."""
    last_seq: int
    is_over: bool


class EventLog(Protocol):
    """The logs of jobs, for those who were let in. Raises domain.errors.Unavailable."""

    async def stands(self, ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        """Those that exist."""

    async def after(self, id: UUID, seq: int, limit: int) -> Sequence[JobEvent]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pairs of who watches and what, by kind of what."""

    people: frozenset[UUID]
    jobs: frozenset[tuple[UUID, UUID]]
    strategies: frozenset[tuple[UUID, UUID]]
    datasets: frozenset[tuple[UUID, UUID]]
    projects: frozenset[tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Sights:
    """Who may still see what they watch."""

    roles: Mapping[UUID, Role]
    """Of those who are still active."""
    seen: Mapping[tuple[UUID, UUID], datetime | None]
    """By person and subject; when the subject last changed, where that is not told otherwise."""


class Look(Protocol):
    async def __call__(self, wanted: Wanted) -> Sights:
        """The rights of this moment. Raises domain.errors.Unavailable."""


@dataclass(frozen=True, slots=True)
class BoardWish:
    """Which jobs are on a board: one's own, or those about something."""

    name: Literal["mine", "strategy", "dataset", "project"]
    subject: UUID | None = None


class BoardReads(Protocol):
    """Jobs for boards, filtered by the viewer. Raises domain.errors.Unavailable."""

    async def among(self, viewer: Viewer, wish: BoardWish, ids: Sequence[UUID]) -> Sequence[Job]:
        """Those of these that belong on the board."""

    async def recent(self, viewer: Viewer, wish: BoardWish, since: datetime, limit: int) -> Sequence[Job]:
        """Those that are not over, and those that changed since then, the youngest first."""
