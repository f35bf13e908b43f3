"""What jobs need to be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from domain.jobs.artefacts import ArtefactReads
from domain.jobs.events import Checkpoint, EventKind, Fact, JobEvent, Level, Progress, Split
from domain.jobs.model import Job, JobFilter
from domain.pages import Page, Window
from domain.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Told:
    """A fact on its way into the log of a job."""

    at: datetime
    fact: Fact
    number: int | None = None
    """See domain.jobs.running.Run.tell."""


@dataclass(frozen=True, slots=True)
class Process:
    """Where an attempt runs: enough for a neighbour on the same machine to tell whether it is alive."""

    machine: str
    pid: int
    started: float
    group: int | None = None
    """The process group that works for it."""


class JobStore(Protocol):
    """Writing side: inside a unit of work.

    Each step is one guarded UPDATE, which gives the job as it is then, or None (False) when it changed nothing.
    `attempt` is the fence: a worker that was given up on, and wakes again, changes nothing.

    Each step that changes the status, and each wish to cancel, adds a Status to the job's events by itself, and all
    events are published with the unit of work.

    Who needs a job and what it is about locks the job first.
    """

    async def add(self, job: Job, idempotency_key: str | None = None) -> bool:
        """False when this owner used the key already."""

    async def made_with(self, owner_id: UUID, idempotency_key: str) -> Job | None: ...

    async def lock(self, viewer: Viewer, id: UUID) -> Job:
        """Refuses with NOT_FOUND when the viewer may not see it."""

    async def get(self, id: UUID) -> Job | None: ...

    async def start(self, id: UUID, now: datetime, process: Process) -> Job | None:
        """The next attempt begins. None when the job is over, or was deleted."""

    async def heard(self, id: UUID) -> int:
        """The number of the last numbered fact that is kept."""

    async def record(self, id: UUID, attempt: int, told: Sequence[Told], progress: Progress | None) -> int | None:
        """Keeps all of them under the next seqs, and how far the job is. Facts whose number was heard already are
        dropped. The last seq then; None when the attempt is no longer the present one: stop."""

    async def has_kept(self, id: UUID, attempt: int, seq: int, told: Told | None) -> bool | None:
        """Whether this was kept after that seq, or for None how far the job is; None when the attempt is no longer the
        present one.

        For a writer that does not know whether its last transaction was committed: it waits for that one's end. Others
        write there, too: that there is something new proves nothing.
        """

    async def at_work(self, id: UUID, attempt: int, group: int | None) -> bool:
        """Notes the process group that works for the attempt."""

    async def checkpoint_kept(self, id: UUID, attempt: int) -> bool: ...

    async def last_checkpoint(self, id: UUID) -> Checkpoint | None: ...

    async def remember_session(self, id: UUID, attempt: int, session: str) -> bool:
        """The session of a remote engine."""

    async def session_of(self, id: UUID) -> str | None: ...

    async def labelled_since(self, labelling: Job) -> bool:
        """Whether its owner had the same session labelled once more since then."""

    async def complete(
        self, id: UUID, attempt: int, now: datetime, result: Mapping[str, Any] | None = None
    ) -> Job | None: ...

    async def fail(self, id: UUID, attempt: int, code: str, message: str, now: datetime) -> Job | None:
        """Also for a queued job, which has made no attempt yet."""

    async def stumble(self, id: UUID, attempt: int, now: datetime) -> int | None:
        """An attempt failed, but the next may succeed: the job waits again. How many attempts have failed so far."""

    async def failures(self, id: UUID) -> int:
        """How many attempts have stumbled."""

    async def request_cancel(self, id: UUID, now: datetime) -> Job | None:
        """A queued job is cancelled at once, and its task is gone; a running one is marked. None when it is over."""

    async def cancelled(self, id: UUID, attempt: int, now: datetime) -> Job | None: ...

    async def requeue(self, id: UUID, now: datetime, *, from_scratch: bool) -> Job | None:
        """A job that failed or was cancelled waits again: its errors and marks are forgotten. From scratch: its
        checkpoint too, what it repeats is heard anew, and its series begins after the last seq."""

    async def delete(self, id: UUID) -> None: ...

    async def open_of(self, dataset_id: UUID) -> Sequence[Job]:
        """Those that read or make the dataset and are not over."""

    async def open_of_strategy(self, strategy_id: UUID) -> Sequence[Job]:
        """Its trainings that are not over."""

    async def lost(self, limit: int) -> Sequence[Job]:
        """Those that are not over and that no task will run any more, the oldest first."""

    async def running_on(self, machine: str) -> Sequence[tuple[Job, Process]]:
        """Those whose present attempt began on this machine."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to read. Empty, None: does not matter."""

    kinds: tuple[EventKind, ...] = ()
    level: Level | None = None
    """Log lines of this level, and of higher ones."""
    text: str | None = None
    """Log lines that contain it, whatever the case."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """Some events in order, and where the log begins and ends."""

    events: Sequence[JobEvent]
    has_more: bool
    oldest_seq: int | None
    """The first that is still kept; None: there are none."""
    last_seq: int


@dataclass(frozen=True, slots=True)
class SeriesWish:
    """Which metrics, and at how many points."""

    names: tuple[str, ...] = ()
    """Empty: all."""
    splits: tuple[Split, ...] = ()
    from_step: int | None = None
    to_step: int | None = None
    from_epoch: int | None = None
    to_epoch: int | None = None
    points: int | None = None
    """None: every one, up to a bound."""


@dataclass(frozen=True, slots=True)
class Point:
    seq: int
    epoch: int
    step: int
    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    split: Split
    seed: int | None
    count: int
    """How many points there are, of which `points` are shown."""
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class AlignedRow:
    step: int
    values: tuple[float | None, ...]
    """In the order of the jobs."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """One metric of several jobs, side by side."""

    name: str
    split: Split
    count: int
    """How many steps there are, for which `rows` stand."""
    rows: tuple[AlignedRow, ...]


class JobReads(ArtefactReads, Protocol):
    """Reading side: batches in, batches out, filtered by the viewer."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: JobFilter) -> Page[Job]:
        """The viewer's own; all for an admin."""

    async def count(self, viewer: Viewer, filter: JobFilter) -> int: ...

    async def latest_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Job | None]: ...

    async def pages_of_datasets(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        """Those about each dataset, whoever started them."""

    async def counts_of_datasets(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...

    async def pages_of_strategies(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[Job]]:
        """Those about each strategy, whoever started them."""

    async def counts_of_strategies(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...

    async def queue_positions(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int | None]:
        """How many will be begun before it, and one; None for a job that does not wait."""

    async def events(
        self, viewer: Viewer, id: UUID, after: int, limit: int, filter: EventFilter
    ) -> Sequence[JobEvent] | None:
        """The next events after this seq, in order. None when there is no such job for this viewer."""

    async def pages_of_logs(
        self, viewer: Viewer, ids: Sequence[UUID], window: Window, filter: EventFilter
    ) -> Sequence[Page[JobEvent]]:
        """The log lines of each job. A position in them is the seq."""

    async def counts_of_logs(self, viewer: Viewer, ids: Sequence[UUID], filter: EventFilter) -> Sequence[int]: ...

    async def pages_of_metrics(self, viewer: Viewer, ids: Sequence[UUID], window: Window) -> Sequence[Page[JobEvent]]:
        """Each metric as it was told, those of thrown away runs too. A position in them is the seq."""

    async def counts_of_metrics(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[int]: ...

    async def pages_of_events(
        self, viewer: Viewer, ids: Sequence[UUID], after: int, limit: int
    ) -> Sequence[EventPage | None]:
        """Like `events`, for several jobs."""

    async def series(self, viewer: Viewer, ids: Sequence[UUID], wish: SeriesWish) -> Sequence[Sequence[Series]]:
        """The metrics of each job's present run, sampled in the database. Refuses when it would be too much."""

    async def aligned(self, viewer: Viewer, ids: Sequence[UUID], wish: SeriesWish) -> Sequence[Aligned]:
        """The same metrics of several jobs, by step; of several seeds the mean."""
