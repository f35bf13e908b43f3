"""A look into a workbook before a reader opens it: its bounds, its formulas, and what else it carries.

A reader makes room for every cell up to the last one, so one stray cell at the far end would fill any memory.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import FindingCode, Place
from workers.data.inspection.limits import Limits
from workers.data.inspection.unpacking import archive_of, check_size
from workers.data.inspection.voice import Voice

_CHUNK = 1 << 20
_MOST_PARTS = 1_000
_P = rb"(?:\w+:)?"
_REF = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_FORMULA = re.compile(rb"<%bc\s([^>]*)>\s*<%bf(?:\s[^>]*)?(?:/>|>[^<]*</%bf>)\s*(<%bv>[^<]+)?" % (_P, _P, _P, _P))
_WIDE_STARTS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_ATTRIBUTE = r"""\b{}\s*=\s*["']([^"']*)["']"""
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")


@dataclass(slots=True)
class Sheet:
    """One part of the workbook. Places are of the first formulas: row, and column counted from 1."""

    rows: int = 0
    columns: int = 0
    formulas: int = 0
    formula_places: list[Place] = field(default_factory=list)
    without_value: int = 0
    without_value_places: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Workbook:
    sheets: dict[str, Sheet]
    has_macros: bool
    has_links: bool


def look_into(path: Path, limits: Limits, voice: Voice) -> Workbook:
    with archive_of(path, voice) as archive:
        names = archive.namelist()
        _check_parts(archive, path, limits, voice)
        parts = {name: _look_at(archive, name, limits, voice) for name in names if not name.endswith("/")}
        return Workbook(
            sheets=_by_sheet(archive, parts),
            has_macros=any(name.endswith("vbaProject.bin") for name in names),
            has_links=any(name.startswith("xl/externalLinks/") or name == "xl/connections.xml" for name in names),
        )


def _check_parts(archive: zipfile.ZipFile, path: Path, limits: Limits, voice: Voice) -> None:
    entries = archive.infolist()
    if len(entries) > _MOST_PARTS or len({entry.filename.lower() for entry in entries}) < len(entries):
        raise voice.bad(FindingCode.BROKEN_FILE, "it is no ordinary workbook. Save it again as xlsx.")
    check_size(sum(entry.file_size for entry in entries), path.stat().st_size, limits, voice)


def _look_at(archive: zipfile.ZipFile, name: str, limits: Limits, voice: Voice) -> Sheet:
    """Reads the part to its end, so that a wrong size or sum in the archive is noticed here."""
    sheet = Sheet()
    with archive.open(name) as file:
        for number, text in enumerate(_pieces(file)):
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text or (not number and text.startswith(_WIDE_STARTS)):
                what = "it holds XML as no spreadsheet writes it. Save it again as xlsx."
                raise voice.bad(FindingCode.BROKEN_FILE, what)
            _measure(sheet, text)
            _check_extent(sheet, limits, voice)
            if b"f" in text:
                _count_formulas(sheet, text)
    return sheet


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The part in pieces that end with a cell where there are any."""
    rest = b""
    while chunk := file.read(_CHUNK):
        text = rest + chunk
        end = text.rfind(b"c>") + 2 if len(rest) < _CHUNK else len(text)
        end = end if end > 1 else len(text)
        rest = text[end:]
        yield text[:end]
    yield rest


def _measure(sheet: Sheet, text: bytes) -> None:
    found = _REF.findall(text)
    if not found:
        return
    sheet.rows = max(sheet.rows, *(int(row) for row in {row for _, row in found}))
    sheet.columns = max(sheet.columns, *(_column(letters) for letters in {letters for letters, _ in found}))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _check_extent(sheet: Sheet, limits: Limits, voice: Voice) -> None:
    if sheet.columns > limits.columns:
        what = f"a sheet has {sheet.columns:,} columns; {limits.columns:,} are the most. Delete what lies far outside."
        raise voice.bad(FindingCode.TOO_MANY_COLUMNS, what)
    if sheet.rows * sheet.columns > limits.cells:
        what = f"a sheet reaches to row {sheet.rows:,}, too far. Delete what lies far outside, or save it as csv."
        raise voice.bad(FindingCode.TOO_MANY_ROWS, what)


def _count_formulas(sheet: Sheet, text: bytes) -> None:
    for match in _FORMULA.finditer(text):
        sheet.formulas += 1
        place = _place(match[1])
        if len(sheet.formula_places) < MOST_PLACES:
            sheet.formula_places.append(place)
        if match[2] is None:
            sheet.without_value += 1
            if len(sheet.without_value_places) < MOST_PLACES:
                sheet.without_value_places.append(place)


def _place(attributes: bytes) -> Place:
    """Named by its letters, as the spreadsheet shows it."""
    found = _REF.search(b" " + attributes)
    return Place(int(found[2]), found[1].decode().upper()) if found else Place()


def _by_sheet(archive: zipfile.ZipFile, parts: dict[str, Sheet]) -> dict[str, Sheet]:
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    try:
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        links = ""
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in _RELATION.findall(links)}
    found = {}
    for tag in _SHEET.findall(book):
        target = (targets.get(_attribute(tag, r"\w+:id")) or "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        found[html.unescape(_attribute(tag, "name") or "")] = parts.get(part, Sheet())
    return found


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(_ATTRIBUTE.format(name), tag)
    return found[1] if found else None
