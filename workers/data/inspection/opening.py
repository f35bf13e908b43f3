"""From a file of whatever kind to a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from domain.datasets.report import Compression, Correction, FileKind, Finding
from workers.data.frames import SYNTHETIC, notes_of
from workers.data.inspection.encodings import as_utf8
from workers.data.inspection.kinds import differs, kind_of
from workers.data.inspection.limits import Limits
from workers.data.inspection.tables.csv import csv_table
from workers.data.inspection.tables.json import json_table
from workers.data.inspection.tables.model import Table
from workers.data.inspection.tables.parquet import parquet_table
from workers.data.inspection.tables.survey import check_first_line
from workers.data.inspection.tables.xlsx import xlsx_table
from workers.data.inspection.unpacking import unpack
from workers.data.inspection.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    kind: FileKind
    compression: Compression | None
    encoding: str | None = None
    table: Table
    notes: dict[str, str]
    """What the file says about itself and must go on saying: that it is synthetic."""
    findings: tuple[Finding, ...]


def open_table(path: Path, name: str, correction: Correction, limits: Limits, scratch: Path) -> Opened:
    voice = Voice.of(name)
    content = unpack(path, name, limits, scratch, voice)
    kind = kind_of(content, voice)
    about_kind = tuple(differs(kind, content, voice))
    encoding: str | None = None
    notes: dict[str, str] = {}
    about_text: tuple[Finding, ...] = ()
    if kind is FileKind.PARQUET:
        table = parquet_table(content.path, limits, voice)
        notes = {note: value for note, value in notes_of(content.path).items() if note == SYNTHETIC}
    elif kind is FileKind.XLSX:
        table = xlsx_table(content.path, correction, limits, voice)
    else:
        if kind is FileKind.CSV:
            check_first_line(content.path, limits, voice)
        text = as_utf8(content.path, correction.encoding, scratch, voice)
        encoding, about_text = text.encoding, text.findings
        table = (
            csv_table(text.path, correction, limits, scratch, voice)
            if kind is FileKind.CSV
            else json_table(text.path, limits, scratch, voice)
        )
    return Opened(
        kind=kind,
        compression=content.compression,
        encoding=encoding,
        table=table,
        notes=notes,
        findings=(*about_kind, *about_text, *table.findings),
    )
