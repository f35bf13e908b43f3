"""Files inside gz and zip, taken out within bounds."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from domain.datasets.report import Compression, FindingCode
from workers.data.inspection.limits import Limits
from workers.data.inspection.voice import Voice

_CHUNK = 1 << 20
_FREE_BYTES = 10_000_000
_ZIP_MAGIC = b"PK\x03\x04"
_GZIP_MAGIC = b"\x1f\x8b"
_END_OF_ZIP = b"PK\x05\x06"
_LARGEST_TABLE_OF_CONTENTS = 1_000_000
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, IndexError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be read, and what it was packed in."""

    path: Path
    name: str
    compression: Compression | None = None


def unpack(path: Path, name: str, limits: Limits, scratch: Path, voice: Voice) -> Content:
    """The one file inside, or the file itself where it is not packed. A workbook is a zip and stays one."""
    head = head_of(path, 4)
    if head.startswith(_GZIP_MAGIC):
        content = _gunzip(path, name, limits, scratch, voice)
    elif head == _ZIP_MAGIC and not is_workbook(path, voice):
        content = _unzip(path, limits, scratch, voice)
    else:
        return Content(path, name)
    inner = head_of(content.path, 4)
    if inner.startswith(_GZIP_MAGIC) or (inner == _ZIP_MAGIC and not is_workbook(content.path, voice)):
        raise voice.bad(FindingCode.ARCHIVE, "it is an archive inside an archive. Pack the file only once.")
    return content


def head_of(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def is_workbook(path: Path, voice: Voice) -> bool:
    with archive_of(path, voice) as archive:
        return "xl/workbook.xml" in archive.namelist()


@contextmanager
def archive_of(path: Path, voice: Voice) -> Iterator[zipfile.ZipFile]:
    _check_contents(path, voice)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as error:
        message = "its zip archive is damaged or of an unknown form. Pack the file again."
        raise voice.bad(FindingCode.BROKEN_FILE, message) from error


def _check_contents(path: Path, voice: Voice) -> None:
    """Before the table of contents is read into memory: one of a million entries is no data file."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 66_000, 0))
        tail = file.read()
    end = tail.rfind(_END_OF_ZIP)
    if end < 0 or len(tail) < end + 22:
        raise voice.bad(FindingCode.BROKEN_FILE, "its zip archive is cut off. Upload the whole file again.")
    if struct.unpack_from("<I", tail, end + 12)[0] > _LARGEST_TABLE_OF_CONTENTS:
        raise voice.bad(FindingCode.ARCHIVE, "it is an archive of very many files. Pack exactly one file.")


def _gunzip(path: Path, name: str, limits: Limits, scratch: Path, voice: Voice) -> Content:
    out = scratch / "unpacked"
    try:
        with gzip.open(path) as file:
            _copy(file, out, path.stat().st_size, limits, voice)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = "its gzip archive is damaged or cut off. Pack the file again and upload the whole of it."
        raise voice.bad(FindingCode.BROKEN_FILE, message) from error
    return Content(out, name.removesuffix(".gz"), Compression.GZIP)


def _unzip(path: Path, limits: Limits, scratch: Path, voice: Voice) -> Content:
    out = scratch / "unpacked"
    with archive_of(path, voice) as archive:
        entry = _only_entry(archive, voice)
        with archive.open(entry) as file:
            _copy(file, out, entry.compress_size, limits, voice)
    return Content(out, entry.filename, Compression.ZIP)


def _only_entry(archive: zipfile.ZipFile, voice: Voice) -> zipfile.ZipInfo:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
    if any(entry.filename in {"content.xml", "word/document.xml", "xl/workbook.bin"} for entry in entries):
        message = "it is an office document of another form. Save the table as xlsx or csv."
        raise voice.bad(FindingCode.NOT_A_TABLE, message)
    if len(entries) != 1:
        message = f"its zip archive holds {len(entries):,} files. Pack exactly one file, and upload each on its own."
        raise voice.bad(FindingCode.ARCHIVE, message)
    if entries[0].flag_bits & 1:
        raise voice.bad(FindingCode.ARCHIVE, "its zip archive has a password. Pack the file without one.")
    return entries[0]


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in {".DS_Store", "Thumbs.db"}


def _copy(source: IO[bytes] | gzip.GzipFile, out: Path, packed: int, limits: Limits, voice: Voice) -> None:
    written = 0
    with out.open("wb") as target:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            check_size(written, packed, limits, voice)
            target.write(chunk)


def check_size(unpacked: int, packed: int, limits: Limits, voice: Voice) -> None:
    if unpacked > limits.unpacked_bytes:
        message = f"more than {limits.unpacked_bytes:,} bytes come out of it. Split the data into smaller files."
        raise voice.bad(FindingCode.UNPACKS_TOO_LARGE, message)
    if unpacked > _FREE_BYTES and unpacked > packed * limits.ratio:
        message = (
            f"more than {limits.ratio} times its own size comes out of it, as of an archive made to do harm. "
            "Upload the file without packing it."
        )
        raise voice.bad(FindingCode.UNPACKS_TOO_LARGE, message)
