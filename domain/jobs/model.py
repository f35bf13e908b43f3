"""A job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.jobs.status import JobKind, JobStatus


@dataclass(frozen=True, slots=True)
class Job:
    id: UUID
    owner_id: UUID
    kind: JobKind
    dataset_id: UUID | None
    """What it is about, where that is a dataset."""
    name: str
    status: JobStatus
    progress: float
    """0 to 100."""
    parameters: dict[str, Any]
    attempt: int
    error_code: str | None
    error_message: str | None
    cancel_requested_at: datetime | None
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
