"""A file read as a table, before anything is known of what its columns mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from domain.datasets.report import Finding, FindingCode, JsonForm
from workers.data.inspection.voice import Voice, quoted

PLACE = "__place"
"""Where each row stands in the file. Names in the canonical form never begin with an underscore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns c0, c1 ... and the place of each row. Cells of text files are text; null where there is none."""

    frame: pl.LazyFrame
    names: tuple[str, ...]
    """What the file calls c0, c1 ..."""
    voice: Voice
    delimiter: str | None = None
    header_row: int | None = None
    json_form: JsonForm | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    retyped: Callable[[Mapping[str, type[pl.DataType]]], pl.LazyFrame] | None = None
    """The frame again, with the cells of some columns read as numbers at once. It fails at the first that is none."""

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(f"c{number}" for number in range(len(self.names)))

    def name_of(self, source: str) -> str:
        return self.names[int(source[1:])]

    def source_of(self, name: str) -> str:
        """The column that a person means, whatever the case of its letters."""
        for names, wanted in ((self.names, name), ([each.casefold() for each in self.names], name.strip().casefold())):
            if wanted in names:
                return f"c{names.index(wanted)}"
        known = ", ".join(map(quoted, self.names[:8])) + (" ..." if len(self.names) > 8 else "")
        what = f"it has no column of the name {quoted(name)}. Choose one of {known}."
        raise self.voice.bad(FindingCode.CORRECTION, what)
