"""What each column of a table is taken for, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

import polars as pl

from domain.datasets.report import ColumnType, Finding
from workers.data.inspection.timeforms import TimeForm, is_plausible
from workers.data.inspection.values import is_missing, plain_number, thorough_number


class Care(Enum):
    """How carefully texts are read as numbers; more costs more time."""

    PLAIN = auto()
    THOROUGH = auto()


TIME_SOURCE = "__time"
"""The column that times are read from; joined of two where days and clock times stand apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPlan:
    source: str
    original: str
    name: str
    role: str | None
    type: ColumnType
    is_text: bool
    """The file has texts in it, not numbers or times of its own."""
    care: Care = Care.PLAIN
    decimal: str = "."
    form: TimeForm | None = None
    zone: str = "UTC"
    lost_role: str | None = None
    """What it was taken for until its cells turned out to be no numbers."""

    def as_text(self) -> ColumnPlan:
        """The same column, whatever is in it. No text may bear the name of a price."""
        name = f"{self.name}__text" if self.role else self.name
        return replace(self, name=name, type=ColumnType.TEXT, role=None, lost_role=self.role)

    @property
    def form_label(self) -> str:
        return self.form.label if self.form else ""

    def value(self) -> pl.Expr:
        """The values; null for those that are missing or cannot be read."""
        column = pl.col(self.source)
        match self.type:
            case ColumnType.NUMBER:
                return _finite(self._number(column))
            case ColumnType.INTEGER:
                return column.cast(pl.Int64, strict=False)
            case ColumnType.BOOLEAN:
                return _boolean(column) if self.is_text else column
            case ColumnType.TIME:
                return self._time(column)
            case ColumnType.TEXT:
                return column.cast(pl.String)

    def is_given(self) -> pl.Expr:
        """Whether the file has a value there at all."""
        column = pl.col(self.source)
        if self.is_text and (self.care is Care.THOROUGH or self.type is ColumnType.TIME):
            return column.is_not_null() & ~is_missing(column)
        return column.is_not_null()

    def is_odd(self) -> pl.Expr:
        """A value is there, and cannot be taken."""
        return self.is_given() & self.value().is_null()

    def is_infinite(self) -> pl.Expr:
        """Odd, as it is a number, but no finite one."""
        if self.type is not ColumnType.NUMBER:
            return pl.lit(value=False)
        return self.is_odd() & (~self._number(pl.col(self.source)).is_finite()).fill_null(value=False)

    def is_unreadable(self) -> pl.Expr:
        """Odd, and not even a number or time at all."""
        return self.is_odd() & ~self.is_infinite()

    def _number(self, column: pl.Expr) -> pl.Expr:
        if not self.is_text:
            return column.cast(pl.Float64)
        return plain_number(column) if self.care is Care.PLAIN else thorough_number(column, self.decimal)

    def _time(self, column: pl.Expr) -> pl.Expr:
        text = column.str.strip_chars() if self.is_text and self.care is Care.THOROUGH else column
        time = (self.form or TimeForm()).read(text, self.zone)
        # Times that place rows are looked at all at once, which is faster.
        return time if self.source == TIME_SOURCE else pl.when(is_plausible(time)).then(time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    time: ColumnPlan
    time_source: pl.Expr
    symbol: ColumnPlan | None
    symbol_name: str
    """What the one symbol is called when no column says it."""
    columns: tuple[ColumnPlan, ...]
    """All others, in the order of the canonical form."""
    decimal: str
    zone_label: str
    findings: tuple[Finding, ...] = ()


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _boolean(column: pl.Expr) -> pl.Expr:
    word = column.str.strip_chars().str.to_lowercase()
    return pl.when(word == "true").then(statement=True).when(word == "false").then(statement=False)
