"""What reading a file told: the types DatasetReport, ColumnReport, SymbolReport, Finding."""

from datetime import datetime

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.datasets import findings, report
from domain.datasets.findings import FindingCode
from graph.datasets.enums import ColumnType, Compression, FileKind, JsonForm, MarketCalendar, Severity
from graph.fields import edge, plain


@strawberry.type(description="A place in the file.")
class Place:
    row: int | None = plain("Its line, record or row, counted from 1.")
    column: str | None = plain("The column, as the file calls it.")


def _code(parent: Parent[findings.Finding]) -> str:
    return FindingCode(parent.code).value


@strawberry.type(description="Something that is wrong with a file, or was assumed about it.")
class Finding:
    severity: Severity = plain("How much it matters.")
    code: str = edge(_code, "Stable code to branch on, such as NEGATIVE_PRICE or GAPS.")
    message: str = plain("What it is, where, and what you can do about it.")
    action: str = plain("What the platform did about it.")
    count: int = plain("How often it was found.")
    places: list[Place] = plain("The first few places.")


@strawberry.type(description="A part of all values: `at` 0.25 is the value that a quarter of them are below.")
class Quantile:
    at: float = plain("Which part, 0 to 1.")
    value: float = plain("The value there.")


@strawberry.type(description="How many values lie in a stretch.")
class Bin:
    low: float = plain("Where it begins.")
    high: float = plain("Where it ends; only the last one has its end in it.")
    count: int = plain("How many values lie there.")


def _minimum(parent: Parent[report.ColumnReport]) -> JSON | None:
    return None if parent.minimum is None else JSON(parent.minimum)


def _maximum(parent: Parent[report.ColumnReport]) -> JSON | None:
    return None if parent.maximum is None else JSON(parent.maximum)


@strawberry.type(description="What is in a column.")
class ColumnReport:
    name: str = plain("Its name in the canonical form.")
    original: str = plain("Its name in the file; empty when the file has no such column.")
    type: ColumnType = plain("What its values are.")
    role: str | None = plain("What it is for: time, symbol, open, bid_price_1 ...; null: nothing the platform knows.")
    missing: int = plain("How many values are missing.")
    distinct: int | None = plain("How many different ones there are, of texts and truth values.")
    minimum: JSON | None = edge(_minimum, "The least value: a number, or a time in ISO form.")
    maximum: JSON | None = edge(_maximum, "The largest value: a number, or a time in ISO form.")
    mean: float | None = plain("The mean of the numbers.")
    quantiles: list[Quantile] = plain("Parts of all values; above a million rows, of a sample.")
    histogram: list[Bin] = plain("How the values are spread.")


@strawberry.type(description="What is there of a symbol.")
class SymbolReport:
    symbol: str = plain("The symbol.")
    rows: int = plain("How many rows it has.")
    first: datetime = plain("The time of its first row.")
    last: datetime = plain("The time of its last row.")
    frequency: str | None = plain("1min, 1h, 1d and the like; null: irregular, or too few rows to say.")
    gaps: int = plain("At how many places bars are missing.")
    missing_bars: int = plain("How many bars are missing in all.")
    duplicates: int = plain("How many rows had the time of another one.")


def _roles(parent: Parent[report.Report]) -> JSON:
    return JSON(parent.roles)


@strawberry.type(description="All that reading the file told.")
class DatasetReport:
    kind: FileKind = plain("What sort of file it is.")
    compression: Compression | None = plain("What it is packed in; null: nothing.")
    encoding: str | None = plain("How its letters are written; null where its kind needs none.")
    delimiter: str | None = plain("What stands between cells.")
    decimal: str | None = plain("What stands before decimals.")
    header_row: int | None = plain("The line with the names, from 1; 0: none; null: its kind needs none.")
    json_form: JsonForm | None = plain("How a JSON file is laid out.")
    sheet: str | None = plain("The sheet that was read.")
    sheets: list[str] = plain("All sheets of the workbook.")
    rows: int = plain("How many rows the file has; `rowCount` of the dataset tells how many of them were taken.")
    columns: list[ColumnReport] = plain("What is in each column.")
    symbols: list[SymbolReport] = plain("What is there of each symbol; of many, the first by name.")
    symbol_count: int = plain("How many symbols there are in all.")
    first: datetime = plain("The first time of all.")
    last: datetime = plain("The last time of all.")
    frequency: str | None = plain("1min, 1h, 1d and the like; null: irregular, or too few rows to say.")
    calendar: MarketCalendar | None = plain("When the market is open; null when the data does not tell.")
    time_column: str = plain("The column with the times, as the file calls it.")
    time_format: str = plain("How times are written, as a correction takes it.")
    zone: str = plain("Where clocks showed the file's times.")
    symbol_column: str | None = plain("The column with the symbols, as the file calls it; null: it has none.")
    roles: JSON = edge(_roles, "An object from role (open, high, bid_price_1 ...) to the column of the file.")
    findings: list[Finding] = plain("What is wrong, or was assumed.")


__all__ = ["Bin", "ColumnReport", "DatasetReport", "Finding", "Place", "Quantile", "SymbolReport"]
