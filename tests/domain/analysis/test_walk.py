"""What a walk-forward tells, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from domain.analysis.performance import annual_return
from domain.analysis.relative import alpha
from domain.analysis.walk import by_fold, walked

OWN = np.array([0.10, 0.10, -0.50, 0.0, 0.20, 0.0])
HELD = np.array([0.05, 0.05, -0.60, 0.0, 0.30, 0.0])
FLAT = np.zeros(6)
EDGES = (0, 2, 4, 6)
OTHERS = {"buy_and_hold": HELD, "flat": FLAT}


def test_figures_by_hand() -> None:
    found = walked(OWN, OTHERS, EDGES, [(0.21, 2), (0.0, 2)], per_year=2.0)
    assert by_fold(OWN, EDGES) == pytest.approx([0.21, -0.5, 0.2])
    assert found.beat_buy_and_hold == pytest.approx(2 / 3)
    assert found.beat_all == pytest.approx(1 / 3)
    assert (found.worst, found.median, found.best) == pytest.approx((-0.5, 0.2, 0.21))
    assert found.deviation == pytest.approx(np.std([0.21, -0.5, 0.2], ddof=1))
    assert found.annual_return == pytest.approx((1.21 * 0.5 * 1.2) ** (1 / 3) - 1)
    assert found.valid_annual_return == pytest.approx(1.21**0.5 - 1)
    assert found.efficiency == pytest.approx((0.726 ** (1 / 3) - 1) / 0.1)


def test_folds_make_the_whole() -> None:
    whole = np.prod([1 + value for value in by_fold(OWN, EDGES)]) - 1
    assert whole == pytest.approx(np.prod(1 + OWN) - 1)


@pytest.mark.parametrize("valid", [[(-0.1, 2)], [(0.0, 2)], [(-1.0, 2)], [(0.5, 0)]])
def test_no_efficiency_where_nothing_was_earned_on_valid(valid: list[tuple[float, int]]) -> None:
    assert walked(OWN, OTHERS, EDGES, valid, per_year=2.0).efficiency is None


def test_what_is_beyond_all_numbers_is_not_known() -> None:
    found = walked(OWN, OTHERS, EDGES, [(9.0, 1)], per_year=1e6)
    assert (found.valid_annual_return, found.efficiency) == (None, None)


def test_as_much_is_not_more() -> None:
    found = walked(FLAT, OTHERS, EDGES, [(0.1, 1)], per_year=2.0)
    assert found.beat_all == 0.0
    assert found.beat_buy_and_hold == pytest.approx(1 / 3)


def test_a_good_hour_is_not_taken_for_a_year_beyond_all_numbers() -> None:
    """A gain of a few minutes, compounded for a year of minutes, is beyond what a number can hold."""
    rising, falling = np.full(20, 0.1), np.array([0.1, -0.1] * 10)
    assert annual_return(rising, 525_960.0) is None
    assert alpha(rising, falling, 525_960.0) is None
    assert walked(rising, {"buy_and_hold": falling}, (0, 10, 20), [(0.1, 9)], 525_960.0).efficiency is None
