"""Which characters the bytes of a text stand for, and the same text as UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from domain.datasets.report import BadFile, Finding, FindingCode, Place, Severity
from workers.data.inspection.voice import Voice

_CHUNK = 1 << 20
_UTF8 = "utf-8"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The first wins where nothing speaks for one of them.
_NARROW = ["cp1252", "gb18030", "big5", "shift_jis", "euc_kr", "cp1251"]
_PERMITTED = re.compile(
    r"utf-(8|16|32)(-[bl]e)?|ascii|cp\d+|iso8859-\d+|gb(k|2312|18030)|big5(hkscs)?|(shift_jis|euc)\w*|koi8-\w|mac-\w+"
)
_ENOUGH_TO_GUESS = 8
_SAMPLE = 65_536
_ASCII_ONLY = bytes(range(128))


@dataclass(frozen=True, slots=True)
class Text:
    """A text in UTF-8 without a mark at its start, and the encoding it came in."""

    path: Path
    encoding: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Break:
    """The first bytes that are no UTF-8."""

    offset: int
    is_utf8_elsewhere: bool


def wide_encoding(head: bytes) -> str | None:
    """The encoding that a mark at the start tells, or zeros at every other byte."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    even, odd = head[:4096:2], head[1:4096:2]
    if odd.count(0) > len(odd) * 0.4 and not even.count(0):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) * 0.4 and not odd.count(0) else None


def as_utf8(path: Path, chosen: str | None, scratch: Path, voice: Voice) -> Text:
    """The text as UTF-8 with line feeds. A person's choice of encoding goes before what the bytes tell."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    encoding = _known(chosen, voice) if chosen else wide_encoding(head) or _UTF8
    findings: tuple[Finding, ...] = ()
    if not chosen and encoding == _UTF8 and (broken := _first_break(path)):
        encoding, findings = _narrow(path, broken, voice)
    if codecs.lookup(encoding).name == _UTF8 and not (b"\r" in head and b"\n" not in head):
        if chosen and (broken := _first_break(path)):
            raise _undecodable(path, broken.offset, encoding, voice)
        return Text(path, _UTF8, findings)
    return Text(_transcoded(path, encoding, scratch / "text", voice), encoding.removesuffix("-sig"), findings)


def _known(chosen: str, voice: Voice) -> str:
    try:
        name = codecs.lookup(chosen).name
    except (LookupError, UnicodeError, ValueError) as error:
        raise _unknown(voice) from error
    if not _PERMITTED.fullmatch(name):
        raise _unknown(voice)
    return "utf-8-sig" if name == _UTF8 else name


def _unknown(voice: Voice) -> BadFile:
    what = "the chosen encoding is not known. Choose utf-8, utf-16, cp1252, latin-1, gb18030 or another."
    return voice.bad(FindingCode.CORRECTION, what)


def _first_break(path: Path) -> _Break | None:
    decoder, done, seen = codecs.getincrementaldecoder(_UTF8)(), 0, False
    for chunk in _chunks(path):
        pending = len(decoder.getstate()[0])
        if pending or not chunk.isascii():
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return _Break(done - pending + error.start, seen or _mostly_utf8(chunk))
            seen = True
        done += len(chunk)
    pending = len(decoder.getstate()[0])
    return _Break(done - pending, seen) if pending else None


def _mostly_utf8(chunk: bytes) -> bool:
    """More characters that are written well than bytes that are not."""
    text = chunk.decode(_UTF8, "replace")
    broken = text.count("\ufffd")
    return sum(not character.isascii() for character in text) > 2 * broken


def _narrow(path: Path, broken: _Break, voice: Voice) -> tuple[str, tuple[Finding, ...]]:
    if broken.is_utf8_elsewhere:
        raise _undecodable(path, broken.offset, _UTF8, voice)
    encoding = _guess(path, broken.offset)
    what = f"it is not written in UTF-8; {encoding} was assumed. Choose the encoding if letters look wrong."
    place = Place(line_of(path, broken.offset))
    return encoding, (
        voice.finding(
            Severity.WARNING,
            FindingCode.ENCODING_ASSUMED,
            what,
            f"The file was read as {encoding}.",
            places=(place,),
        ),
    )


def _guess(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(max(offset - 1000, 0))
        sample = file.read(_SAMPLE)
    if len(sample.translate(None, _ASCII_ONLY)) >= _ENOUGH_TO_GUESS:
        found = list(from_bytes(sample, cp_isolation=_NARROW))
        if found:
            best = min(found, key=lambda each: (each.chaos, -each.coherence, _NARROW.index(each.encoding)))
            return best.encoding
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _transcoded(path: Path, encoding: str, out: Path, voice: Voice) -> Path:
    done = 0
    with out.open("w", encoding=_UTF8, newline="") as file:
        try:
            for text, size in _decoded(path, encoding):
                file.write(text)
                done += size
        except UnicodeError as error:
            raise _undecodable(path, done + getattr(error, "start", 0), encoding, voice) from error
    return out


def _decoded(path: Path, encoding: str) -> Iterator[tuple[str, int]]:
    """The text in pieces, and how many bytes each was. Where lines end with a lone CR, as once on a Mac, with LF."""
    decoder, lone = codecs.getincrementaldecoder(encoding)(), None
    for chunk in _chunks(path):
        text = decoder.decode(chunk)
        if lone is None:
            lone = "\r" in text and "\n" not in text
        yield text.replace("\r", "\n") if lone else text, len(chunk)
    yield decoder.decode(b"", final=True), 0


def _undecodable(path: Path, offset: int, encoding: str, voice: Voice) -> BadFile:
    name = encoding.removesuffix("-sig").upper()
    what = (
        f"byte {_byte_of(path, offset)} of this line is no {name} text. Save the file as UTF-8, or choose its encoding."
    )
    return voice.bad(FindingCode.BROKEN_ENCODING, what, Place(line_of(path, offset)))


def _byte_of(path: Path, offset: int) -> int:
    """Its number within the line, counted from 1."""
    with path.open("rb") as file:
        file.seek(max(offset - _CHUNK, 0))
        before = file.read(min(offset, _CHUNK))
    return len(before) - before.rfind(b"\n")


def line_of(path: Path, offset: int) -> int:
    """The line, counted from 1, that the byte stands in."""
    lines, left = 1, offset
    for chunk in _chunks(path):
        lines += chunk.count(b"\n", 0, left)
        left -= len(chunk)
        if left <= 0:
            break
    return lines


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
