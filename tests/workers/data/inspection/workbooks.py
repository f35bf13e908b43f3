"""Workbooks written by hand, so that a test can put into them what no program would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001


@dataclass(frozen=True)
class Formula:
    text: str
    cached: object = None


@dataclass(frozen=True)
class Raw:
    """XML of a cell as it is; {ref} is its place."""

    xml: str


Cell = object
Rows = Sequence[Sequence[Cell]]


def letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def serial(at: datetime) -> float:
    return (at - _EPOCH).total_seconds() / 86400


def _cell(value: Cell, ref: str) -> str:
    match value:
        case None:
            return ""
        case Raw(xml):
            return xml.format(ref=ref)
        case Formula(text, cached):
            kept = "" if cached is None else f"<v>{cached}</v>"
            return f'<c r="{ref}"><f>{escape(text)}</f>{kept}</c>'
        case bool():
            return f'<c r="{ref}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{ref}"><v>{value!r}</v></c>'
        case datetime():
            return f'<c r="{ref}" s="1"><v>{serial(value)!r}</v></c>'
        case _:
            return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def sheet_xml(rows: Rows, *, top: int = 1, left: int = 0) -> str:
    lines = [
        f'<row r="{number}">'
        + "".join(_cell(value, f"{letters(left + place)}{number}") for place, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, start=top)
    ]
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def workbook(sheets: Mapping[str, Rows | str], *, extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """An xlsx file: sheets by name, as rows or as ready XML, and further parts as they are."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<?xml version="1.0"?><Relationships xmlns="{_PARTS}"><Relationship Id="r1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/styles.xml": f'<?xml version="1.0"?><styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    names, links = [], []
    for number, (name, rows) in enumerate(sheets.items(), start=1):
        names.append(f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>')
        links.append(
            f'<Relationship Id="rId{number}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = rows if isinstance(rows, str) else sheet_xml(rows)
    links.append(f'<Relationship Id="rId99" Type="{_LINKS}/styles" Target="styles.xml"/>')
    parts["xl/workbook.xml"] = (
        f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
        f"<sheets>{''.join(names)}</sheets></workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<?xml version="1.0"?><Relationships xmlns="{_PARTS}">{"".join(links)}</Relationships>'
    )
    return zipped({**parts, **(extra or {})})


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()
