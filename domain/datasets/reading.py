"""Looking into the data of a dataset. Whatever its size, only what was asked for comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from domain.blobs import BlobReads, BlobStorage
from domain.datasets.columns import ColumnKind
from domain.datasets.model import Dataset, Part
from domain.datasets.report import ColumnType
from domain.datasets.states import must_be_ready, part_of
from domain.datasets.stores import DatasetReads
from domain.errors import Code, Refused
from domain.text import Problems, readable
from domain.viewer import Viewer

MOST_ROWS = 500
MOST_COLUMNS = 50
MOST_POINTS = 5_000
LAST_OFFSET = 1_000_000_000
LONGEST_NAME = 200


class Slice(StrEnum):
    """Which rows to show."""

    FIRST = "first"
    LAST = "last"
    PAGE = "page"
    SAMPLE = "sample"
    EVEN = "even"


class Sampling(StrEnum):
    """How a long series becomes a short one that looks the same."""

    LTTB = "lttb"
    MINMAX = "minmax"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewWanted:
    rows: Slice = Slice.FIRST
    count: int = 20
    offset: int = 0
    symbol: str | None = None
    columns: tuple[str, ...] = ()
    """None of them: the first ones."""

    def checked(self) -> PreviewWanted:
        with Problems() as problems:
            problems.take(_within, self.count, "count", 1, MOST_ROWS)
            problems.take(_within, self.offset, "offset", 0, LAST_OFFSET)
            problems.take(_names, self.columns, MOST_COLUMNS)
            problems.take(_name, self.symbol, "symbol")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWanted:
    columns: tuple[str, ...]
    symbol: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    points: int = 500
    sampling: Sampling = Sampling.LTTB

    def checked(self) -> SeriesWanted:
        with Problems() as problems:
            problems.take(_within, self.points, "points", 3, MOST_POINTS)
            problems.take(_within, len(self.columns), "columns", 1, MOST_COLUMNS)
            problems.take(_names, self.columns, MOST_COLUMNS)
            problems.take(_name, self.symbol, "symbol")
            problems.take(_in_total, len(self.columns) * self.points)
        return self


@dataclass(frozen=True, slots=True)
class ShownColumn:
    name: str
    type: ColumnType
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows: texts, numbers, truth values, times in ISO form."""

    columns: tuple[ShownColumn, ...]
    rows: list[list[Any]]
    offset: int
    """Of the first of them, among all or all of the symbol."""
    total: int


@dataclass(frozen=True, slots=True)
class Line:
    """What a chart draws of one column."""

    column: str
    times: list[str]
    values: list[float]


@dataclass(frozen=True, slots=True)
class Series:
    symbol: str
    rows: int
    """How many there are in that time; fewer are shown."""
    lines: tuple[Line, ...]


class Tables(Protocol):
    """Reads canonical files, in processes of its own with bounded memory and time. Refuses with Refused."""

    async def preview(self, path: Path, wanted: PreviewWanted) -> Rows: ...

    async def series(self, path: Path, wanted: SeriesWanted) -> Series: ...

    async def write_csv(self, path: Path, out: Path) -> None:
        """For spreadsheets: no text in it is taken for a formula."""


class DatasetReading:
    """What viewers see of the data itself."""

    def __init__(self, *, reads: DatasetReads, blobs: BlobReads, storage: BlobStorage, tables: Tables) -> None:
        self._reads = reads
        self._blobs = blobs
        self._storage = storage
        self._tables = tables

    async def preview(self, viewer: Viewer, id: UUID, wanted: PreviewWanted) -> Rows | None:
        """None when there is no such dataset for this viewer."""
        dataset = await self._seen(viewer, id)
        if dataset is None:
            return None
        async with self._file(dataset) as path:
            return await self._tables.preview(path, wanted.checked())

    async def series(self, viewer: Viewer, id: UUID, wanted: SeriesWanted) -> Series | None:
        """None when there is no such dataset for this viewer."""
        dataset = await self._seen(viewer, id)
        if dataset is None:
            return None
        async with self._file(dataset) as path:
            return await self._tables.series(path, wanted.checked())

    async def _seen(self, viewer: Viewer, id: UUID) -> Dataset | None:
        [dataset] = await self._reads.by_ids(viewer, [id])
        if dataset is not None:
            must_be_ready(dataset, field="dataset_id")
        return dataset

    @asynccontextmanager
    async def _file(self, dataset: Dataset) -> AsyncIterator[Path]:
        content = await self._blobs.content_of(part_of(dataset, Part.CANONICAL))
        if content is None:
            raise Refused.because(Code.WRONG_STATE, "This dataset is just being changed. Try again.", "dataset_id")
        async with self._storage.as_file(content) as path:
            yield path


def _within(value: int, field: str, low: int, high: int) -> None:
    if not low <= value <= high:
        raise Refused.because(Code.OUT_OF_RANGE, f"{field} must be from {low:,} to {high:,}.", field)


def _in_total(points: int) -> None:
    if points > 4 * MOST_POINTS:
        message = f"All columns together may have {4 * MOST_POINTS:,} points. Ask for fewer of either."
        raise Refused.because(Code.OUT_OF_RANGE, message, "points")


def _names(names: Sequence[str], most: int) -> None:
    if len(names) > most:
        raise Refused.because(Code.TOO_LONG, f"Ask for at most {most} columns at once.", "columns")
    for name in names:
        _name(name, "columns")


def _name(name: str | None, field: str) -> None:
    if name is not None and len(name) > LONGEST_NAME:
        raise Refused.because(Code.UNKNOWN, f'There is nothing named "{readable(name)}".', field)
