"""One way to page: by key, never by offset, so that a page costs the same at any depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

Key = str | int | float | datetime | UUID | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where an item stands in an order: the value it is sorted by, then its id."""

    key: Key
    id: UUID


@dataclass(frozen=True, slots=True)
class Sort:
    """An order that an index supports. `key` is None when the id alone (age) is the order."""

    name: str
    key: str | None = None
    descending: bool = False
    kind: type = str


NEWEST = Sort("NEWEST", descending=True)
OLDEST = Sort("OLDEST")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of an ordered list is wanted."""

    size: int
    sort: Sort
    after: Position | None = None
    before: Position | None = None
    backward: bool = False


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Items in order, where each stands, and whether there is more on either side."""

    items: Sequence[Item]
    positions: Sequence[Position]
    window: Window
    has_next: bool
    has_previous: bool
