"""Who is better, and who is only lucky."""

from __future__ import annotations

import numpy as np
import pytest

from domain.analysis.comparison import LEVEL, compare, holm, stationary_places

TRIALS = 200


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_blocks_go_on_and_are_as_long_as_wanted() -> None:
    places = stationary_places(1_000, 10.0, 50, np.random.default_rng(1))
    assert places.shape == (50, 1_000)
    assert (places >= 0).all()
    assert (places < 1_000).all()
    follows = np.diff(places, axis=1) % 1_000 == 1
    assert follows.mean() == pytest.approx(0.9, abs=0.01)


def test_on_pure_noise_a_winner_is_called_in_no_more_than_the_stated_share() -> None:
    found = 0
    for trial in range(TRIALS):
        rng = np.random.default_rng(trial)
        noise = {name: rng.normal(0.0, 0.01, 250) for name in "abcd"}
        found += any(each.real for each in compare(noise, 252.0, seed=trial).differences)
    assert found <= TRIALS * LEVEL


def test_what_hangs_together_in_time_fools_nobody() -> None:
    found = 0
    for trial in range(60):
        rng = np.random.default_rng(trial)
        steps = rng.normal(0.0, 0.01, (2, 502))
        slow = steps[:, 2:] + steps[:, 1:-1] + steps[:, :-2]
        found += any(each.real for each in compare({"a": slow[0], "b": slow[1]}, 252.0).differences)
    assert found <= 7


def test_a_real_difference_is_found() -> None:
    rng = np.random.default_rng(1)
    market = rng.normal(0.0, 0.01, 1_000)
    series = {"good": market + rng.normal(0.001, 0.002, 1_000), "plain": market, "bad": market - 0.001}
    found = compare(series, 252.0)
    assert found.ranking == ("good", "plain", "bad")
    assert found.winner == "good"
    first = found.differences[0]
    assert (first.first, first.second, first.real) == ("good", "plain", True)
    assert first.low < first.value < first.high
    assert first.low < 0.001 * 252 < first.high
    assert compare(series, 252.0) == found


def test_many_periods_give_the_same_mean() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.normal(0.0, 0.001, (2, 100_000))
    found = compare({"a": one, "b": other}, 1_000.0)
    (difference,) = found.differences
    assert abs(difference.value) == pytest.approx(abs(float((one - other).mean())) * 1_000.0, rel=1e-6)


def test_nothing_to_compare() -> None:
    assert compare({}, 252.0).ranking == ()
    assert compare({"a": np.ones(3)}, 252.0).winner is None
    assert compare({"a": np.array([np.nan]), "b": np.array([1.0])}, 252.0).differences == ()
    equal = compare({"a": np.ones(50), "b": np.ones(50)}, 252.0)
    assert (equal.differences[0].p, equal.winner) == (1.0, None)
