"""What is wrong with a file, or was assumed about it: said so that a person can act on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_PLACES = 5


class Severity(StrEnum):
    ERROR = "error"
    """Something is wrong and was left out, or the file cannot be used."""
    WARNING = "warning"
    """Something looks wrong or had to be assumed. Look at it."""
    INFO = "info"
    """Good to know."""


class FindingCode(StrEnum):
    """Stable codes. Clients branch on these, never on messages."""

    # The file as a whole.
    EMPTY = "EMPTY"
    NO_ROWS = "NO_ROWS"
    NOT_A_TABLE = "NOT_A_TABLE"
    KIND_DIFFERS = "KIND_DIFFERS"
    BROKEN_FILE = "BROKEN_FILE"
    ARCHIVE = "ARCHIVE"
    UNPACKS_TOO_LARGE = "UNPACKS_TOO_LARGE"
    TOO_MANY_ROWS = "TOO_MANY_ROWS"
    TOO_MANY_COLUMNS = "TOO_MANY_COLUMNS"
    TOO_MANY_SYMBOLS = "TOO_MANY_SYMBOLS"
    LINE_TOO_LONG = "LINE_TOO_LONG"
    CORRECTION = "CORRECTION"
    # How it is written.
    BROKEN_ENCODING = "BROKEN_ENCODING"
    ENCODING_ASSUMED = "ENCODING_ASSUMED"
    BROKEN_QUOTES = "BROKEN_QUOTES"
    RAGGED_ROWS = "RAGGED_ROWS"
    BROKEN_JSON = "BROKEN_JSON"
    LINES_SKIPPED = "LINES_SKIPPED"
    NO_HEADER = "NO_HEADER"
    NAMES_CHANGED = "NAMES_CHANGED"
    SYMBOLS_IN_NAMES = "SYMBOLS_IN_NAMES"
    DECIMAL_ASSUMED = "DECIMAL_ASSUMED"
    NESTED_VALUES = "NESTED_VALUES"
    COLUMN_LEFT_OUT = "COLUMN_LEFT_OUT"
    # Workbooks.
    FORMULAS = "FORMULAS"
    FORMULAS_WITHOUT_VALUE = "FORMULAS_WITHOUT_VALUE"
    MACROS = "MACROS"
    EXTERNAL_LINKS = "EXTERNAL_LINKS"
    SEVERAL_SHEETS = "SEVERAL_SHEETS"
    # Times and symbols.
    NO_TIME_COLUMN = "NO_TIME_COLUMN"
    SEVERAL_TIME_COLUMNS = "SEVERAL_TIME_COLUMNS"
    DATE_ORDER_ASSUMED = "DATE_ORDER_ASSUMED"
    ZONE_ASSUMED = "ZONE_ASSUMED"
    MIXED_ZONES = "MIXED_ZONES"
    CLOCK_CHANGE = "CLOCK_CHANGE"
    TIME_ROUNDED = "TIME_ROUNDED"
    BAD_TIME = "BAD_TIME"
    SYMBOL_ASSUMED = "SYMBOL_ASSUMED"
    NO_SYMBOL = "NO_SYMBOL"
    NO_PRICES = "NO_PRICES"
    ROLES_ASSUMED = "ROLES_ASSUMED"
    # Values.
    NOT_A_NUMBER = "NOT_A_NUMBER"
    NOT_FINITE = "NOT_FINITE"
    MISSING_VALUES = "MISSING_VALUES"
    NEGATIVE_PRICE = "NEGATIVE_PRICE"
    ZERO_PRICE = "ZERO_PRICE"
    NEGATIVE_VOLUME = "NEGATIVE_VOLUME"
    HIGH_BELOW_LOW = "HIGH_BELOW_LOW"
    OPEN_OUTSIDE = "OPEN_OUTSIDE"
    CLOSE_OUTSIDE = "CLOSE_OUTSIDE"
    CROSSED_BOOK = "CROSSED_BOOK"
    ZERO_VOLUME_RUN = "ZERO_VOLUME_RUN"
    # The series.
    UNSORTED = "UNSORTED"
    DUPLICATES = "DUPLICATES"
    GAPS = "GAPS"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file: its line, record or row counted from 1, and the column as the file calls it."""

    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    severity: Severity
    code: FindingCode
    message: str
    """What it is, where, and what a person can do about it."""
    action: str
    """What the platform did about it."""
    count: int = 1
    places: tuple[Place, ...] = ()
    """The first few."""


class BadFile(Exception):
    """The file cannot be used. Nothing of it was kept."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(" ".join(finding.message for finding in findings))
        self.findings = findings
