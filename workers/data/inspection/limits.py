"""How much of a file is looked at before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    unpacked_bytes: int = 1_000_000_000
    """What may come out of a gz, zip or xlsx file."""
    ratio: int = 200
    """How many times larger than the archive that may be; the first ten megabytes are free."""
    rows: int = 20_000_000
    columns: int = 1_000
    symbols: int = 20_000
    cells: int = 50_000_000
    """Rows times columns of one sheet, empty ones too."""
    line_bytes: int = 1_000_000
    """One line of a csv file, or one record of a json file."""
