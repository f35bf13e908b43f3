"""How often bars come, when the market is open, and where bars are missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from domain.datasets.report import Bin, ColumnType, Quantile
from tests.workers.data.inspection.looking import Seen, at, look

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


def series(times: Iterable[datetime], symbol: str = "A") -> list[str]:
    return [f"{time:%Y-%m-%dT%H:%M:%SZ},{symbol},1" for time in times]


def seen(*rows: str) -> Seen:
    return look("time,symbol,close\n" + "\n".join(rows))


def every(step: timedelta, count: int, start: datetime = MONDAY) -> list[datetime]:
    return [start + step * number for number in range(count)]


def weekdays(count: int) -> list[datetime]:
    return [day for day in every(timedelta(days=1), count) if day.weekday() < 5]


def without(times: list[datetime], *days: str) -> list[datetime]:
    return [time for time in times if f"{time:%m-%d}" not in days]


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (timedelta(milliseconds=100), "100ms"),
        (timedelta(seconds=1), "1s"),
        (timedelta(minutes=5), "5min"),
        (timedelta(hours=4), "4h"),
        (timedelta(days=1), "1d"),
        (timedelta(days=7), "1w"),
    ],
)
def test_frequencies_have_names(step: timedelta, name: str) -> None:
    rows = [f"{time.isoformat()},A,1" for time in every(step, 30)]
    assert seen(*rows).report.frequency == name


def test_months_are_alike_however_long() -> None:
    months = [datetime(2020 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(36)]
    report = seen(*series(months[:10] + months[12:])).report
    assert (report.frequency, report.calendar) == ("1mo", None)
    assert (report.symbols[0].gaps, report.symbols[0].missing_bars) == (1, 2)


def test_a_market_that_never_closes() -> None:
    times = every(timedelta(hours=1), 24 * 14)
    report = seen(*series(times[:50] + times[55:])).report
    assert report.calendar == "always"
    assert (report.symbols[0].gaps, report.symbols[0].missing_bars) == (1, 5)


def test_weekends_are_no_gaps_where_the_market_is_closed_then() -> None:
    found = seen(*series(weekdays(60)))
    assert (found.report.calendar, found.report.symbols[0].gaps) == ("weekdays", 0)
    assert found.codes == set()


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=5, minutes=30), timedelta(hours=9)])
def test_days_that_begin_east_of_greenwich_are_the_days_they_are_there(ahead: timedelta) -> None:
    found = seen(*series([day - ahead for day in without(weekdays(60), "01-15", "01-22", "01-23", "01-24")]))
    assert (found.report.calendar, found.report.symbols[0].gaps) == ("weekdays", 1)
    assert found.report.symbols[0].missing_bars == 3


def test_a_single_weekday_without_a_bar_is_a_holiday() -> None:
    assert seen(*series(without(weekdays(60), "01-15"))).report.symbols[0].gaps == 0


def test_several_weekdays_without_a_bar_are_a_gap() -> None:
    found = seen(*series(without(weekdays(60), "01-16", "01-17", "01-18")))
    assert (found.report.symbols[0].gaps, found.report.symbols[0].missing_bars) == (1, 3)
    assert found.places("GAPS") == [(13, "time")]


def test_a_weekday_on_which_another_symbol_has_a_bar_is_no_holiday() -> None:
    report = seen(*series(weekdays(60), "A"), *series(without(weekdays(60), "01-15"), "B")).report
    assert [(each.symbol, each.gaps, each.missing_bars) for each in report.symbols] == [("A", 0, 0), ("B", 1, 1)]


def session(day: datetime) -> list[datetime]:
    """Half past nine to four, with a break at noon."""
    bars = every(timedelta(minutes=30), 14, day + timedelta(hours=9, minutes=30))
    return [bar for bar in bars if bar.hour != 12]


def test_nights_weekends_and_noons_are_no_gaps() -> None:
    found = seen(*series(bar for day in weekdays(60) for bar in session(day)))
    assert (found.report.frequency, found.report.calendar) == ("30min", "weekdays")
    assert found.report.symbols[0].gaps == 0


def test_bars_that_lack_within_a_day_are_a_gap() -> None:
    bars = [bar for day in weekdays(60) for bar in session(day)]
    found = seen(*series(bars[:38] + bars[40:]))
    assert (found.report.symbols[0].gaps, found.report.symbols[0].missing_bars) == (1, 2)


def test_irregular_times_have_no_frequency_and_no_gaps() -> None:
    found = seen(*series(MONDAY + timedelta(seconds=number**2) for number in range(30)))
    assert (found.report.frequency, found.report.calendar, "GAPS" in found.codes) == (None, None, False)


def test_one_row_is_a_whole_file() -> None:
    found = seen("2024-01-15T00:00:00Z,A,1")
    assert found.rows == [(at("2024-01-15"), "A", 1.0)]
    assert (found.report.frequency, found.report.symbols[0].first, found.report.symbols[0].last) == (
        None, at("2024-01-15"), at("2024-01-15"),
    )  # fmt: skip


def test_each_symbol_is_counted_alone() -> None:
    daily = every(timedelta(days=1), 10)
    report = seen(
        *series(daily, "B"),
        *series(daily[:5], "A"),
        *series(daily[:2], "A"),
        *series(every(timedelta(hours=1), 9), "C"),
    ).report
    assert [(each.symbol, each.rows, each.duplicates, each.frequency) for each in report.symbols] == [
        ("A", 5, 2, "1d"), ("B", 10, 0, "1d"), ("C", 9, 0, "1h"),
    ]  # fmt: skip
    assert (report.symbol_count, report.canonical.rows, report.rows) == (3, 24, 26)


def test_columns_are_described() -> None:
    rows = [
        f"2024-01-{day:02}T00:00:00Z,A,{day},{'true' if day % 2 else 'false'},word{day % 3},2020-01-{day:02}"
        for day in range(1, 22)
    ]
    report = look("time,symbol,close,flag,text,other_day\n" + "\n".join(rows) + "\n2024-01-22T00:00:00Z,A,,,,\n").report
    columns = {column.name: column for column in report.columns}
    close = columns["close"]
    assert (close.type, close.role, close.missing, close.minimum, close.maximum, close.mean) == (
        ColumnType.NUMBER, "close", 1, 1.0, 21.0, 11.0,
    )  # fmt: skip
    assert close.quantiles[3] == Quantile(0.5, 11.0)
    assert (close.histogram[0], len(close.histogram)) == (Bin(1.0, 2.0, 2), 20)
    assert sum(each.count for each in close.histogram) == 21
    assert (columns["flag"].type, columns["flag"].distinct, columns["flag"].missing) == (ColumnType.BOOLEAN, 2, 1)
    assert (columns["text"].type, columns["text"].distinct, columns["text"].role) == (ColumnType.TEXT, 3, None)
    assert (columns["other_day"].type, columns["other_day"].maximum) == (ColumnType.TIME, "2020-01-21T00:00:00+00:00")
    assert (columns["time"].role, columns["symbol"].distinct) == ("time", 1)


def test_the_types_of_the_canonical_form_are_fixed() -> None:
    frame = look("time,code,open,trades,note\n2024-01-15,600000,1,7,x\n").frame
    assert dict(frame.schema) == {
        "time": pl.Datetime("us", "UTC"), "symbol": pl.String, "open": pl.Float64, "trades": pl.Int64, "note": pl.String,
    }  # fmt: skip


def test_a_column_of_one_value_has_one_bin() -> None:
    (close,) = [
        each for each in look("date,close\n2024-01-15,5\n2024-01-16,5\n").report.columns if each.name == "close"
    ]
    assert close.histogram == (Bin(5.0, 5.0, 2),)
