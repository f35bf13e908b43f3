"""A job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.jobs.status import JobKind, JobStatus

KIND = "job"
"""As an owner of contents (domain.blobs.Owner)."""
CHECKPOINT = "checkpoint"
"""The content that a later attempt goes on from."""


@dataclass(frozen=True, slots=True)
class Job:
    id: UUID
    owner_id: UUID
    kind: JobKind
    dataset_id: UUID | None
    """The dataset that it reads, makes, or trains on; None when it is gone, or there never was one."""
    strategy_id: UUID | None
    """What it trains."""
    name: str
    engine: str | None
    """What trains: "embedded", or the name of a service. None for other kinds of work."""
    priority: int
    """-10 to 10, the highest first. It sorts the jobs of one person; people take turns."""
    status: JobStatus
    progress: float
    """0 to 100."""
    epoch: int | None
    epochs: int | None
    step: int | None
    steps: int | None
    steps_per_second: float | None
    seconds_left: float | None
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    attempt: int
    last_seq: int
    """Of its events; 0: none yet."""
    series_from: int
    """Metrics up to this seq are of a run that was thrown away by a retry."""
    has_checkpoint: bool
    error_code: str | None
    error_message: str | None
    cancel_requested_at: datetime | None
    queued_at: datetime
    """When it last began to wait."""
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list. None: does not matter."""

    kind: JobKind | None = None
    statuses: tuple[JobStatus, ...] = ()
    dataset_id: UUID | None = None
    strategy_id: UUID | None = None
    project_id: UUID | None = None
    """The project of its strategy, or of its dataset."""
    engine: str | None = None
    text: str | None = None
