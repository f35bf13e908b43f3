"""What was read out of a file: its form, its columns, its symbols, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from domain.datasets.findings import BadFile, Finding, FindingCode, Place, Severity
from domain.datasets.plain import as_object, from_plain


class FileKind(StrEnum):
    CSV = "csv"
    """Lines of cells, whatever stands between them; tsv and txt too."""
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"


class Compression(StrEnum):
    GZIP = "gzip"
    ZIP = "zip"


class JsonForm(StrEnum):
    RECORDS = "records"
    COLUMNS = "columns"
    LINES = "lines"


class ColumnType(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIME = "time"
    TEXT = "text"


class MarketCalendar(StrEnum):
    """When the market is open, as far as the data tells."""

    ALWAYS = "always"
    WEEKDAYS = "weekdays"


@dataclass(frozen=True, slots=True)
class Quantile:
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie above `low` and up to `high`; the first bin has its lower end too."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    name: str
    """In the canonical form."""
    original: str
    """In the file; empty where the file has no such column."""
    type: ColumnType
    role: str | None = None
    """What it is for: time, symbol, open, bid_price_1 and so on. None: nothing the platform knows."""
    missing: int = 0
    distinct: int | None = None
    """Of texts and truth values; estimated above a million rows."""
    minimum: float | str | None = None
    """A number, or the ISO form of a time."""
    maximum: float | str | None = None
    mean: float | None = None
    quantiles: tuple[Quantile, ...] = ()
    """Above a million rows, of an evenly spread sample of them."""
    histogram: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolReport:
    symbol: str
    rows: int
    first: datetime
    last: datetime
    frequency: str | None = None
    gaps: int = 0
    """Places where bars are missing."""
    missing_bars: int = 0
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is known of a file after one reading."""

    kind: FileKind
    compression: Compression | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header_row: int | None = None
    """The line with the names, counted from 1; 0 when the file has none; None when its kind needs none."""
    json_form: JsonForm | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    rows: int
    columns: tuple[ColumnReport, ...]
    symbols: tuple[SymbolReport, ...]
    """The first of them by name."""
    symbol_count: int
    first: datetime
    last: datetime
    frequency: str | None = None
    """1s, 5min, 1h, 1d, 1w, 1mo and the like; None: irregular, or too few rows to say."""
    calendar: MarketCalendar | None = None
    time_column: str
    time_format: str
    """As a correction takes it."""
    zone: str
    symbol_column: str | None = None
    roles: dict[str, str] = field(default_factory=dict)
    """From the role to the column as the file calls it."""
    findings: tuple[Finding, ...] = ()
    canonical: CanonicalForm

    def to_json(self) -> dict[str, Any]:
        return as_object(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return from_plain(cls, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person knows better about a file than the platform saw. None: see for yourself."""

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    header_row: int | None = None
    """The line with the names, counted from 1; 0: the file has none."""
    sheet: str | None = None
    time_column: str | None = None
    time_format: str | None = None
    """strptime directives (%Y-%m-%d %H:%M), or one of: epoch s, epoch ms, epoch us, epoch ns, excel."""
    zone: str | None = None
    """Where clocks showed the file's times: UTC, Europe/Berlin, +02:00."""
    symbol_column: str | None = None
    symbol: str | None = None
    """What to call the one thing that the file is about."""
    roles: dict[str, str] = field(default_factory=dict)
    """From the role (open, high, bid_price_1 ...) to the column; an empty column: the file has none."""

    def to_json(self) -> dict[str, Any]:
        return as_object(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return from_plain(cls, value)


__all__ = [
    "BadFile",
    "Bin",
    "CanonicalForm",
    "ColumnReport",
    "ColumnType",
    "Compression",
    "Correction",
    "FileKind",
    "Finding",
    "FindingCode",
    "JsonForm",
    "MarketCalendar",
    "Place",
    "Quantile",
    "Report",
    "Severity",
    "SymbolReport",
]
