"""What was done to data, in full: with it, the same input gives the same bytes again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.datasets.columns import ColumnKind
from domain.datasets.recipes.model import Recipe


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: ColumnKind
    missing: int


@dataclass(frozen=True, slots=True)
class Scale:
    """How one column was normalised: (value - center) / scale. Without a symbol it holds for all of them."""

    step: int
    column: str
    symbol: str | None
    method: str
    center: float
    scale: float


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One part of the split: how many rows and times, and from when to when, both ends included."""

    name: str
    rows: int
    times: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What a step did to rows or values, and how many of them: added, removed, filled, clipped, purged, warm_up."""

    step: int
    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The papers of a processed dataset."""

    engine: str
    libraries: Mapping[str, str]
    recipe: Recipe
    input_sha256: str
    input_rows: int
    output_sha256: str
    output_bytes: int
    rows: int
    symbols: int
    first: datetime
    last: datetime
    columns: tuple[Column, ...]
    scales: tuple[Scale, ...]
    parts: tuple[SplitPart, ...]
    changes: tuple[Change, ...]
    looks_ahead: tuple[str, ...]
    """Steps that let later rows speak into earlier ones, beside labels."""
    ignored: tuple[str, ...]
    """Columns of the input that hold no numbers."""
    synthetic: bool
    """Whether the data was made up by a generator."""

    def to_json(self) -> dict[str, Any]:
        return {
            **_plain(asdict(self)),
            "recipe": self.recipe.to_json(),
            "features": self.named(ColumnKind.FEATURE),
            "labels": self.named(ColumnKind.LABEL),
        }

    def named(self, kind: ColumnKind) -> list[str]:
        return [column.name for column in self.columns if column.kind is kind]


def _plain(value: Any) -> Any:
    """The value in what JSON knows."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
