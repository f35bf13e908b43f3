"""Files that cannot be used. Each is refused with a code, a place and a sentence, and leaves nothing behind."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import polars as pl
import pytest

from tests.workers.data.inspection.looking import BARS, HEADER, csv, refusal
from tests.workers.data.inspection.workbooks import Raw, sheet_xml, workbook, zipped
from workers.data.inspection import Limits

PLAIN = csv(*BARS)
WIDE = ",".join(f"c{number}" for number in range(10_000)) + "\n" + ",".join("1" * 10_000) + "\n"
WIDE_SYMBOLS = "Price,Close,Close\nTicker,A,B\nDate,,\n" + "2024-01-15,1,2\n" * 2
SMALL = Limits(unpacked_bytes=2_000_000, line_bytes=10_000, rows=3, symbols=1)


@dataclass(frozen=True)
class Case:
    id: str
    content: bytes | str
    name: str
    code: str
    row: int | None
    column: str | None
    limits: Limits
    correction: dict[str, Any]


def case(
    id: str,
    content: bytes | str,
    code: str,
    name: str = "prices.csv",
    *,
    row: int | None = None,
    column: str | None = None,
    limits: Limits | None = None,
    **correction: Any,
) -> Case:
    return Case(id, content, name, code, row, column, limits or Limits(), correction)


def zip_with_a_lie(content: bytes) -> bytes:
    """Its table of contents says that the file inside is one byte long."""
    archive = bytearray(zipped({"prices.csv": content}))
    end = archive.rfind(b"PK\x01\x02")
    archive[end + 24 : end + 28] = struct.pack("<I", 1)
    return bytes(archive)


def with_password() -> bytes:
    archive = bytearray(zipped({"prices.csv": PLAIN}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.rfind(mark) + offset] |= 1
    return bytes(archive)


def bomb() -> bytes:
    return gzip.compress(b"0" * 30_000_000)


def xlsx_bomb() -> bytes:
    return workbook({"A": [HEADER, *BARS]}, extra={"xl/media/x.bin": b"0" * 30_000_000})


def doubled() -> bytes:
    file = BytesIO(workbook({"A": [HEADER, *BARS]}))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/Workbook.xml", "<x/>")
    return file.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


STRAY = sheet_xml([HEADER, *BARS, [Raw('<c r="XFD1048576"><v>1</v></c>')]])
LOW = sheet_xml([HEADER, *BARS, [Raw('<c r="T1048576"><v>1</v></c>')]])
LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'
UMLAUTS = "Date,Open,Größe,Maß\n2024-01-15,1,ü,ö\n2024-01-16,2,ä,ß\n"

CASES = [
    case("empty", b"", "EMPTY"),
    case("only-blank-lines", "\n\n  \n", "EMPTY"),
    case("only-a-bom", b"\xef\xbb\xbf", "EMPTY"),
    case("only-zeros", b"\x00" * 100, "EMPTY"),
    case("header-only", ",".join(HEADER) + "\n", "NO_ROWS"),
    case("header-without-line-end", ",".join(HEADER), "NO_ROWS"),
    case("header-and-blank-lines", ",".join(HEADER) + "\n\n\n", "NO_ROWS"),
    case("only-rows-of-commas", ",".join(HEADER) + "\n,,,,,\n", "NO_ROWS"),
    case("png", b"\x89PNG\r\n\x1a\n" + b"x" * 100, "NOT_A_TABLE"),
    case("pdf", b"%PDF-1.7\n" + b"x" * 100, "NOT_A_TABLE"),
    case("old-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "NOT_A_TABLE", "prices.xlsx"),
    case("web-page", "<!DOCTYPE html><html><body>Not found</body></html>", "NOT_A_TABLE"),
    case("program", b"\x7fELF\x02\x01" + b"\x00" * 100, "NOT_A_TABLE"),
    case("binary", b"a,b\x00c\n1,2,3\n", "NOT_A_TABLE"),
    case("zeros-far-into-the-text", PLAIN * 20_000 + "\x00\x00", "NOT_A_TABLE", row=100_001),
    case("bzip2", b"BZh91AY&SY", "NOT_A_TABLE", "prices.csv.bz2"),
    case("too-many-columns", WIDE, "TOO_MANY_COLUMNS", row=1),
    case("too-many-json-columns", json.dumps([{f"c{n}": 1 for n in range(10_000)}]), "TOO_MANY_COLUMNS", "p.json"),
    case("too-many-parquet-columns", parquet(pl.DataFrame({f"c{n}": [1] for n in range(1_100)})), "TOO_MANY_COLUMNS", "p.parquet"),
    case("too-many-rows", PLAIN, "TOO_MANY_ROWS", limits=SMALL),
    case("too-many-parquet-rows", parquet(pl.DataFrame({"date": ["2024-01-01"] * 5})), "TOO_MANY_ROWS", "p.parquet", limits=SMALL),
    case("too-many-symbols", "date,symbol,close\n2024-01-01,A,1\n2024-01-01,B,1\n", "TOO_MANY_SYMBOLS", column="symbol", limits=SMALL),
    case("one-long-line", "x" * 20_000, "LINE_TOO_LONG", row=1, limits=SMALL),
    case("a-long-line-later", "date,close\n2024-01-01,1\n" + "x" * 20_000, "LINE_TOO_LONG", row=3, limits=SMALL),
    case("a-long-record", '[{"date": "' + "x" * 3_000_000 + '"}]', "LINE_TOO_LONG", "p.json", row=1, limits=SMALL),
    case("long-cell-over-lines", 'date,close\n2024-01-01,"' + "x\n" * 20_000, "BROKEN_QUOTES", row=2, column="close", limits=SMALL),
    case("quote-not-closed", 'date,open,close\n2024-01-01,1,1\n2024-01-02,"1,1\n2024-01-03,1,1\n', "BROKEN_QUOTES", row=3, column="open"),
    case("quote-inside-quotes", 'date,name\n2024-01-01,"a"b"\n', "BROKEN_QUOTES", row=2, column="name"),
    case("ragged", "date,open,close\n2024-01-01,1,1\n2024-01-02,1\n2024-01-03,1,1\n", "RAGGED_ROWS", row=3),
    case("decimal-commas-among-commas", "date,open,close\n2024-01-01,1,5,2,5\n2024-01-02,1,5,2\n2024-01-03,2,1\n", "RAGGED_ROWS", row=2),
    case("utf8-cut-in-the-middle", UMLAUTS.encode() + b"2024-01-17,3,\xc3", "BROKEN_ENCODING", row=4),
    case("one-broken-letter", UMLAUTS.encode().replace("ä".encode(), b"\xe4"), "BROKEN_ENCODING", row=3),
    case("not-as-chosen", UMLAUTS.encode("cp1252"), "BROKEN_ENCODING", row=1, encoding="utf-8"),
    case("unknown-encoding", PLAIN, "CORRECTION", encoding="klingon"),
    case("encoding-that-is-none", PLAIN, "CORRECTION", encoding="unicode_escape"),
    case("long-delimiter", PLAIN, "CORRECTION", delimiter=";;"),
    case("odd-decimal", PLAIN, "CORRECTION", decimal="x"),
    case("header-too-far-down", PLAIN, "CORRECTION", header_row=99),
    case("unknown-time-column", PLAIN, "CORRECTION", time_column="When"),
    case("unknown-symbol-column", PLAIN, "CORRECTION", symbol_column="Who"),
    case("times-as-prices", PLAIN, "CORRECTION", roles={"close": "Date"}),
    case("times-as-symbols", PLAIN, "CORRECTION", symbol_column="Date"),
    case("unknown-role", PLAIN, "CORRECTION", roles={"middle": "Open"}),
    case("unknown-zone", PLAIN, "CORRECTION", zone="Mars/Olympus"),
    case("odd-time-format", PLAIN, "CORRECTION", time_format="%Q%Q"),
    case("unknown-sheet", workbook({"A": [HEADER, *BARS]}), "CORRECTION", "p.xlsx", sheet="B"),
    case("no-times", "open,close\n1,2\n3,4\n", "NO_TIME_COLUMN"),
    case("times-that-are-none", "date,close\nsoon,1\nlater,2\n", "NO_TIME_COLUMN", row=2, column="date"),
    case("wrong-time-format", PLAIN, "BAD_TIME", row=2, column="Date", time_format="%d/%m/%Y"),
    case("not-a-time-column", PLAIN, "NO_TIME_COLUMN", row=2, column="Volume", time_column="Volume"),
    case("seconds-that-go-back-and-forth", "1704067200,1\n1704067260,2\n1704067230,3\n", "NO_TIME_COLUMN"),
    case("json-records-inside-an-answer", '{"ticker": "A", "count": 1, "results": [{"t": 1704067200000, "c": 1}]}', "NOT_A_TABLE", "p.json"),
    case("json-records-deep-inside", '{"status": "ok", "data": {"symbol": "A", "candles": [[1704067200, 1]]}}', "NOT_A_TABLE", "p.json"),
    case("json-table", '{"schema": {"fields": [{"name": "date"}]}, "data": [{"date": "2024-01-15"}, {"date": "2024-01-16"}]}', "NOT_A_TABLE", "p.json"),
    case("json-lists-and-a-word", '{"c": [1, 2], "s": "ok", "t": [1704067200, 1704153600]}', "NOT_A_TABLE", "p.json", column="s"),
    case("json-columns-called-by-numbers", '{"10001": {"a": 1}, "10002": {"a": 2}}', "NO_TIME_COLUMN", "p.json"),
    case("json-objects-in-objects", '{"x": 1, "a": ' * 900 + "1" + "}" * 900, "NOT_A_TABLE", "p.json", column="x"),
    case("json-split", '{"columns": ["date", "close"], "index": [0], "data": [["2024-01-15", 1]]}', "NOT_A_TABLE", "p.json"),
    case("symbols-in-names-of-too-many-rows", WIDE_SYMBOLS, "TOO_MANY_ROWS", limits=SMALL),
    case("symbols-in-names-with-long-cells", WIDE_SYMBOLS + "x" * 9_000 + ",1,2\n", "UNPACKS_TOO_LARGE", row=6, limits=Limits(unpacked_bytes=15_000)),
    case("zone-of-several-places", "time,close\n2024-01-02 09:30 CST,1\n2024-01-02 09:31 CST,2\n", "NO_TIME_COLUMN", row=2, column="time"),
    case("zone-of-no-place", "time,close\n2024-01-02 09:30 Mars/Base,1\n", "NO_TIME_COLUMN", row=2, column="time"),
    case("gzip-cut-off", gzip.compress(PLAIN.encode())[:-10], "BROKEN_FILE", "prices.csv.gz"),
    case("gzip-of-rubbish", b"\x1f\x8b" + b"x" * 50, "BROKEN_FILE", "prices.csv.gz"),
    case("gzip-bomb", bomb(), "UNPACKS_TOO_LARGE", "prices.csv.gz"),
    case("gzip-too-large", gzip.compress(PLAIN.encode() * 20_000), "UNPACKS_TOO_LARGE", "prices.csv.gz", limits=SMALL),
    case("gzip-in-gzip", gzip.compress(gzip.compress(PLAIN.encode())), "ARCHIVE", "prices.csv.gz"),
    case("empty-in-gzip", gzip.compress(b""), "EMPTY", "prices.csv.gz"),
    case("zip-cut-off", zipped({"prices.csv": PLAIN})[:-30], "BROKEN_FILE", "prices.zip"),
    case("zip-of-two", zipped({"a.csv": PLAIN, "b.csv": PLAIN}), "ARCHIVE", "prices.zip"),
    case("zip-of-none", zipped({"a/": ""}), "ARCHIVE", "prices.zip"),
    case("zip-in-zip", zipped({"a.zip": zipped({"a.csv": PLAIN})}), "ARCHIVE", "prices.zip"),
    case("zip-with-password", with_password(), "ARCHIVE", "prices.zip"),
    case("zip-bomb", zipped({"a.csv": b"0" * 30_000_000}), "UNPACKS_TOO_LARGE", "prices.zip"),
    case("zip-that-lies", zip_with_a_lie(PLAIN.encode()), "BROKEN_FILE", "prices.zip"),
    case("zip-of-very-many", zipped({f"{n:0200}": "" for n in range(4_500)}), "ARCHIVE", "prices.zip"),
    case("word-document", zipped({"word/document.xml": "<x/>", "x": ""}), "NOT_A_TABLE", "prices.docx"),
    case("xlsx-bomb", xlsx_bomb(), "UNPACKS_TOO_LARGE", "prices.xlsx"),
    case("xlsx-with-entities", workbook({"A": LAUGHS}), "BROKEN_FILE", "prices.xlsx"),
    case("xlsx-with-a-stray-cell", workbook({"A": STRAY}), "TOO_MANY_COLUMNS", "prices.xlsx"),
    case("xlsx-with-a-low-cell", workbook({"A": LOW}), "TOO_MANY_ROWS", "prices.xlsx", limits=Limits(cells=10**7)),
    case("xlsx-with-two-books", doubled(), "BROKEN_FILE", "prices.xlsx"),
    case("xlsx-that-is-no-xml", workbook({"A": "not xml at all <"}), "BROKEN_FILE", "prices.xlsx"),
    case("xlsx-without-sheets", workbook({}), "EMPTY", "prices.xlsx"),
    case("xlsx-empty-sheet", workbook({"A": []}), "NO_ROWS", "prices.xlsx"),
    case("xlsx-header-only", workbook({"A": [HEADER]}), "NO_ROWS", "prices.xlsx"),
    case("parquet-cut-off", parquet(pl.DataFrame({"date": [1]}))[:-20], "BROKEN_FILE", "p.parquet"),
    case("parquet-in-name-of-magic-only", b"PAR1" + b"x" * 100 + b"PAR1", "BROKEN_FILE", "p.parquet"),
    case("parquet-without-rows", parquet(pl.DataFrame({"date": []}, schema={"date": pl.Date})), "NO_ROWS", "p.parquet"),
    case("parquet-of-lists-alone", parquet(pl.DataFrame({"a": [[1]]})), "NO_ROWS", "p.parquet"),
    case("json-cut-off", json.dumps([{"date": "2024-01-01"}])[:-3], "BROKEN_JSON", "p.json", row=1),
    case("json-comma-too-many", '[{"date": "2024-01-01"},\n{"date": "2024-01-02"},\n]', "BROKEN_JSON", "p.json", row=3),
    case("json-comma-lacks", '[{"date": "2024-01-01"}\n{"date": "2024-01-02"}]', "BROKEN_JSON", "p.json", row=2),
    case("json-line-broken", '{"date": "2024-01-01"}\n{"date": 2024-01-02}\n', "BROKEN_JSON", "p.jsonl", row=2),
    case("json-nested-deep", "[" * 100_000, "BROKEN_JSON", "p.json", row=1),
    case("json-no-records", "[]", "NO_ROWS", "p.json"),
    case("json-empty-records", "[{}, {}]", "NO_ROWS", "p.json"),
    case("json-empty-columns", '{"date": [], "close": []}', "NO_ROWS", "p.json"),
    case("json-single-values", "[1, 2, 3]", "NOT_A_TABLE", "p.json", row=1),
    case("json-inside-something", '{"data": [{"date": "2024-01-01"}]}', "NOT_A_TABLE", "p.json"),
    case("json-columns-of-two-lengths", '{"date": ["2024-01-01"], "close": [1, 2]}', "RAGGED_ROWS", "p.json", column="close"),
]  # fmt: skip


@pytest.mark.parametrize("given", CASES, ids=[each.id for each in CASES])
def test_it_is_refused(given: Case) -> None:
    found = refusal(given.content, given.name, limits=given.limits, **given.correction)
    place = found.places[0] if found.places else None
    assert (found.code, place and place.row, place and place.column) == (given.code, given.row, given.column)
    assert found.severity == "error"
    assert found.message.startswith(given.name)
    assert given.row is None or f" {given.row}" in found.message
    assert given.column is None or f'column "{given.column}"' in found.message


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd:"),
        ("..\\..\\boot.ini", "boot.ini:"),
        ("a\x1b[31m\nb\u202e.csv", "a\ufffd[31m\ufffdb\ufffd.csv:"),
        ("x" * 300 + ".csv", "x" * 79 + "…:"),
        ("\ud800.csv", "\ufffd.csv:"),
        ("", "The file:"),
        ("///", "The file:"),
    ],
)
def test_names_are_safe_in_sentences(name: str, shown: str) -> None:
    assert refusal("", name).message.startswith(shown)


def test_it_says_which_of_several_sheets_was_read() -> None:
    sheets = {"Data": [HEADER, *BARS], "Notes": [["x"] * 9] * 9}
    assert refusal(workbook(sheets), "p.xlsx").message.startswith('p.xlsx, sheet "Notes": ')


def test_a_zone_that_is_not_certain_is_told_what_to_do() -> None:
    message = refusal("time,close\n2024-01-02 09:30 CST,1\n").message
    assert '"CST" may be of several places' in message
    assert "Write an offset" in message


def test_a_single_column_may_want_another_delimiter() -> None:
    assert "Choose the delimiter" in refusal("Date~Close\n2024-01-15~1\n").message


def test_words_of_the_file_are_safe_in_sentences() -> None:
    found = refusal("date\x1b[2J,close\nso\x07on" + "x" * 300 + ",1\nlater,2\n", time_column="date[2J")
    assert found.message.isprintable()
    assert len(found.message) < 300
