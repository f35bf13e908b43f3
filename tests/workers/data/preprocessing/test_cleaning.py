from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from domain.datasets.columns import TIME
from domain.errors import Refused
from tests.workers.data.markets import DAY_ONE, a_frame, bars, days, done, values, worked
from workers.data.preprocessing.steps import gaps

MINUTE = timedelta(minutes=1)


def refused(frame: pl.DataFrame, step: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        done(frame, step)
    (problem,) = caught.value.problems
    return problem.code.value, ".".join(problem.field)


def test_bars_are_put_together() -> None:
    frame = a_frame(
        times=days(7, step=MINUTE),
        open=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
        high=[5.0, 9.0, 3.5, 4.5, 5.5, 6.5, 7.5],
        low=[0.5, 1.5, 0.1, 3.5, 4.5, 5.5, 6.5],
        close=[2.0, 3.0, 4.0, 5.0, 6.0, None, 8.0],
        volume=[1.0, 1.0, 1.0, None, 1.0, 10.0, 10.0],
        mood=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None],
    )
    work = worked(frame, {"kind": "resample", "rule": "5m"})
    assert values(work.frame, TIME) == [DAY_ONE, DAY_ONE + 5 * MINUTE]
    assert values(work.frame, "open") == [1.0, 6.0]
    assert values(work.frame, "high") == [9.0, 7.5]
    assert values(work.frame, "low") == [0.1, 5.5]
    assert values(work.frame, "close") == [6.0, 8.0]
    assert values(work.frame, "volume") == [4.0, 20.0]
    assert values(work.frame, "mood") == [5.0, 6.0]
    assert [(change.what, change.count) for change in work.changes] == [("removed", 5)]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    frame = a_frame(times=days(40, datetime(2024, 1, 3, tzinfo=UTC)), close=[float(day) for day in range(40)])
    weekly = done(frame, {"kind": "resample", "rule": "1w"})
    assert values(weekly, TIME)[:2] == [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 8, tzinfo=UTC)]
    monthly = done(frame, {"kind": "resample", "rule": "1mo"})
    assert values(monthly, TIME) == [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC)]
    assert values(monthly, "close") == [28.0, 39.0]


def test_symbols_are_not_mixed_when_put_together() -> None:
    market = bars(rows=10)
    weekly = done(market, {"kind": "resample", "rule": "1w"})
    assert [values(weekly, "volume", name)[0] for name in ("AAA", "BBB")] == [
        sum(values(market, "volume", name)[:7]) for name in ("AAA", "BBB")
    ]


def test_longer_bars_are_not_cut_into_shorter_ones() -> None:
    assert refused(bars(), {"kind": "resample", "rule": "1h"}) == ("INVALID", "steps.0.rule")


HOLES: dict[str, Any] = {
    "open": [9.0, None, None, 12.0],
    "high": [11.0, None, None, 13.0],
    "low": [8.0, None, None, 11.0],
    "close": [10.0, None, None, 12.0],
    "volume": [5.0, None, None, 7.0],
    "mood": [1.0, None, None, 4.0],
}


def test_an_empty_bar_has_the_last_close_and_no_volume() -> None:
    work = worked(a_frame(**HOLES), {"kind": "fill_gaps"})
    for name in ("open", "high", "low", "close"):
        assert values(work.frame, name)[1:3] == [10.0, 10.0]
    assert values(work.frame, "volume") == [5.0, 0.0, 0.0, 7.0]
    assert values(work.frame, "mood") == [1.0, 1.0, 1.0, 4.0]
    assert [(change.what, change.count) for change in work.changes] == [("filled", 12)]


def test_a_hole_in_a_bar_stays_around_its_own_open_and_close() -> None:
    frame = a_frame(open=[10.0, 12.0], high=[11.0, None], low=[9.0, None], close=[10.0, 11.0])
    filled = done(frame, {"kind": "fill_gaps"})
    assert (values(filled, "high"), values(filled, "low")) == ([11.0, 12.0], [9.0, 11.0])


def test_forward_goes_only_so_far_and_never_back() -> None:
    frame = a_frame(mood=[None, 1.0, None, None, None])
    assert values(done(frame, {"kind": "fill_gaps", "limit": 2}), "mood") == [None, 1.0, 1.0, 1.0, None]


def test_each_column_has_its_own_rule() -> None:
    frame = a_frame(a=[1.0, None, 3.0], b=[1.0, None, 3.0], c=[1.0, None, 3.0], d=[1.0, 2.0, None])
    rules = {"a": "zero", "b": "linear", "c": "keep", "d": "drop"}
    filled = done(frame, {"kind": "fill_gaps", "rules": rules})
    assert [values(filled, name) for name in "abcd"] == [[1.0, 0.0], [1.0, 2.0], [1.0, None], [1.0, 2.0]]


def test_a_line_is_drawn_by_time_not_by_row() -> None:
    times = [DAY_ONE, DAY_ONE + timedelta(days=1), DAY_ONE + timedelta(days=4)]
    frame = a_frame(times=times, mood=[0.0, None, 4.0])
    assert values(done(frame, {"kind": "fill_gaps", "rules": {"mood": "linear"}}), "mood") == [0.0, 1.0, 4.0]


def test_filling_does_not_cross_symbols() -> None:
    frame = pl.concat([a_frame("AAA", mood=[1.0, 2.0]), a_frame("BBB", mood=[None, 5.0])])
    assert values(done(frame, {"kind": "fill_gaps"}), "mood", "BBB") == [None, 5.0]


MONDAY = DAY_ONE


def test_a_calendar_adds_the_rows_that_are_missing() -> None:
    times = [MONDAY + timedelta(days=day, hours=5) for day in (0, 1, 3, 7)]
    frame = a_frame(times=times, close=[1.0, 2.0, 3.0, 4.0])
    always = worked(frame, {"kind": "fill_gaps", "calendar": "always"})
    assert values(always.frame, "close") == [1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0, 4.0]
    assert {time.hour for time in values(always.frame, TIME)} == {5}
    assert (always.changes[0].what, always.changes[0].count) == ("added", 4)
    weekdays = done(frame, {"kind": "fill_gaps", "calendar": "weekdays"})
    assert [time.day for time in values(weekdays, TIME)] == [1, 2, 3, 4, 5, 8]


@pytest.mark.parametrize("hours", [-9, -1, 0, 5, 21])
def test_weekdays_are_those_of_the_place_where_a_day_begins(hours: int) -> None:
    """At midnight in Tokyo, Berlin and New York, and when the stock exchange closes there."""
    begins = MONDAY + timedelta(hours=hours)
    frame = a_frame(times=[begins + timedelta(days=day) for day in (0, 1, 3, 4, 7)], close=[1.0, 2.0, 3.0, 4.0, 5.0])
    filled = values(done(frame, {"kind": "fill_gaps", "calendar": "weekdays"}), TIME)
    assert filled == [begins + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7)]


def test_each_symbol_has_weekdays_of_its_own() -> None:
    tokyo, york = (MONDAY + timedelta(hours=hours) for hours in (-9, 21))
    markets = [
        a_frame(name, times=[begins + timedelta(days=day) for day in (0, 1, 7)], close=[1.0, 2.0, 3.0])
        for name, begins in (("AAA", tokyo), ("BBB", york))
    ]
    filled = done(pl.concat(markets), {"kind": "fill_gaps", "calendar": "weekdays"})
    for name, begins in (("AAA", tokyo), ("BBB", york)):
        assert values(filled, TIME, name) == [begins + timedelta(days=day) for day in (0, 1, 2, 3, 4, 7)]


def test_a_midnight_that_moves_with_the_clocks_is_one_a_day() -> None:
    local = pl.datetime_range(datetime(2024, 3, 25), datetime(2024, 4, 12), "1d", time_zone="Europe/London", eager=True)  # noqa: DTZ001
    weekdays = local.filter(local.dt.weekday() <= 5).dt.convert_time_zone("UTC").to_list()
    frame = a_frame(times=weekdays, close=[1.0] * 15)
    assert values(done(frame, {"kind": "fill_gaps", "calendar": "weekdays"}), TIME) == weekdays


def test_months_that_begin_at_a_weekend_are_months_too() -> None:
    months = [datetime(2024, month, 1, tzinfo=UTC) for month in (5, 7)]
    filled = done(
        a_frame(times=months, close=[1.0, 2.0]), {"kind": "fill_gaps", "calendar": "weekdays", "period": "1mo"}
    )
    assert values(filled, TIME) == [months[0], datetime(2024, 6, 1, tzinfo=UTC), months[1]]


def test_a_row_anywhere_in_its_period_is_there() -> None:
    summer = [MONDAY + timedelta(days=day, hours=5 if day < 2 else 4) for day in range(4)]
    frame = a_frame(times=summer, close=[1.0, 2.0, 3.0, 4.0])
    assert done(frame, {"kind": "fill_gaps", "calendar": "always"}).height == 4


def test_shared_times_are_within_each_symbols_own_life() -> None:
    long = a_frame("AAA", times=days(5), close=[1.0, 2.0, 3.0, 4.0, 5.0])
    short = a_frame("BBB", times=[days(5)[1], days(5)[3]], close=[7.0, 8.0])
    filled = done(pl.concat([long, short]), {"kind": "fill_gaps", "calendar": "shared"})
    assert values(filled, "close", "BBB") == [7.0, 7.0, 8.0]
    assert values(filled, TIME, "BBB") == days(5)[1:4]


def test_a_flood_of_rows_is_refused() -> None:
    frame = a_frame(times=[DAY_ONE, DAY_ONE + timedelta(days=50_000)], close=[1.0, 2.0])
    flood = {"kind": "fill_gaps", "calendar": "always", "period": "1m"}
    assert refused(frame, flood) == ("INVALID", "steps.0.period")


def test_a_flood_of_shared_times_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "MOST_ROWS", 9)
    market = pl.concat([a_frame("AAA", close=[1.0] * 5), a_frame("BBB", close=[1.0] * 5)])
    assert refused(market, {"kind": "fill_gaps", "calendar": "shared"}) == ("INVALID", "steps.0.calendar")


def quiet(*last: float) -> list[float]:
    return [10.0 + 0.1 * (place % 3) for place in range(20)] + list(last)


SEEN: dict[str, Any] = {"kind": "outliers", "window": 10, "columns": ["close"]}


def test_a_wild_value_is_moved_to_the_limit() -> None:
    work = worked(a_frame(close=quiet(500.0, 10.1, -3.0)), SEEN)
    high, normal, low = values(work.frame, "close")[-3:]
    assert 10.1 < high < 12
    assert normal == 10.1
    assert 8 < low < 10.1
    assert [(change.what, change.count) for change in work.changes] == [("clipped", 2)]


def test_a_bar_that_is_clipped_stays_a_bar() -> None:
    close = quiet(500.0)
    opened = [10.0] * 21
    frame = a_frame(
        open=opened, high=[max(pair) + 0.1 for pair in zip(opened, close, strict=True)], low=[9.5] * 21, close=close
    )
    last = done(frame, SEEN | {"columns": ["high", "close"]}).row(-1, named=True)
    assert last["low"] <= min(last["open"], last["close"]) <= max(last["open"], last["close"]) <= last["high"] < 13


def test_a_row_with_a_wild_value_is_dropped() -> None:
    work = worked(a_frame(close=quiet(500.0, 10.1)), SEEN | {"action": "drop"})
    assert (work.frame.height, max(values(work.frame, "close"))) == (21, pytest.approx(10.2))


def test_quantiles_of_the_past_are_limits_too() -> None:
    step = SEEN | {"method": "quantile", "lower": 0.0, "upper": 1.0}
    assert values(done(a_frame(close=quiet(500.0)), step), "close")[-1] == pytest.approx(10.2)


def test_where_the_past_is_short_empty_or_all_alike_nothing_is_an_outlier() -> None:
    for close in ([1.0, 500.0, 1.0], [None] * 20 + [500.0], [1.0] * 20 + [500.0]):
        assert values(done(a_frame(close=close), SEEN), "close") == close


def test_prices_are_brought_to_the_level_of_the_adjusted_close() -> None:
    frame = a_frame(open=[20.0], high=[24.0], low=[18.0], close=[22.0], adjusted_close=[11.0], volume=[100.0])
    row = done(frame, {"kind": "adjust"}).row(0, named=True)
    assert [row[name] for name in ("open", "high", "low", "close", "volume")] == [10.0, 12.0, 9.0, 11.0, 200.0]
    assert done(frame, {"kind": "adjust", "volume": False}).row(0, named=True)["volume"] == 100.0
