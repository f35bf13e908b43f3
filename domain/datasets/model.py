"""A dataset: a file that somebody brought, or that was made from another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class DatasetStatus(StrEnum):
    """Where a dataset stands."""

    EMPTY = "empty"
    """Made, and waiting for its file."""
    PROCESSING = "processing"
    """A job reads or makes it."""
    READY = "ready"
    """It can be read and trained on."""
    BAD = "bad"
    """Its file cannot be used; the report says why."""


class DataType(StrEnum):
    MARKET_DATA = "market_data"
    CUSTOM = "custom"
    SYNTHETIC = "synthetic"


class Part(StrEnum):
    """The contents that belong to a dataset (parts of its blobs)."""

    ORIGINAL = "original"
    """The file as it came, byte by byte."""
    CANONICAL = "canonical"
    """Parquet, sorted by symbol and time, in UTC."""


@dataclass(frozen=True, slots=True)
class Dataset:
    id: UUID
    owner_id: UUID
    project_id: UUID | None
    parent_id: UUID | None
    """What it was made from."""
    name: str
    description: str
    data_type: DataType
    status: DatasetStatus
    filename: str | None
    """As the person called it."""
    file_size: int | None
    sha256: str | None
    """Of the canonical form; what a training was done on."""
    row_count: int | None
    report: dict[str, Any] | None
    """domain.datasets.report.Report as JSON; after preprocessing the manifest is beside it."""
    correction: dict[str, Any] | None
    """What the person corrected of what was detected."""
    recipe: dict[str, Any] | None
    """The recipe or the source request that it was made by."""
    manifest: dict[str, Any] | None
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DatasetFilter:
    """Which datasets to list. None: does not matter."""

    text: str | None = None
    data_type: DataType | None = None
    statuses: tuple[DatasetStatus, ...] = ()
    project_id: UUID | None = None
    parent_id: UUID | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedRecipe:
    """A recipe that is used again and again."""

    id: UUID
    owner_id: UUID
    name: str
    description: str
    steps: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
