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
    """It has no data that can be used; its report or its job says why."""


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
    CSV = "csv"
    """The canonical form once more, for spreadsheets. It is made when somebody first wants it."""


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
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Papers:
    """What is known of a dataset beyond its row in a list. They can be large, so they are read only when asked for."""

    id: UUID
    report: dict[str, Any] | None = None
    """domain.datasets.report.Report as JSON; of a file that cannot be used, its findings alone."""
    correction: dict[str, Any] | None = None
    """What the person corrected of what was detected."""
    recipe: dict[str, Any] | None = None
    """What it was made by: {"recipe": steps}, and {"source": request} where it came from a source."""
    manifest: dict[str, Any] | None = None
    """domain.datasets.recipes.Manifest as JSON."""


@dataclass(frozen=True, slots=True)
class Files:
    """How many bytes the contents of a dataset have. None: there is none."""

    original: int | None
    canonical: int | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was promised for a dataset. It keeps its id when its link is asked for again."""

    id: UUID
    dataset_id: UUID
    user_id: UUID
    filename: str
    done_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DatasetFilter:
    """Which datasets to list. None: does not matter."""

    text: str | None = None
    data_type: DataType | None = None
    statuses: tuple[DatasetStatus, ...] = ()
    project_id: UUID | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedRecipe:
    """A recipe that is used again and again. Only its owner sees it."""

    id: UUID
    owner_id: UUID
    name: str
    description: str
    steps: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime
