"""Has a file inspected, and shows what came of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from domain.datasets.findings import BadFile, Finding, FindingCode
from domain.datasets.report import Correction, Report
from workers.data.frames import notes_of
from workers.data.inspection import CANONICAL, REPORT, Limits, inspect

OPENS = (10.5, 11.25, 1234.5, 12.0)
HEADER = ("Date", "Open", "High", "Low", "Close", "Volume")
BARS: tuple[tuple[Any, ...], ...] = (
    ("2024-01-15", 10.5, 11.25, 10.25, 11.0, 1500),
    ("2024-01-16", 11.25, 12.0, 11.0, 11.5, 2500),
    ("2024-01-17", 1234.5, 1300.25, 1200.0, 1250.75, 1234567),
    ("2024-01-18", 12.0, 12.5, 11.75, 12.25, 800),
)
"""Four days of bars. Most good files of these tests say this and nothing else."""


def bars(symbol: str = "prices") -> list[tuple[Any, ...]]:
    """The bars in canonical form."""
    return [(at(day), symbol, *map(float, values)) for day, *values in BARS]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def csv(*rows: tuple[Any, ...], delimiter: str = ",", header: tuple[str, ...] | None = HEADER) -> str:
    lines = [header, *rows] if header else rows
    return "".join(delimiter.join(map(str, row)) + "\n" for row in lines)


@dataclass(frozen=True)
class Seen:
    report: Report
    frame: pl.DataFrame
    notes: dict[str, str]
    """What the canonical file says about itself."""

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return self.frame.rows()

    @property
    def codes(self) -> set[str]:
        return {finding.code.value for finding in self.report.findings}

    def finding(self, code: str) -> Finding:
        (found,) = [finding for finding in self.report.findings if finding.code == code]
        return found

    def places(self, code: str) -> list[tuple[int | None, str | None]]:
        return [(place.row, place.column) for place in self.finding(code).places]


def look(content: bytes | str, name: str = "prices.csv", *, limits: Limits | None = None, **correction: Any) -> Seen:
    with _given(content) as (path, out):
        report = inspect(path, name, Correction(**correction), out, limits or Limits(), lambda _share, _doing: None)
        assert sorted(each.name for each in out.iterdir()) == [CANONICAL, REPORT]
        return Seen(report, pl.read_parquet(out / CANONICAL), notes_of(out / CANONICAL))


def refusal(
    content: bytes | str, name: str = "prices.csv", *, limits: Limits | None = None, **correction: Any
) -> Finding:
    """Why the file is refused; nothing may be left of it."""
    with _given(content) as (path, out):
        with pytest.raises(BadFile) as caught:
            inspect(path, name, Correction(**correction), out, limits or Limits(), lambda _share, _doing: None)
        assert list(out.iterdir()) == []
        (finding,) = caught.value.findings
        assert finding.code in FindingCode
        return finding


@contextmanager
def _given(content: bytes | str) -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "upload", Path(folder) / "out"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        out.mkdir()
        yield path, out
