"""Curves as paths: exact, thinned without losing a peak, with gaps where nothing is known."""

from __future__ import annotations

import numpy as np
import pytest

from domain.pictures.lines import MANY, area, steps, tenths, traced
from tests.domain.pictures.reading import walked

NAN = float("nan")


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (5, ".5"), (-5, "-.5"), (120, "12"), (-123, "-12.3"), (10, "1")])
def test_tenths(value: int, text: str) -> None:
    assert tenths(value) == text


def test_a_path_goes_by_steps() -> None:
    assert steps(np.array([10, 15, 15, 25]), np.array([100, 90, 90, 95])) == "M1 10l.5-1 1 .5"
    assert steps(np.array([10, 10]), np.array([20, 20])) == "M1 2h0"


def test_rounding_never_adds_up() -> None:
    x = np.arange(1_000) * 0.33
    *_, (last_x, last_y) = walked(traced(x, x * 2).lines)
    assert last_x == pytest.approx(x[-1], abs=0.051)
    assert last_y == pytest.approx(2 * x[-1], abs=0.051)


def test_a_gap_stays_a_gap_and_what_is_alone_is_a_dot() -> None:
    found = traced(np.arange(7.0), np.array([1.0, 2.0, NAN, 3.0, NAN, 4.0, 5.0]))
    assert found.lines == "M0 1l1 1M5 4l1 1"
    assert found.dots == "M3 3h0"
    assert not found.is_alone
    assert traced(np.array([1.0]), np.array([2.0])).is_alone


def test_of_nothing_there_is_no_path() -> None:
    found = traced(np.arange(3.0), np.full(3, NAN))
    assert (found.lines, found.dots, found.segments) == ("", "", ())


def test_what_lies_between_a_line_and_a_level() -> None:
    found = traced(np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0, 5.0]))
    assert area(found.segments, 10.0) == "M0 3l1 1 1 1V10H0Z"


def test_times_out_of_order_are_put_in_order() -> None:
    assert traced(np.array([2.0, 0.0, 1.0]), np.array([5.0, 3.0, 4.0])).lines == "M0 3l1 1 1 1"


def test_few_points_are_all_drawn() -> None:
    x = np.linspace(0, 500, MANY)
    assert len(traced(x, np.sin(x)).segments[0][0]) == MANY


def test_many_points_keep_each_peak_and_both_ends() -> None:
    x, rng = np.linspace(0, 700, 100_000), np.random.default_rng(1)
    y = 100 + rng.normal(0, 1, 100_000)
    y[[1_234, 50_001, 99_998]] = (0.0, 200.0, 7.0)
    found = traced(x, y)
    xs, ys = found.segments[0]
    assert len(xs) < 1_500
    assert {0, 2_000, 70} <= set(ys.tolist())
    assert (xs[0], xs[-1]) == (0, 7_000)
    assert (ys[0], ys[-1]) == (round(y[0] * 10), round(y[-1] * 10))
    for start in range(1, 690, 7):
        drawn = ys[(xs >= (start - 1) * 10) & (xs <= (start + 5) * 10)] / 10
        within = y[(x >= start) & (x <= start + 4)]
        assert drawn.min() - 0.05 <= within.min()
        assert within.max() <= drawn.max() + 0.05


def test_many_points_keep_long_gaps_only() -> None:
    x = np.linspace(0, 700, 100_000)
    y = np.full(100_000, 5.0)
    y[::2] = NAN
    y[30_000:40_000] = NAN
    found = traced(x, y)
    assert len(found.segments) == 2
    assert found.dots == ""
    assert found.segments[0][0][-1] == pytest.approx(2_100, abs=1)
    assert found.segments[1][0][0] == pytest.approx(2_800, abs=1)


def test_many_curves_share_what_a_picture_may_have() -> None:
    x = np.linspace(0, 700, 50_000)
    y = np.random.default_rng(2).normal(0, 50, 50_000)
    alone, shared = (len(traced(x, y, count).segments[0][0]) for count in (1, 28))
    assert shared * 28 < 10_000 < alone * 28
