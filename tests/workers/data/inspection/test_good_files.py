"""Files of every dialect that say the same: four days of bars. Each must give the same canonical rows."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import polars as pl
import pytest

from tests.workers.data.inspection.looking import BARS, HEADER, at, bars, csv, look
from tests.workers.data.inspection.workbooks import Formula, serial, sheet_xml, workbook, zipped

PLAIN = csv(*BARS)
DAYS = [datetime.fromisoformat(day) for day, *_ in BARS]
ASSUMED = {"ZONE_ASSUMED", "SYMBOL_ASSUMED"}


@dataclass(frozen=True)
class Case:
    id: str
    content: bytes | str
    name: str = "prices.csv"
    also: frozenset[str] = frozenset()
    """Findings besides those that every file without zones and symbols has."""
    less: frozenset[str] = frozenset()
    report: dict[str, Any] = field(default_factory=dict)
    correction: dict[str, Any] = field(default_factory=dict)


def case(
    id: str,
    content: bytes | str,
    name: str = "prices.csv",
    *,
    also: set[str] = frozenset(),  # type: ignore[assignment]
    less: set[str] = frozenset(),  # type: ignore[assignment]
    correction: dict[str, Any] | None = None,
    **report: Any,
) -> Case:
    return Case(id, content, name, frozenset(also), frozenset(less), report, correction or {})


def dated(form: str, **changes: Any) -> str:
    """The bars with their days written in this form."""
    return csv(*((day.strftime(form), *values) for day, (_, *values) in zip(DAYS, BARS, strict=True)), **changes)


def numbered(number: Any) -> str:
    """The bars with their days as numbers."""
    return csv(*((number(day), *values) for day, (_, *values) in zip(DAYS, BARS, strict=True)))


def epoch(day: datetime) -> int:
    return round((day - datetime(1970, 1, 1)) / timedelta(seconds=1))  # noqa: DTZ001


def german(value: object, *, grouped: bool = False) -> str:
    text = f"{value:,}" if grouped else str(value)
    return text.translate(str.maketrans(",.", ".,"))


def records() -> list[dict[str, Any]]:
    return [dict(zip(HEADER, row, strict=True)) for row in BARS]


def parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


def typed() -> pl.DataFrame:
    return pl.DataFrame(records()).with_columns(pl.col("Date").str.to_date())


QUOTED = csv(*(tuple(f'"{cell}"' for cell in row) for row in BARS), header=tuple(f'"{name}"' for name in HEADER))
GERMAN = csv(*((row[0], *map(german, row[1:])) for row in BARS), delimiter=";")
GROUPED = csv(*((row[0], *(german(cell, grouped=True) for cell in row[1:])) for row in BARS), delimiter=";")
AMERICAN = csv(*((row[0], *(f'"{cell:,}"' for cell in row[1:])) for row in BARS))
SWISS = csv(*((row[0], *(f"{cell:,}".replace(",", "'") for cell in row[1:])) for row in BARS))
SPACED = csv(
    *((row[0], *(german(cell, grouped=True).replace(".", "\u202f") for cell in row[1:])) for row in BARS), delimiter=";"
)
MONEY = csv(*((row[0], *(f"${cell}" for cell in row[1:5]), f"{row[5] / 1000}K") for row in BARS))

CASES = [
    case("plain", PLAIN, kind="csv", encoding="utf-8", delimiter=",", decimal=".", header_row=1, frequency="1d"),
    case("crlf", PLAIN.replace("\n", "\r\n")),
    case("cr-only", PLAIN.replace("\n", "\r")),
    case("no-last-line-end", PLAIN.rstrip()),
    case("blank-lines-at-the-end", PLAIN + "\n\n\r\n"),
    case("blank-lines-between", PLAIN.replace("\n", "\n\n")),
    case("rows-of-commas", PLAIN + ",,,,,\n,,,,,\n"),
    case("delimiter-at-line-ends", csv(*((*row, "") for row in BARS), header=(*HEADER, ""))),
    case("bom", b"\xef\xbb\xbf" + PLAIN.encode(), encoding="utf-8"),
    case("utf-16", PLAIN.encode("utf-16"), encoding="utf-16"),
    case("utf-16-without-bom", PLAIN.encode("utf-16-le"), encoding="utf-16-le"),
    case("utf-16-be", PLAIN.encode("utf-16-be"), encoding="utf-16-be"),
    case("tabs", csv(*BARS, delimiter="\t"), "prices.tsv", delimiter="\t"),
    case("pipes-in-txt", csv(*BARS, delimiter="|"), "prices.txt", delimiter="|"),
    case("semicolons", csv(*BARS, delimiter=";"), delimiter=";", decimal="."),
    case("sep-line", "sep=;\n" + csv(*BARS, delimiter=";"), delimiter=";"),
    case("chosen-delimiter", csv(*BARS, delimiter="^"), correction={"delimiter": "^"}, delimiter="^"),
    case("delimiter-at-line-ends-but-the-first", csv(*((*row, "") for row in BARS))),
    case("all-quoted", QUOTED),
    case("semicolons-and-decimal-commas", GERMAN, delimiter=";", decimal=","),
    case("decimal-commas-and-points-in-thousands", GROUPED, decimal=","),
    case("thousands-in-quotes", AMERICAN, decimal="."),
    case("thousands-as-in-switzerland", SWISS, decimal="."),
    case("thousands-by-thin-spaces", SPACED, decimal=","),
    case("money-and-units", MONEY),
    case(
        "money-behind",
        csv(*((row[0], *(f"{german(cell)} €" for cell in row[1:5]), row[5]) for row in BARS), delimiter=";"),
    ),
    case("money-in-letters", csv(*((row[0], *(f"{cell} USD" for cell in row[1:5]), row[5]) for row in BARS))),
    case("money-in-letters-before", csv(*((row[0], *(f"EUR {cell}" for cell in row[1:5]), row[5]) for row in BARS))),
    case("cells-with-spaces", csv(*(tuple(f" {cell} " for cell in row) for row in BARS))),
    case("spaces-before-quotes", QUOTED.replace(",", ", ")),
    case(
        "lines-before-the-header",
        "Prices of one stock\nMade yesterday\n\n" + PLAIN,
        also={"LINES_SKIPPED"},
        header_row=4,
    ),
    case("no-header", csv(*BARS, header=None), also={"NO_HEADER", "ROLES_ASSUMED"}, header_row=0),
    case(
        "header-in-another-line",
        "a,b,c,d,e,f\n" + PLAIN,
        correction={"header_row": 2},
        header_row=2,
    ),
    case("compact-days", numbered(lambda day: day.strftime("%Y%m%d")), time_format="%Y%m%d"),
    case("points-in-days", dated("%d.%m.%Y"), time_format="%d.%m.%Y"),
    case("day-before-month", dated("%d/%m/%Y"), time_format="%d/%m/%Y"),
    case("month-before-day", dated("%m/%d/%Y"), time_format="%m/%d/%Y"),
    case("two-digit-years", dated("%m/%d/%y"), time_format="%m/%d/%y"),
    case("names-of-months", dated("%d-%b-%Y"), time_format="%d-%b-%Y"),
    case("american-days", dated("%b %d, %Y", delimiter=";"), time_format="%b %d, %Y"),
    case("iso-with-z", dated("%Y-%m-%dT%H:%M:%SZ"), less={"ZONE_ASSUMED"}, zone="UTC"),
    case("named-utc", dated("%Y-%m-%d %H:%M:%S UTC"), less={"ZONE_ASSUMED"}, zone="UTC"),
    case("epoch-seconds", numbered(epoch), less={"ZONE_ASSUMED"}, time_format="epoch s"),
    case("epoch-milliseconds", numbered(lambda day: epoch(day) * 1000), less={"ZONE_ASSUMED"}, time_format="epoch ms"),
    case("epoch-microseconds", numbered(lambda day: epoch(day) * 10**6), less={"ZONE_ASSUMED"}, time_format="epoch us"),
    case("epoch-nanoseconds", numbered(lambda day: epoch(day) * 10**9), less={"ZONE_ASSUMED"}, time_format="epoch ns"),
    case(
        "odd-nanoseconds",
        numbered(lambda day: epoch(day) * 10**9 + 1),
        less={"ZONE_ASSUMED"},
        also={"TIME_ROUNDED"},
        time_format="epoch ns",
    ),
    case("fractions-beyond-microseconds", dated("%Y-%m-%d 00:00:00.000000001"), also={"TIME_ROUNDED"}),
    case("fractions-of-zeros", dated("%Y-%m-%d 00:00:00.000000000")),
    case(
        "fractions-of-seconds", numbered(lambda day: f"{epoch(day)}.000"), less={"ZONE_ASSUMED"}, time_format="epoch s"
    ),
    case("excel-numbers", numbered(lambda day: round(serial(day))), time_format="excel"),
    case(
        "days-and-clocks-apart",
        csv(*((row[0], "00:00", *row[1:]) for row in BARS), header=("<DATE>", "<TIME>", *HEADER[1:])),
        time_format="%Y-%m-%d %H:%M",
    ),
    case("newest-first", csv(*reversed(BARS)), also={"UNSORTED"}),
    case("chinese-names", csv(*BARS, header=("日期", "开盘", "最高", "最低", "收盘", "成交量")), encoding="utf-8"),
    case(
        "chinese-names-in-gb18030",
        csv(*BARS, header=("日期", "开盘", "最高", "最低", "收盘", "成交量")).encode("gb18030"),
        also={"ENCODING_ASSUMED"},
        encoding="gb18030",
    ),
    case("gzip", gzip.compress(PLAIN.encode()), "prices.csv.gz", compression="gzip"),
    case("zip", zipped({"__MACOSX/x": "", "a/prices.csv": PLAIN}), "prices.zip", compression="zip"),
    case("json-records", json.dumps(records(), indent=1), "prices.json", kind="json", json_form="records"),
    case("json-one-line", json.dumps(records()), "prices.json", json_form="records"),
    case("json-lists", json.dumps(BARS), "prices.json", also={"NO_HEADER", "ROLES_ASSUMED"}, json_form="records"),
    case("json-lists-below-their-names", json.dumps([HEADER, *BARS]), "prices.json", json_form="records", header_row=1),
    case("json-lines", "\n".join(map(json.dumps, records())), "prices.jsonl", json_form="lines"),
    case(
        "json-columns",
        json.dumps({name: [row[place] for row in BARS] for place, name in enumerate(HEADER)}),
        "prices.json",
        json_form="columns",
    ),
    case(
        "json-columns-by-index",
        json.dumps({name: {str(n): row[place] for n, row in enumerate(BARS)} for place, name in enumerate(HEADER)}),
        "prices.json",
        json_form="columns",
    ),
    case(
        "json-by-day", json.dumps({day: dict(zip(HEADER[1:], row, strict=True)) for day, *row in BARS}), "prices.json"
    ),
    case("json-with-bom", b"\xef\xbb\xbf" + json.dumps(records()).encode(), "prices.json"),
    case(
        "json-numbers-as-texts", json.dumps([{k: str(v) for k, v in each.items()} for each in records()]), "prices.json"
    ),
    case("json-named-csv", json.dumps(records()), "prices.csv", also={"KIND_DIFFERS"}, kind="json"),
    case("json-in-gzip", gzip.compress(json.dumps(records()).encode()), "prices.json.gz", compression="gzip"),
    case(
        "xlsx",
        workbook({"A": [HEADER, *((d, *r) for d, (_, *r) in zip(DAYS, BARS, strict=True))]}),
        "prices.xlsx",
        kind="xlsx",
        sheet="A",
    ),
    case(
        "xlsx-days-as-numbers",
        workbook({"A": [HEADER, *((serial(d), *r) for d, (_, *r) in zip(DAYS, BARS, strict=True))]}),
        "prices.xlsx",
        time_format="excel",
    ),
    case("xlsx-days-as-texts", workbook({"A": [HEADER, *BARS]}), "prices.xlsx"),
    case(
        "xlsx-off-the-corner", workbook({"A": sheet_xml([HEADER, *BARS], top=5, left=3)}), "prices.xlsx", header_row=5
    ),
    case(
        "xlsx-with-a-title",
        workbook({"A": [["My prices"], [], HEADER, *BARS]}),
        "prices.xlsx",
        also={"LINES_SKIPPED"},
        header_row=3,
    ),
    case("xlsx-with-blank-rows", workbook({"A": [HEADER, BARS[0], [None] * 6, *BARS[1:]]}), "prices.xlsx"),
    case(
        "xlsx-two-sheets",
        workbook({"Notes": [["hello"]], "Data": [HEADER, *BARS]}),
        "prices.xlsx",
        also={"SEVERAL_SHEETS"},
        sheet="Data",
        sheets=("Notes", "Data"),
    ),
    case(
        "xlsx-other-sheet-chosen",
        workbook({"Big": [["x"] * 9] * 9, "Data": [HEADER, *BARS]}),
        "prices.xlsx",
        correction={"sheet": "Data"},
        sheet="Data",
    ),
    case(
        "xlsx-formulas",
        workbook({"A": [HEADER, *((d, Formula("1+1", o), *r) for d, o, *r in BARS)]}),
        "prices.xlsx",
        also={"FORMULAS"},
    ),
    case(
        "xlsx-macros",
        workbook({"A": [HEADER, *BARS]}, extra={"xl/vbaProject.bin": b"x"}),
        "prices.xlsm",
        also={"MACROS"},
    ),
    case(
        "xlsx-external-links",
        workbook({"A": [HEADER, *BARS]}, extra={"xl/externalLinks/externalLink1.xml": "<x/>"}),
        "prices.xlsx",
        also={"EXTERNAL_LINKS"},
    ),
    case("xlsx-in-gzip", gzip.compress(workbook({"A": [HEADER, *BARS]})), "prices.xlsx.gz", compression="gzip"),
    case("parquet", parquet(typed()), "prices.parquet", kind="parquet", time_format="typed"),
    case("parquet-text-days", parquet(pl.DataFrame(records())), "prices.parquet"),
    case(
        "parquet-odd-types",
        parquet(
            typed().with_columns(
                pl.col("Open").cast(pl.Decimal(18, 4)),
                pl.col("High").cast(pl.Float32),
                pl.col("Volume").cast(pl.UInt64),
            )
        ),
        "prices.parquet",
    ),
    case(
        "parquet-with-lists",
        parquet(typed().with_columns(pl.lit([[1, 2]] * 4).alias("depth"), pl.lit(b"x").alias("raw"))),
        "prices.parquet",
        also={"COLUMN_LEFT_OUT"},
    ),
    case(
        "parquet-zoned",
        parquet(
            typed().with_columns(
                pl.col("Date").cast(pl.Datetime("ns")).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
            )
        ),
        "prices.parquet",
        less={"ZONE_ASSUMED"},
    ),
    case("parquet-in-zip", zipped({"prices.parquet": parquet(typed())}), "prices.zip", compression="zip"),
]


def test_a_workbook_may_keep_days_and_clocks_apart() -> None:
    clocks = (datetime(1899, 12, 30), datetime(1899, 12, 30, 9, 30), datetime(1899, 12, 30, 23, 59, 59))  # noqa: DTZ001
    rows = [("Date", "Time", "Close"), *((DAYS[0], clock, number) for number, clock in enumerate(clocks, start=1))]
    seen = look(workbook({"A": rows}), "prices.xlsx")
    assert seen.rows == [
        (at("2024-01-15T00:00"), "prices", 1.0),
        (at("2024-01-15T09:30"), "prices", 2.0),
        (at("2024-01-15T23:59:59"), "prices", 3.0),
    ]


@pytest.mark.parametrize("given", CASES, ids=[each.id for each in CASES])
def test_it_reads_as_the_same_bars(given: Case) -> None:
    seen = look(given.content, given.name, **given.correction)
    assert seen.rows == bars()
    assert seen.frame.columns == ["time", "symbol", "open", "high", "low", "close", "volume"]
    assert seen.codes == (ASSUMED | given.also) - given.less
    assert {name: getattr(seen.report, name) for name in given.report} == given.report
