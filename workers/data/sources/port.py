"""What every source does, however it comes by its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import polars as pl

from domain.datasets.sources.model import FetchRequest, Source

OnProgress = Callable[[float, str], None]
"""Takes the share that is done, 0 to 1, and what is being done."""


class SourcePort(Protocol):
    """One source. Its package is looked for when asked, and loaded only when it is used."""

    @property
    def source(self) -> Source: ...

    def is_installed(self) -> bool: ...

    def frames(self, request: FetchRequest, on_progress: OnProgress) -> Iterator[pl.DataFrame]:
        """The data piece by piece: time in UTC, symbol, and numbers. Refuses what the source does not know."""
        ...

    def notes(self, request: FetchRequest) -> dict[str, str]:
        """What the written file should say about itself beside what it says anyway."""
        ...
