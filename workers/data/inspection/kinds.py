"""What kind of file it is, told by its content; the name only settles what the content leaves open."""

from __future__ import annotations

import re

from domain.datasets.report import FileKind, Finding, FindingCode, Severity
from workers.data.inspection.encodings import wide_encoding
from workers.data.inspection.unpacking import Content, head_of
from workers.data.inspection.voice import Voice

_HEAD = 65_536
_XLSX = "Save the table as xlsx or csv."
_UNPACK = "Unpack it, or pack it as gz or zip."
_CSV = "Upload csv, json, xlsx or parquet."
# By their first bytes: what it is, and what to do.
_OTHERS = (
    (b"\x89PNG", "a PNG picture", _CSV),
    (b"\xff\xd8\xff", "a JPEG picture", _CSV),
    (b"GIF8", "a GIF picture", _CSV),
    (b"%PDF", "a PDF document", _CSV),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Office document", _XLSX),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", _UNPACK),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"SQLite format 3", "an SQLite database", _CSV),
    (b"\x89HDF", "an HDF5 file", _CSV),
    (b"ARROW1", "an Arrow file", "Save it as parquet."),
    (b"\x93NUMPY", "a NumPy array", _CSV),
    (b"\x7fELF", "a program", _CSV),
    (b"MZ\x90", "a program", _CSV),
)
# <DATE>, <TICKER>;<PER>: names of columns as trading programs write them.
_ANGLED_NAMES = re.compile(r"<date|<\w+>\s*[\t;,|]", re.IGNORECASE)
_JSON = re.compile(r'[\[{]\s*["\[{\]}\d-]')
_ENDINGS = {
    "csv": FileKind.CSV,
    "tsv": FileKind.CSV,
    "tab": FileKind.CSV,
    "txt": FileKind.CSV,
    "json": FileKind.JSON,
    "jsonl": FileKind.JSON,
    "ndjson": FileKind.JSON,
    "xlsx": FileKind.XLSX,
    "xlsm": FileKind.XLSX,
    "parquet": FileKind.PARQUET,
    "pq": FileKind.PARQUET,
}


def kind_of(content: Content, voice: Voice) -> FileKind:
    head = head_of(content.path, _HEAD)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise voice.bad(FindingCode.EMPTY, "it is empty. Upload a file with a header line and rows of data.")
    for magic, what, remedy in _OTHERS:
        if head.startswith(magic):
            raise voice.bad(FindingCode.NOT_A_TABLE, f"it is {what}, not a table. {remedy}")
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    return FileKind.XLSX if head.startswith(b"PK\x03\x04") else _text_kind(head, voice)


def differs(kind: FileKind, content: Content, voice: Voice) -> list[Finding]:
    """Said when the name promises another kind than the content is of."""
    named = _named(content.name)
    if named in {kind, None}:
        return []
    what = f"it is named like a {named} file, but its content is {kind}."
    return [voice.finding(Severity.INFO, FindingCode.KIND_DIFFERS, what, f"It was read as {kind}.")]


def _named(name: str) -> FileKind | None:
    return _ENDINGS.get(name.lower().rsplit(".", 1)[-1])


def _text_kind(head: bytes, voice: Voice) -> FileKind:
    encoding = wide_encoding(head)
    if b"\x00" in head and encoding is None:
        what = "it holds binary data, not text. Upload csv, json, xlsx or parquet."
        raise voice.bad(FindingCode.NOT_A_TABLE, what)
    text = head.decode(encoding or "latin-1", "replace").lstrip("\ufeffï»¿ \t\r\n")
    if text.startswith("<") and not _ANGLED_NAMES.match(text):
        raise voice.bad(FindingCode.NOT_A_TABLE, f"it is a web page or XML, not a table. {_CSV}")
    return FileKind.JSON if _JSON.match(text) else FileKind.CSV
