"""The data on its way from step to step, and what is noted about it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from domain.datasets.columns import SYMBOL
from domain.datasets.recipes.manifest import Change, Scale, SplitPart
from domain.errors import Code, Refused


@dataclass(slots=True)
class Work:
    """Rows are sorted by symbol and time, before and after each step."""

    frame: pl.DataFrame
    step: int = 0
    changes: list[Change] = field(default_factory=list)
    scales: list[Scale] = field(default_factory=list)
    parts: tuple[SplitPart, ...] = ()
    horizons: dict[str, int] = field(default_factory=dict)
    """How many rows ahead each label looks."""

    def add(self, *columns: pl.Expr | pl.Series) -> None:
        self.frame = self.frame.with_columns(*columns)

    def filter(self, wanted: pl.Expr, what: str) -> None:
        """Goes on with the rows that are wanted. Column by column, so that two whole copies never exist."""
        mask = self.frame.select(wanted.fill_null(value=False)).to_series()
        self.note(what, int((~mask).sum()))
        columns = self.frame.get_columns()
        self.frame = pl.DataFrame()
        kept = [columns.pop(0).filter(mask) for _ in range(len(columns))]
        self.frame = pl.DataFrame(kept)

    def note(self, what: str, count: int) -> None:
        if count:
            self.changes.append(Change(self.step, what, count))

    def refuse(self, message: str, *names: str) -> Refused:
        return Refused.because(Code.INVALID, message, "steps", str(self.step), *(names or ("kind",)))


def by_symbol(value: pl.Expr) -> pl.Expr:
    """Within each symbol alone."""
    return value.over(SYMBOL)


def symbol_ranges(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """Where the rows of each symbol begin and end."""
    lengths = frame.get_column(SYMBOL).to_physical().rle().struct.field("len").to_numpy()
    ends = np.cumsum(lengths, dtype=np.int64)
    return [(int(end - length), int(end)) for length, end in zip(lengths, ends, strict=True)]
