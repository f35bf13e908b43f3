"""Nice ticks: numbers, powers, and the calendar."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.pictures import scales
from domain.pictures.moments import Tick, beyonds, second, seconds, ticks
from domain.pictures.scales import Scale, axis, decimals_for, extent, is_wide, log_axis, nice
from domain.pictures.texts import TICK, width


def test_numbers() -> None:
    found = axis(0.03, 1.12, 200, 0)
    assert found.ticks == pytest.approx([0, 0.25, 0.5, 0.75, 1.0, 1.25])
    assert found.labels == ("0.00", "0.25", "0.50", "0.75", "1.00", "1.25")
    assert (found.scale.low, found.scale.high) == (0.0, 1.25)
    assert found.scale.one(0.0) == 200.0
    assert found.scale.one(1.25) == 0.0
    assert found.scale.one(0.625) == 100.0


@pytest.mark.parametrize(
    ("low", "high", "words", "labels"),
    [
        (-0.35, 0.0, scales.percent, ("\u221240%", "\u221220%", "0%")),
        (0.9, 1.1, scales.times, ("0.9\u00d7", "1.0\u00d7", "1.1\u00d7")),
        (99_000, 121_000, scales.plain, ("90,000", "100,000", "110,000", "120,000", "130,000")),
        (0, 5e13, scales.plain, ("0", "20tn", "40tn", "60tn")),
        (7.0, 7.0, scales.plain, ("6.50", "6.75", "7.00", "7.25", "7.50")),
        (0.0, 0.0, scales.plain, ("\u22121", "0", "1")),
    ],
)
def test_labels(low: float, high: float, words: scales.Words, labels: tuple[str, ...]) -> None:
    assert axis(low, high, 150, 0, words).labels == labels


@pytest.mark.parametrize(
    ("step", "found"), [(1.0, 1.0), (1.1, 2.0), (2.2, 2.5), (26.0, 50.0), (0.06, 0.1), (7e-9, 1e-8)]
)
def test_a_nice_step_is_the_next_one(step: float, found: float) -> None:
    assert nice(step) == pytest.approx(found)


@pytest.mark.parametrize(("step", "decimals"), [(1, 0), (0.5, 1), (0.25, 2), (2.5, 1), (0.02, 2), (100, 0)])
def test_as_many_decimals_as_a_step_needs(step: float, decimals: int) -> None:
    assert decimals_for(step) == decimals


def test_powers() -> None:
    found = log_axis(0.6, 80.0, 300, 0)
    assert found.ticks == pytest.approx([0.5, 1, 2, 5, 10, 20, 50, 100])
    assert found.labels == ("0.5", "1", "2", "5", "10", "20", "50", "100")
    assert found.scale.one(math.sqrt(0.5 * 100)) == pytest.approx(150.0)
    assert log_axis(1.0, 1e9, 100, 0).ticks == pytest.approx([1.0, 1e4, 1e8])


def test_what_is_wide() -> None:
    assert is_wide(1.0, 11.0)
    assert not is_wide(1.0, 10.0)
    assert not is_wide(0.0, 10.0)
    assert not is_wide(-1.0, 100.0)


def test_what_cannot_be_drawn_has_no_extent() -> None:
    assert extent([np.nan, np.inf, -np.inf, 1e200]) is None
    assert extent([np.nan, 2.0, 1e200], [-1.0]) == (-1.0, 2.0)


@settings(max_examples=200)
@given(st.floats(-1e90, 1e90), st.floats(-1e90, 1e90), st.floats(40, 2_000))
def test_any_numbers_lie_within_an_axis_of_few_ticks(one: float, other: float, room: float) -> None:
    low, high = sorted((one, other))
    found = axis(low, high, room, 0)
    slack = (found.scale.high - found.scale.low) * 1e-6
    assert found.scale.low - slack <= low <= high <= found.scale.high + slack
    assert 2 <= len(found.ticks) <= room / 44 + 4
    assert all(after > before for before, after in pairwise(found.ticks))


@settings(max_examples=200)
@given(st.floats(1e-50, 1e50), st.floats(10.1, 1e20), st.floats(60, 2_000))
def test_any_powers_lie_within_an_axis(low: float, factor: float, room: float) -> None:
    found = log_axis(low, low * factor, room, 0)
    assert found.scale.low <= low < low * factor <= found.scale.high
    assert 2 <= len(found.ticks) <= room / 34 + 4


def _ticks(since: str, until: str, room: float = 600.0) -> list[Tick]:
    scale = Scale(second(np.datetime64(since)), second(np.datetime64(until)), 50.0, 50.0 + room)
    return ticks(scale, 0.0, room + 100.0)


@pytest.mark.parametrize(
    ("since", "until", "labels"),
    [
        ("2024-03-04T09:30", "2024-03-04T10:00", ["09:30", "09:35", "09:40", "09:45", "09:50", "09:55", "10:00"]),
        (
            "2024-03-04T22:00",
            "2024-03-05T04:00",
            [f"{hour:02}:{half}0" for hour in (22, 23, 0, 1, 2, 3) for half in (0, 3)] + ["04:00"],
        ),
        ("2024-02-26", "2024-03-05", [f"{day} Feb" for day in range(26, 30)] + [f"{day} Mar" for day in range(1, 6)]),
        ("2024-01-03", "2024-02-20", ["8 Jan", "15 Jan", "22 Jan", "29 Jan", "5 Feb", "12 Feb", "19 Feb"]),
        ("2023-10-15", "2024-04-15", ["Nov", "Dec", "Jan", "Feb", "Mar", "Apr"]),
        ("2020-01-01", "2030-01-01", [str(year) for year in range(2020, 2031)]),
        ("1975-06-01", "2024-06-01", [str(year) for year in range(1980, 2021, 5)]),
    ],
)
def test_the_calendar(since: str, until: str, labels: list[str]) -> None:
    assert [tick.label for tick in _ticks(since, until)] == labels


def test_days_and_years_stand_beneath_where_they_begin() -> None:
    found = _ticks("2023-10-15", "2024-04-15")
    assert [label for _, label in beyonds(found, 0, 700)] == ["2023", "2024"]
    assert [x for x, _ in beyonds(found, 0, 700)] == [found[0].x, found[2].x]
    assert [label for _, label in beyonds(_ticks("2024-03-04T23:50", "2024-03-05T00:20"), 0, 700)] == [
        "4 Mar 2024",
        "5 Mar 2024",
    ]
    # Two that begin side by side: the first gives way.
    assert [label for _, label in beyonds(_ticks("2024-03-04T23:59", "2024-03-05T00:20"), 0, 700)] == ["5 Mar 2024"]


def test_no_time_is_unknown() -> None:
    assert np.isnan(second(np.datetime64("NaT", "s")))
    assert seconds(np.array(["1970-01-02"], dtype="datetime64[ns]")).tolist() == [86_400.0]


@settings(max_examples=300)
@given(st.integers(-3 * 10**9, 6 * 10**9), st.integers(60, 9 * 10**9), st.floats(150, 2_000))
def test_no_label_of_any_time_touches_another(since: int, seconds: int, room: float) -> None:
    found = ticks(Scale(since, since + seconds, 40.0, 40.0 + room), 0.0, room + 50.0)
    assert found
    for before, after in pairwise(found):
        assert after.x - before.x > (width(before.label, TICK) + width(after.label, TICK)) / 2
    assert all(width(tick.label, TICK) / 2 <= tick.x <= room + 50 - width(tick.label, TICK) / 2 for tick in found)
