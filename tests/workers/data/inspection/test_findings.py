"""What is said of files that can be used, though something is wrong with them: code, count, places, and what was done."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import polars as pl
import pytest

from tests.workers.data.inspection.looking import BARS, HEADER, at, bars, csv, look
from tests.workers.data.inspection.workbooks import Formula, workbook

OHLC = ("date", "open", "high", "low", "close", "volume")
DAYS = ("2024-01-15", "2024-01-16", "2024-01-17", "2024-01-18", "2024-01-19")


def days(*rows: tuple[Any, ...]) -> str:
    """Bars of good days, the last of which are as given."""
    kept = len(DAYS) - len(rows)
    good = [(day, 10, 12, 9, 11, 100) for day in DAYS[:kept]]
    return csv(*good, *((day, *row) for day, row in zip(DAYS[kept:], rows, strict=True)), header=OHLC)


def closes(*rows: str) -> str:
    return "time,close\n" + "".join(f"{row}\n" for row in rows)


WIDE = "Made yesterday\nPrice,Close,Close\nTicker,AAPL,MSFT\nDate,,\n2024-01-15,1,2\n2024-01-16,3,4\n"
"""Each symbol has a column of its own."""


def parquet(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


@dataclass(frozen=True)
class Case:
    id: str
    content: bytes | str
    code: str
    severity: str
    count: int
    places: list[tuple[int | None, str | None]]
    closes: list[float | None] | None = None
    """The close of each canonical row."""
    name: str = "prices.csv"
    correction: dict[str, Any] = field(default_factory=dict)


CASES = [
    Case("negative", days((10, 12, -10, 11, 1)), "NEGATIVE_PRICE", "error", 1, [(6, "low")]),
    Case("zero", days((10, 12, 0, 11, 1)), "ZERO_PRICE", "warning", 1, [(6, "low")]),
    Case("high-below-low", days((10, 9, 12, 11, 1), (10, 9, 12, 11, 1)), "HIGH_BELOW_LOW", "error", 2, [(5, "high"), (6, "high")]),
    Case("open-outside", days((13, 12, 9, 11, 1)), "OPEN_OUTSIDE", "warning", 1, [(6, "open")]),
    Case("close-outside", days((10, 12, 9, 8, 1)), "CLOSE_OUTSIDE", "warning", 1, [(6, "close")], [11, 11, 11, 11, 8]),
    Case("negative-volume", days((10, 12, 9, 11, -1)), "NEGATIVE_VOLUME", "error", 1, [(6, "volume")]),
    Case("zero-volumes", csv(*((day, 1, 1, 1, 1, 0) for day in DAYS), header=OHLC), "ZERO_VOLUME_RUN", "warning", 1, [(2, "volume")]),
    Case(
        "crossed-book",
        "time,bid1_price,bid1_size,ask1_price,ask1_size\n2024-01-15 10:00:00,10,1,11,1\n2024-01-15 10:00:01,12,1,11,1\n",
        "CROSSED_BOOK", "info", 1, [(3, "bid1_price")],
    ),
    Case("no-number", days((10, 12, 9, "oops", 1)), "NOT_A_NUMBER", "error", 1, [(6, "close")], [11, 11, 11, 11, None]),
    Case("nan", days((10, 12, 9, "NaN", 1)), "NOT_FINITE", "error", 1, [(6, "close")], [11, 11, 11, 11, None]),
    Case("infinite", days((10, "inf", 9, 11, 1), (10, "-Infinity", 9, 11, 1)), "NOT_FINITE", "error", 2, [(5, "high"), (6, "high")]),
    Case("missing", days((10, 12, 9, "", 1), (10, 12, 9, "n/a", 1)), "MISSING_VALUES", "warning", 2, [(5, "close"), (6, "close")], [11, 11, 11, None, None]),
    Case("too-wide-row", days() + "2024-01-22,1,2,3,4,5,6,7\n" + "".join(f"2024-02-{day:02},10,12,9,11,1\n" for day in range(1, 20)), "RAGGED_ROWS", "error", 1, [(7, None)], [11] * 24),
    Case("duplicates", closes("2024-01-15,1", "2024-01-16,2", "2024-01-16,3", "2024-01-16,4"), "DUPLICATES", "error", 2, [(3, "time"), (4, "time")], [1, 4]),
    Case("unsorted", closes("2024-01-16,2", "2024-01-15,1", "2024-01-18,4", "2024-01-17,3"), "UNSORTED", "info", 2, [(3, "time"), (5, "time")], [1, 2, 3, 4]),
    Case("no-time", closes("2024-01-15,1", ",2", "soon,3", "2024-01-16,4", "2024-01-17,5"), "BAD_TIME", "error", 2, [(3, "time"), (4, "time")], [1, 4, 5]),
    Case("impossible-times", closes("2024-02-28,1", "2024-02-30,2", "2024-02-29,3", "9999-01-01,4", "2024-03-01,5"), "BAD_TIME", "error", 2, [(3, "time"), (5, "time")], [1, 3, 5]),
    Case("no-time-and-nothing-else", closes("2024-01-15,1", "soon,", ",", "2024-01-16,4", "Source: a friend,"), "BAD_TIME", "error", 2, [(3, "time"), (6, "time")], [1, 4]),
    Case("no-time-among-texts", "date,note\n2024-01-15,a\nsoon,b\n2024-01-16,c\n", "BAD_TIME", "error", 1, [(3, "date")]),
    Case("no-symbol", "time,symbol,close\n2024-01-15,A,1\n2024-01-15,,2\n", "NO_SYMBOL", "error", 1, [(3, "symbol")], [1]),
    Case("open-order-of-dates", closes("03/04/2024,1", "04/04/2024,2", "05/04/2024,3"), "DATE_ORDER_ASSUMED", "warning", 1, [(2, "time")], [1, 2, 3]),
    Case("both-orders-of-dates", closes("14/03/2024,1", "15/03/2024,2", "03/18/2024,3"), "DATE_ORDER_ASSUMED", "error", 1, [(None, "time")], [1, 2]),
    Case("epochs-of-two-units", closes("1735603200000,1", "1735689600000000,2", "1735776000000000,3"), "BAD_TIME", "error", 1, [(2, "time")], [2, 3]),
    Case("zone", closes("2024-01-15 10:00,1", "2024-01-15 11:00,2"), "ZONE_ASSUMED", "warning", 1, [(None, "time")], [1, 2]),
    Case("mixed-zones", closes("2024-01-15T10:00:00+01:00,2", "2024-01-15T08:00:00Z,1"), "MIXED_ZONES", "warning", 1, [(None, "time")], [1, 2]),
    Case("zones-here-and-there", closes("2024-01-15T10:00:00+01:00,1", "2024-01-15T10:00:00,2"), "MIXED_ZONES", "warning", 1, [(None, "time")], [1, 2]),
    Case("two-times", "open_time,close_time,close\n2024-01-15,2024-01-16,1\n2024-01-16,2024-01-17,2\n", "SEVERAL_TIME_COLUMNS", "info", 2, [(1, "open_time")], [1, 2]),
    Case("gap", closes("2024-01-15,1", "2024-01-16,2", "2024-01-17,3", "2024-01-23,4", "2024-01-24,5"), "GAPS", "warning", 1, [(5, "time")], [1, 2, 3, 4, 5]),
    Case("doubled-names", "date,close,close,\n2024-01-15,1,2,3\n2024-01-16,1,2,3\n", "NAMES_CHANGED", "info", 2, [(1, "close_2"), (1, "column_4")], [1, 1]),
    Case("no-prices", "date,feature\n2024-01-15,1\n2024-01-16,2\n", "NO_PRICES", "warning", 1, []),
    Case("comma-of-either-kind", 'date;close\n2024-01-15;"1,234"\n2024-01-16;"1,250"\n', "DECIMAL_ASSUMED", "warning", 1, [], [1.234, 1.25]),
    Case("comma-of-thousands", 'date,close\n2024-01-15,"1,234"\n2024-01-16,"1,250"\n', "DECIMAL_ASSUMED", "warning", 1, [], [1234, 1250]),
    Case("eight-bit-letters", "date,close,Größe\n2024-01-15,1,ä\n".encode("cp1252"), "ENCODING_ASSUMED", "warning", 1, [(1, None)], [1]),
    Case("nested", json.dumps([{"date": "2024-01-15", "close": 1, "more": [1]}, {"date": "2024-01-16", "close": {"x": 1}}]), "NESTED_VALUES", "warning", 2, [(1, "more"), (2, "close")], [1, None], "p.json"),
    Case("json-nan", '[{"date": "2024-01-15", "close": NaN}, {"date": "2024-01-16", "close": 2}]', "NOT_FINITE", "error", 1, [(1, "close")], [None, 2], "p.json"),
    Case("parquet-nan", parquet(pl.DataFrame({"date": DAYS[:2], "close": [float("nan"), 2.0]})), "NOT_FINITE", "error", 1, [(1, "close")], [None, 2], "p.parquet"),
    Case("formulas", workbook({"A": [HEADER, *((d, Formula("1+1", o), *r) for d, o, *r in BARS)]}), "FORMULAS", "info", 4, [(2, "B"), (3, "B"), (4, "B"), (5, "B")], None, "p.xlsx"),
    Case("formulas-without-value", workbook({"A": [("date", "close"), (DAYS[0], 1), (DAYS[1], Formula("SUM(A1:A2)"))]}), "FORMULAS_WITHOUT_VALUE", "error", 1, [(3, "B")], [1, None], "p.xlsx"),
    Case("symbols-in-names", WIDE, "SYMBOLS_IN_NAMES", "info", 2, [(2, None)], [1, 3, 2, 4]),
    Case("no-number-of-a-symbol", WIDE.replace(",4", ",oops"), "NOT_A_NUMBER", "error", 1, [(6, "Close")], [1, 3, 2, None]),
    Case("no-time-of-symbols", WIDE + "soon,5,6\n", "BAD_TIME", "error", 2, [(7, "Date")], [1, 3, 2, 4]),
    Case("words-for-prices", 'date,close,volume\n2024-01-15,high,1\n2024-01-16,low,2\n', "NOT_A_NUMBER", "error", 1, [(1, "close")]),
]  # fmt: skip


@pytest.mark.parametrize("given", CASES, ids=[each.id for each in CASES])
def test_it_is_found(given: Case) -> None:
    seen = look(given.content, given.name, **given.correction)
    found = seen.finding(given.code)
    assert (found.severity, found.count, seen.places(given.code)) == (given.severity, given.count, given.places)
    assert given.closes is None or seen.frame.get_column("close").to_list() == given.closes


def test_a_good_file_has_no_complaints() -> None:
    seen = look("time,symbol,close\n2024-01-15T00:00:00Z,A,1\n2024-01-16T00:00:00Z,A,2\n")
    assert seen.codes == set()


def test_symbols_in_names_are_all_that_is_said_of_them() -> None:
    seen = look(WIDE.split("\n", 1)[1], time_column="Date", header_row=1)
    assert seen.codes == {"SYMBOLS_IN_NAMES", "ZONE_ASSUMED"}
    assert "AAPL" in seen.finding("SYMBOLS_IN_NAMES").message
    assert (seen.report.header_row, seen.report.symbol_column, seen.report.rows) == (1, "Ticker", 4)


@pytest.mark.parametrize("second", [",USD,USD,shares", ",%,%,%", "MSFT,1.5,2.5,3", "x,1,1,1", "x,1,1,1\ny,,,"])
def test_a_second_line_of_something_else_names_no_symbols(second: str) -> None:
    seen = look(f"Date,Open,Close,Volume\n{second}\n2024-01-15,1,2,3\n2024-01-16,1,2,3\n2024-01-17,1,2,3\n")
    assert "SYMBOLS_IN_NAMES" not in seen.codes
    assert seen.rows == [(at(day), "prices", 1.0, 2.0, 3.0) for day in DAYS[:3]]


def test_prices_of_symbols_side_by_side_are_told_how_to_be_written() -> None:
    found = look("Date,AAPL,MSFT\n2024-01-15,1,2\n2024-01-16,1,2\n").finding("NO_PRICES")
    assert "below each other" in found.message


def test_places_are_lines_of_the_file_even_after_cells_over_lines() -> None:
    seen = look('date,note,close\n2024-01-15,"a\nb\n\nc",1\n\n2024-01-16,x,-2\n')
    assert seen.places("NEGATIVE_PRICE") == [(7, "close")]
    assert seen.frame.get_column("note").to_list() == ["a\nb\n\nc", "x"]


def test_only_the_first_places_are_named() -> None:
    rows = "".join(f"2024-01-{day:02},-1\n" for day in range(1, 20))
    seen = look("date,close\n" + rows)
    assert seen.finding("NEGATIVE_PRICE").count == 19
    assert seen.places("NEGATIVE_PRICE") == [(line, "close") for line in range(2, 7)]


def test_later_rows_that_the_sample_did_not_show_are_read_with_care() -> None:
    rows = ["time,close,trades", *(f"{number * 60 + 1_700_000_000},1.5,7" for number in range(12_000))]
    rows += ["1800000000,1,8.5", '1800000060,"1,234.5",9', "1800000120,oops,10", "soon,2,11"]
    seen = look("\n".join(rows))
    assert seen.frame.tail(3).select("close", "trades").rows() == [(1.0, 8.5), (1234.5, 9.0), (None, 10.0)]
    assert seen.places("NOT_A_NUMBER") == [(12_004, "close")]
    assert seen.places("BAD_TIME") == [(12_005, "time")]


def test_days_before_months_are_told_by_any_row() -> None:
    rows = [
        f"{day:02}/01/2024 {hour:02}:{minute:02},1"
        for day in range(1, 10)
        for hour in range(24)
        for minute in range(60)
    ]
    seen = look(closes(*rows, "13/01/2024 00:00,1"))
    assert (seen.report.time_format, seen.report.last) == ("%d/%m/%Y %H:%M", at("2024-01-13"))
    assert "DATE_ORDER_ASSUMED" not in seen.codes


def test_a_person_says_how_dates_are_written() -> None:
    seen = look(closes("03/04/2024,1", "04/04/2024,2"), time_format="%m/%d/%Y")
    assert (seen.report.first, "DATE_ORDER_ASSUMED" in seen.codes) == (at("2024-03-04"), False)


def test_a_person_says_where_the_clocks_stood() -> None:
    seen = look(closes("2024-01-15 10:00,1", "2024-07-15 10:00,2"), zone="Europe/Berlin")
    assert [row[0] for row in seen.rows] == [at("2024-01-15T09:00"), at("2024-07-15T08:00")]
    assert (seen.report.zone, "ZONE_ASSUMED" in seen.codes) == ("Europe/Berlin", False)


@pytest.mark.parametrize("clock", ["", " 00:00:00"])
def test_days_are_the_same_days_wherever_the_clocks_stood(clock: str) -> None:
    seen = look(closes(*(f"{day}{clock},1" for day in (*DAYS, "2024-01-22"))), zone="Asia/Seoul")
    assert [row[0] for row in seen.rows] == [at(day) for day in (*DAYS, "2024-01-22")]
    assert seen.codes == {"ZONE_ASSUMED", "SYMBOL_ASSUMED"}
    assert (seen.report.zone, seen.finding("ZONE_ASSUMED").severity) == ("UTC", "info")


@pytest.mark.parametrize(
    ("times", "read", "zone"),
    [
        (("2024-01-02 09:30:00 EST", "2024-01-02 09:31:00 EST"), ("14:30", "14:31"), "EST"),
        (("2024-01-02 09:30:00 AM EST", "2024-01-02 10:31:00 EDT"), ("14:30", "14:31"), "mixed"),
        (("2024-01-02 09:30 CET", "2024-01-02 10:31 CEST"), ("08:30", "08:31"), "mixed"),
        (
            ("2024-01-02 09:30:00 America/New_York", "2024-01-02 09:31:00 America/New_York"),
            ("14:30", "14:31"),
            "America/New_York",
        ),
        (
            ("2024-01-02T09:30:00[Europe/Berlin]", "2024-01-02T09:31:00[Europe/Berlin]"),
            ("08:30", "08:31"),
            "Europe/Berlin",
        ),
        (
            ("2024-01-02T09:30:00+01:00[Europe/Berlin]", "2024-01-02T09:31:00+01:00[Europe/Berlin]"),
            ("08:30", "08:31"),
            "+01:00",
        ),
        (("2024-01-02T08:30:00.000Z[UTC]", "2024-01-02T08:31:00.000Z[UTC]"), ("08:30", "08:31"), "UTC"),
        (("2024-01-02,09:30 EST", "2024-01-02,09:31 EST"), ("14:30", "14:31"), "EST"),
        (("2024-01-02,09:30+01:00", "2024-01-02,09:31+01:00"), ("08:30", "08:31"), "+01:00"),
        (("2024-01-02 08:30 GMT", "2024-01-02 08:31 UTC"), ("08:30", "08:31"), "UTC"),
    ],
)
def test_names_of_zones_behind_times_are_read(times: tuple[str, ...], read: tuple[str, ...], zone: str) -> None:
    header = "date,clock,close" if "," in times[0] else "time,close"
    content = "\n".join((header, *(f"{each},1" for each in times)))
    seen = look(content)
    assert [row[0] for row in seen.rows] == [at(f"2024-01-02T{clock}") for clock in read]
    assert (seen.report.zone, "MIXED_ZONES" in seen.codes) == (zone, zone == "mixed")
    assert look(content, time_format=seen.report.time_format).rows == seen.rows


def test_quarters_stand_at_their_first_day() -> None:
    seen = look(closes("2023-Q4,1", "2024-Q1,2", "2024-Q5,3"))
    assert [row[0] for row in seen.rows] == [at("2023-10-01"), at("2024-01-01")]
    assert seen.places("BAD_TIME") == [(4, "time")]
    assert look(closes("2023-Q4,1", "2024-Q1,2"), time_format=seen.report.time_format).rows == seen.rows


def test_summer_in_a_zone_that_is_named_is_summer() -> None:
    seen = look(closes("2024-01-02 09:30 America/New_York,1", "2024-07-02 09:30 America/New_York,2"))
    assert [row[0] for row in seen.rows] == [at("2024-01-02T14:30"), at("2024-07-02T13:30")]


def test_an_hour_shown_twice_in_a_zone_that_is_named_is_told() -> None:
    clocks = ("00:00", "01:00", "01:00", "02:00")
    seen = look(closes(*(f"2024-11-03 {clock} America/New_York,1" for clock in clocks)))
    assert [row[0] for row in seen.rows] == [
        at("2024-11-03T04:00") + number * timedelta(hours=1) for number in range(4)
    ]
    assert seen.codes == {"CLOCK_CHANGE", "SYMBOL_ASSUMED"}


def test_times_that_no_clock_showed_are_left_out() -> None:
    seen = look(closes("2024-03-31 01:59,1", "2024-03-31 02:30,2", "2024-03-31 03:00,3"), zone="Europe/Berlin")
    assert seen.places("BAD_TIME") == [(3, "time")]
    assert "set forward" in seen.finding("BAD_TIME").message


HOURS = [f"2024-10-27 {hour},{number}" for number, hour in enumerate(("00:00", "01:00", "02:00", "02:00", "03:00"), 1)]
HALVES = [
    f"2024-10-27 {clock},{number}"
    for number, clock in enumerate(("01:30", "02:00", "02:30", "02:00", "02:30", "03:00"), 1)
]


@pytest.mark.parametrize(
    ("rows", "first", "step", "doubled"),
    [
        (HOURS, "2024-10-26T22:00", timedelta(hours=1), 2),
        (HALVES, "2024-10-26T23:30", timedelta(minutes=30), 4),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_an_hour_that_clocks_show_twice_is_told_by_the_order(
    rows: list[str], first: str, step: timedelta, doubled: int, newest_first: bool
) -> None:
    seen = look(closes(*(reversed(rows) if newest_first else rows)), zone="Europe/Berlin")
    assert [row[0] for row in seen.rows] == [at(first) + number * step for number in range(len(rows))]
    assert seen.frame.get_column("close").to_list() == list(range(1, len(rows) + 1))
    found = seen.finding("CLOCK_CHANGE")
    assert (found.severity, found.count) == ("info", doubled)
    assert seen.codes - {"UNSORTED"} == {"CLOCK_CHANGE", "SYMBOL_ASSUMED"}


def test_an_hour_shown_twice_is_told_in_each_year() -> None:
    hours = pl.datetime_range(at("2022-01-01"), at("2024-01-01"), "1h", time_zone="UTC", eager=True)
    clocks = hours.dt.convert_time_zone("Europe/Berlin").dt.strftime("%Y-%m-%d %H:%M")
    seen = look(closes(*(f"{clock},1" for clock in clocks)), zone="Europe/Berlin")
    assert seen.frame.get_column("time").to_list() == hours.to_list()
    assert (seen.finding("CLOCK_CHANGE").count, seen.codes) == (4, {"CLOCK_CHANGE", "SYMBOL_ASSUMED"})


def test_an_hour_shown_twice_is_told_for_each_symbol() -> None:
    rows = [f"2024-11-03 {clock},{who},1" for clock in ("00:00", "01:00", "01:00", "02:00") for who in "BA"]
    seen = look("time,symbol,close\n" + "\n".join(rows), zone="America/New_York")
    hours = [at("2024-11-03T04:00") + number * timedelta(hours=1) for number in range(4)]
    assert seen.rows == [(hour, who, 1.0) for who in "AB" for hour in hours]


@pytest.mark.parametrize(
    ("clocks", "codes"),
    [
        (("01:00", "02:00", "03:00"), set()),
        (("02:30", "02:00", "02:40", "02:10", "03:00"), {"UNSORTED"}),
        (("05:00", "02:00", "02:30", "02:10", "02:40"), {"UNSORTED"}),
        (("01:59", "02:00", "02:00", "02:01"), {"DUPLICATES"}),
    ],
)
def test_an_hour_shown_twice_that_no_order_tells_is_the_first(clocks: tuple[str, ...], codes: set[str]) -> None:
    seen = look(closes(*(f"2024-10-27 {clock},1" for clock in clocks)), zone="Europe/Berlin")
    doubled = [clock for clock in clocks if clock.startswith("02")]
    found = seen.finding("CLOCK_CHANGE")
    assert (found.severity, found.count) == ("warning", len(doubled))
    assert codes <= seen.codes
    assert at(f"2024-10-27T{min(doubled)}") - timedelta(hours=2) in [row[0] for row in seen.rows]


def test_a_person_says_which_column_is_the_time() -> None:
    content = "open_time,close_time,close\n2024-01-15,2024-01-16,1\n2024-01-16,2024-01-17,2\n"
    seen = look(content, time_column="close_time")
    assert (seen.report.time_column, seen.report.first) == ("close_time", at("2024-01-16"))
    assert seen.frame.columns == ["time", "symbol", "close", "open_time"]


def test_a_person_says_which_column_is_what() -> None:
    content = "date,close,settle\n2024-01-15,1,2\n2024-01-16,3,4\n"
    seen = look(content, roles={"close": "settle"})
    assert seen.report.roles == {"close": "settle"}
    assert seen.frame.select("close", "close_2").rows() == [(2.0, 1), (4.0, 3)]


def test_a_person_says_that_a_column_is_nothing() -> None:
    seen = look("date,close,volume\n2024-01-15,1,2\n", roles={"volume": ""})
    assert seen.report.roles == {"close": "close"}


def test_a_person_names_the_only_symbol() -> None:
    seen = look(csv(*BARS), symbol="BTC-USD")
    assert seen.rows == bars("BTC-USD")
    assert "SYMBOL_ASSUMED" not in seen.codes


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("(1000.50)", -1000.5),
        ('"(1,000.50)"', -1000.5),
        ("($10.50)", -10.5),
        ("$(10.50)", -10.5),
        ("-$10.50", -10.5),
        ("10.50-", -10.5),
        ("(5.5%)", -5.5),
        ("(10.5 EUR)", -10.5),
        ("10.5K USD", 10_500.0),
        ("(-1)", None),
        ("10-5", None),
        ("()", None),
        ("USD", None),
    ],
)
def test_numbers_are_read_as_accounts_write_them(written: str, number: float | None) -> None:
    seen = look(closes(*(f"{day},1" for day in DAYS[:4]), f"{DAYS[4]},{written}"))
    assert seen.rows[-1][-1] == number


def test_a_cell_of_very_many_spaces_is_read_like_any_other() -> None:
    note = "1" + " " * 100_000 + "x"
    assert look(f"date,close,note\n2024-01-15,1,{note}\n").rows == [(at("2024-01-15"), "prices", 1.0, note)]


def test_texts_with_leading_zeros_stay_texts() -> None:
    seen = look("date,code,close,branch\n2024-01-15,000001,1,0042\n2024-01-15,600000,2,0043\n")
    assert seen.frame.select("symbol", "branch").rows() == [("000001", "0042"), ("600000", "0043")]


def test_symbols_are_told_by_their_values_when_no_name_says_it() -> None:
    rows = [f"2024-01-{day:02},{who},{day}" for day in range(1, 10) for who in ("north", "south")]
    seen = look("date,field,close\n" + "\n".join(rows))
    assert seen.report.symbol_column == "field"
    assert [(each.symbol, each.rows) for each in seen.report.symbols] == [("north", 9), ("south", 9)]


def test_order_books_of_many_spellings_are_one() -> None:
    spellings = [
        "bid1_price,bid1_size,ask1_price,ask1_size",
        "bid_px_00,bid_sz_00,ask_px_00,ask_sz_00",
        "bids[0].price,bids[0].amount,asks[0].price,asks[0].amount",
        "BidPrice1,BidVolume1,AskPrice1,AskVolume1",
        "bid,bid_size,ask,ask_size",
    ]
    for names in spellings:
        seen = look(f"time,{names}\n2024-01-15T10:00:00Z,10,5,11,6\n")
        assert seen.frame.columns[2:] == ["bid_price_1", "bid_size_1", "ask_price_1", "ask_size_1"]
        assert seen.rows[0][2:] == (10, 5, 11, 6)


def test_names_become_safe_and_unique() -> None:
    seen = look("Date,Close,RSI (14),rsi 14,Line,time,split,1st,openInterest,换手率\n2024-01-15,1,2,3,4,x,5,6,7,8\n")
    assert seen.frame.columns[2:] == [
        "close", "rsi_14", "rsi_14_2", "line", "time_2", "split_2", "column_1st", "open_interest", "换手率",
    ]  # fmt: skip


def test_equal_files_give_equal_bytes() -> None:
    content = csv(*reversed(BARS))
    assert look(content).report.canonical == look(content).report.canonical
    assert look(content).report.canonical.sha256 != look(csv(*BARS[:3])).report.canonical.sha256


def test_what_is_synthetic_stays_synthetic() -> None:
    frame = pl.DataFrame({"time": [at("2024-01-15")], "close": [1.0]})
    file = BytesIO()
    frame.write_parquet(file, metadata={"trademaster.synthetic": "true", "trademaster.other": "x", "mine": "y"})
    seen = look(file.getvalue(), "p.parquet")
    assert seen.notes == {"trademaster.synthetic": "true"}
