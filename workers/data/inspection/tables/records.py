"""Records of whatever keys, collected batch by batch and written down as columns of text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import FindingCode, Place
from workers.data.inspection.limits import Limits
from workers.data.inspection.tables.model import PLACE
from workers.data.inspection.tables.refusals import no_rows, too_many_columns, too_many_rows
from workers.data.inspection.values import looks_like_value
from workers.data.inspection.voice import Voice

_BATCH = 50_000


@dataclass(slots=True)
class Nested:
    """Cells that hold lists or objects."""

    count: int = 0
    places: list[Place] = field(default_factory=list)

    def add(self, place: Place) -> None:
        self.count += 1
        if len(self.places) < MOST_PLACES:
            self.places.append(place)


class Records:
    def __init__(self, folder: Path, limits: Limits, voice: Voice) -> None:
        self._folder = folder
        self._limits = limits
        self._voice = voice
        self._names: dict[str, None] = {}
        self._batch: list[dict[str, Any]] = []
        self._places: list[int] = []
        self._parts: list[Path] = []
        self.nested = Nested()
        self.has_lists = False
        self.header: list[str] | None = None
        """The first list, where it has words only: the names of the columns."""
        folder.mkdir()

    def add(self, place: int, record: Any) -> None:
        """An object, or a list of the values of columns without names."""
        if isinstance(record, list):
            if place == 1 and _are_names(record):
                self.header, self.has_lists = record, True
                return
            record = {str(number): value for number, value in enumerate(record, start=1)}
            self.has_lists = True
        if not isinstance(record, dict):
            what = "this is a single value where an object with the columns of a row should be. Correct it."
            raise self._voice.bad(FindingCode.NOT_A_TABLE, what, Place(place))
        if not record.keys() <= self._names.keys():
            self._names.update(dict.fromkeys(record))
            if len(self._names) > self._limits.columns:
                raise too_many_columns(self._limits, self._voice)
        self._batch.append(record)
        self._places.append(place)
        if len(self._batch) == _BATCH:
            self._write()

    def finish(self) -> tuple[pl.LazyFrame, tuple[str, ...]]:
        self._write()
        if not self._parts or not self._names:
            raise no_rows(self._voice)
        schema = {PLACE: pl.UInt32} | {f"c{number}": pl.String for number in range(len(self._names))}
        frame = pl.scan_parquet(self._parts, schema=schema, missing_columns="insert", glob=False)
        return frame, tuple(self._names)

    def _write(self) -> None:
        if not self._batch:
            return
        if len(self._parts) * _BATCH + len(self._batch) > self._limits.rows:
            raise too_many_rows(self._limits, self._voice)
        columns = [self._column(number, name) for number, name in enumerate(self._names)]
        path = self._folder / f"{len(self._parts):06}.parquet"
        pl.DataFrame([pl.Series(PLACE, self._places, dtype=pl.UInt32), *columns]).write_parquet(path, compression="lz4")
        self._parts.append(path)
        self._batch, self._places = [], []

    def _column(self, number: int, name: str) -> pl.Series:
        cells = [
            value if isinstance(value := record.get(name), str) else as_text(value, Place(place, name), self.nested)
            for record, place in zip(self._batch, self._places, strict=True)
        ]
        return text_series(f"c{number}", cells)


def _are_names(cells: list[Any]) -> bool:
    return bool(cells) and all(isinstance(cell, str) and cell and not looks_like_value(cell) for cell in cells)


def text_series(name: str, cells: list[str | None]) -> pl.Series:
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:
        # JSON can spell half a character, which no text can hold.
        whole = [cell and cell.encode("utf-8", "replace").decode("utf-8") for cell in cells]
        return pl.Series(name, whole, dtype=pl.String)


def as_text(value: Any, place: Place, nested: Nested) -> str | None:
    """Numbers come as texts already."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    nested.add(place)
    return None
