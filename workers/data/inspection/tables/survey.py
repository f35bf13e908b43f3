"""One quick look at every byte of a text, before anything reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.datasets.report import BadFile, FindingCode, Place
from workers.data.inspection.dialect import Dialect
from workers.data.inspection.encodings import line_of
from workers.data.inspection.limits import Limits
from workers.data.inspection.voice import Voice

_TAIL = 1 << 20
_LINE_ENDS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Survey:
    is_empty: bool
    rows: int
    """Lines of data; right only where they are regular."""
    has_quotes: bool
    is_regular: bool
    """Each line of data has exactly as many cells as it should, none of them quoted."""


def check_first_line(path: Path, limits: Limits, voice: Voice) -> None:
    """Before anything else is read: a file may be a single line of any length."""
    with path.open("rb") as file:
        if b"\n" not in file.read(limits.line_bytes) and file.read(1):
            raise _too_long(1, limits, voice)


def survey(path: Path, dialect: Dialect, limits: Limits, voice: Voice) -> Survey:
    """Refuses what no reader should meet: binary zeros and lines without an end."""
    start, end = _data_range(path, dialect.data_line)
    structure, has_quotes, tail, done = _Structure(dialect), False, 0, start
    for chunk in _chunks(path, start, end, limits.line_bytes):
        first = chunk.find(b"\n")
        if tail + (first if first >= 0 else len(chunk)) > limits.line_bytes:
            raise _too_long(line_of(path, done - 1), limits, voice)
        if b"\x00" in chunk:
            raise _binary(line_of(path, done + chunk.index(0)), voice)
        tail = len(chunk) - chunk.rfind(b"\n") - 1 if first >= 0 else tail + len(chunk)
        has_quotes = has_quotes or b'"' in chunk
        structure.take(chunk)
        done += len(chunk)
    structure.finish()
    return Survey(start >= end, structure.rows, has_quotes, structure.is_regular)


class _Structure:
    """Counts lines for as long as each has the same number of delimiters and no quote.

    All other bytes are taken away; what is left of a regular text is one pattern, again and again.
    """

    def __init__(self, dialect: Dialect) -> None:
        kept = dialect.delimiter.encode() + b'"\n'
        self._others = bytes(byte for byte in range(256) if byte not in kept)
        self._pattern = dialect.delimiter.encode() * (dialect.width - 1) + b"\n"
        self._rest = b""
        self.rows = 0
        self.is_regular = True

    def take(self, chunk: bytes) -> None:
        if not self.is_regular:
            return
        left = self._rest + chunk.translate(None, self._others)
        whole = left.rfind(b"\n") + 1
        rows = whole // len(self._pattern)
        self.is_regular = left[:whole] == self._pattern * rows
        self._rest = left[whole:]
        self.rows += rows

    def finish(self) -> None:
        """The last line may lack its end."""
        if self._rest or self._pattern == b"\n":
            self.is_regular = self.is_regular and self._rest == self._pattern[:-1]
            self.rows += 1


def _data_range(path: Path, first_line: int) -> tuple[int, int]:
    """From the first byte of the data to the last that is no line end."""
    with path.open("rb") as file:
        for _ in range(first_line - 1):
            file.readline()
        start = file.tell()
        size = file.seek(0, 2)
        file.seek(max(start, size - _TAIL))
        tail = file.read()
    return start, size - len(tail) + len(tail.rstrip(_LINE_ENDS))


def _chunks(path: Path, start: int, end: int, size: int) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        left = end - file.seek(start)
        while left > 0 and (chunk := file.read(min(size, left))):
            left -= len(chunk)
            yield chunk


def _too_long(line: int, limits: Limits, voice: Voice) -> BadFile:
    what = (
        f"this line is longer than {limits.line_bytes:,} bytes. "
        "Check that rows end with a line feed and that quotes are closed."
    )
    return voice.bad(FindingCode.LINE_TOO_LONG, what, Place(line))


def _binary(line: int, voice: Voice) -> BadFile:
    what = "it holds binary zeros, so it is no text, or was cut off while it was written. Save it again."
    return voice.bad(FindingCode.NOT_A_TABLE, what, Place(line))
