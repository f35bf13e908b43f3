"""How the inspection speaks of a file: each sentence names the file, the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.datasets.findings import MOST_PLACES, BadFile, Finding, FindingCode, Place, Severity
from domain.text import readable

NOTHING_KEPT = "The file was refused and nothing of it was kept."


def quoted(value: str) -> str:
    """A word out of the file, safe to print."""
    return f'"{readable(value)}"'


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks of one file. Rows of a csv file are lines, of a json list records, of a sheet rows."""

    file: str
    row_word: str = "line"

    @classmethod
    def of(cls, name: str) -> Voice:
        """By the last part of the name that the person gave, whatever folders stand before it."""
        last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].strip()
        return cls(readable(last, 80) or "The file")

    def counting(self, row_word: str) -> Voice:
        return Voice(self.file, row_word)

    def on_sheet(self, sheet: str) -> Voice:
        return Voice(f"{self.file}, sheet {quoted(sheet)}", self.row_word)

    def finding(
        self,
        severity: Severity,
        code: FindingCode,
        what: str,
        action: str,
        *,
        count: int = 1,
        places: Iterable[Place] = (),
    ) -> Finding:
        kept = tuple(places)[:MOST_PLACES]
        message = f"{self._where(kept[0] if kept else Place())}: {what}"
        return Finding(severity=severity, code=code, message=message, action=action, count=count, places=kept)

    def bad(self, code: FindingCode, what: str, *places: Place) -> BadFile:
        return BadFile(self.finding(Severity.ERROR, code, what, NOTHING_KEPT, places=places))

    def _where(self, place: Place) -> str:
        row = None if place.row is None else f"{self.row_word} {place.row}"
        column = None if place.column is None else f"column {quoted(place.column)}"
        return ", ".join(part for part in (self.file, row, column) if part)
