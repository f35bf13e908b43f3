"""What kind of market it was."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from domain.analysis.names import Regime
from domain.analysis.regimes import Stretch, deviations, merged, regimes, slopes


def test_slope_and_deviation() -> None:
    line = 3.0 + 0.5 * np.arange(30)
    assert slopes(line, 5).tolist() == pytest.approx([0.5] * 26)
    noise = np.random.default_rng(1).normal(size=300)
    assert deviations(noise, 20)[7] == pytest.approx(noise[7:27].std())
    away = np.arange(20) - 9.5
    assert slopes(noise, 20)[250] == pytest.approx(float(noise[250:270] @ away / (away**2).sum()))
    assert deviations(np.full(30, 0.1), 5).tolist() == pytest.approx([0.0] * 26, abs=1e-9)


def test_a_market_that_rises_rests_and_falls() -> None:
    rng = np.random.default_rng(2)
    drift = np.repeat([0.01, 0.0, -0.01], 200)
    size = np.repeat([0.001, 0.001, 0.02], 200)
    prices = 100 * np.exp(np.cumsum(drift + size * rng.normal(size=600)))
    found = regimes(prices, window=20, shortest=15)
    assert found[0].start == 0
    assert found[-1].stop == 600
    assert all(one.stop == other.start for one, other in pairwise(found))
    assert all(one.regime != other.regime for one, other in pairwise(found))
    labels = np.concatenate([[each.regime] * (each.stop - each.start) for each in found])
    rising, sideways = (Regime.RISING_CALM, Regime.RISING_WILD), (Regime.SIDEWAYS_CALM, Regime.SIDEWAYS_WILD)
    assert np.mean(np.isin(labels[30:190], rising)) > 0.9
    assert np.mean(np.isin(labels[230:390], sideways)) > 0.8
    assert np.mean(labels[430:] == Regime.FALLING_WILD) > 0.8


def test_a_regime_begins_where_the_market_turned_and_not_a_window_later() -> None:
    rng = np.random.default_rng(3)
    prices = 100 * np.exp(np.cumsum(np.repeat([0.01, 0.0, -0.01], 100) + 0.001 * rng.normal(size=300)))
    ways = [each.regime.name.partition("_")[0] for each in regimes(prices) for _ in range(each.start, each.stop)]
    assert abs(ways.count("RISING") - 100) <= 5
    assert abs(ways.index("FALLING") - 200) <= 5
    assert (set(ways[:90]), set(ways[110:190]), set(ways[210:])) == ({"RISING"}, {"SIDEWAYS"}, {"FALLING"})


def test_a_market_that_only_falls_never_rises() -> None:
    """However much slower it falls at times."""
    rng = np.random.default_rng(4)
    prices = np.exp(np.cumsum(np.repeat([-0.001, -0.03, -0.01], 100) + 0.0001 * rng.normal(size=300)))
    assert {each.regime.name.partition("_")[0] for each in regimes(prices)} == {"FALLING", "SIDEWAYS"}
    assert {each.regime.name.partition("_")[0] for each in regimes(1 / prices)} == {"RISING", "SIDEWAYS"}


def test_a_market_that_stands_still_neither_rises_nor_falls() -> None:
    assert regimes(np.ones(30)) == (Stretch(Regime.SIDEWAYS_CALM, 0, 30),)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 0, 0, 1, 0, 0, 0], [(0, 0, 7)]),
        ([1, 0, 0, 0, 2, 2, 2], [(0, 0, 4), (2, 4, 7)]),
        ([1, 2, 0, 0, 0], [(0, 0, 5)]),
        ([1], [(1, 0, 1)]),
        ([0, 0, 0, 1, 1, 1, 2], [(0, 0, 3), (1, 3, 7)]),
    ],
)
def test_short_stretches_go_on_as_what_was(labels: list[int], expected: list[tuple[int, int, int]]) -> None:
    found = merged(np.array(labels), 3)
    assert found == tuple(Stretch(Regime(label), start, stop) for label, start, stop in expected)


def test_too_little_says_nothing() -> None:
    assert regimes(np.ones(20)) == ()
    assert len(regimes(np.ones(21))) == 1
