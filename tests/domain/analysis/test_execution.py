"""What orders cost, with a pencil; and who only had luck with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from domain.analysis import slices
from domain.analysis.backtest import Table
from domain.analysis.comparison import LEVEL, mean_within
from domain.analysis.execution import BUY, SELL, Fills, Orders, against_each_other, figures, participation, shortfalls

TRIALS = 200
PRICES = [50.00, 49.90, 49.70, 50.20]
VOLUMES = [1_000.0, 2_000.0, 3_000.0, 4_000.0]


def orders(side: int, quantity: float = 100.0, fee: float = 0.001, arrival: float = 50.05, count: int = 1) -> Orders:
    volumes = np.array([VOLUMES] * count)
    return Orders(side=side, quantity=quantity, fee=fee, arrival=np.full(count, arrival), volumes=volumes)


def filled(*quantities: float, prices: list[float] = PRICES) -> Fills:
    return Fills(np.array([quantities]), np.array([prices]), np.array([prices[-1]]))


def cost(side: int, *quantities: float, fee: float = 0.001) -> float:
    """In money, to the cent."""
    (found,) = shortfalls(orders(side, fee=fee), filled(*quantities))
    return round(float(found) / 1e4 * 100.0 * 50.05, 2)


def test_selling_by_hand() -> None:
    # 40 * 50.00 + 30 * 49.90 + 20 * 49.70 + 10 * 50.20 = 4,993.00; fees 4.993; worth 5,005.00 when it came.
    assert cost(SELL, 40, 30, 20, 10, fee=0.0) == 12.00
    assert cost(SELL, 40, 30, 20, 10) == 16.99
    (bps,) = shortfalls(orders(SELL), filled(40, 30, 20, 10))
    assert bps == pytest.approx((5_005.00 - 4_993.00 * 0.999) / 5_005.00 * 1e4, abs=1e-9)


def test_buying_by_hand() -> None:
    assert cost(BUY, 40, 30, 20, 10, fee=0.0) == -12.00
    assert cost(BUY, 40, 30, 20, 10) == -7.01


def test_what_is_left_is_filled_at_the_last_price_and_counts() -> None:
    # 40 * 50.00 + 20 * 49.90 + 40 * 50.20 = 5,006.00, fees 5.006.
    assert cost(SELL, 40, 20, 0, 0) == 4.01
    assert cost(BUY, 40, 20, 0, 0) == 6.01
    found = figures(orders(SELL), {"mine": filled(40, 20, 0, 0)})["mine"]
    assert found.filled == pytest.approx(0.6)
    assert found.cost == pytest.approx(4.006)
    # Nothing was traded in the third bar.
    assert found.participation == pytest.approx(100 / 7_000)


def test_evenly_by_volume_and_at_once_by_hand() -> None:
    # The day before: two bars in each quarter of an hour, 10 and 30 at first, then 60 and 60, 100 and 140, 0 and 0.
    day = np.datetime64("2024-01-02T09:00", "m")
    quarters = np.arange(4) * np.timedelta64(15, "m")
    past = np.concatenate([day - np.timedelta64(1, "D") + quarters, day - np.timedelta64(1, "D") + quarters + 5])
    times = np.concatenate([np.sort(past), day + quarters])
    volumes = np.array([10.0, 30.0, 60.0, 60.0, 100.0, 140.0, 0.0, 0.0, *VOLUMES])
    found = slices.baselines(times, volumes, np.array([8]), 4)
    assert list(found) == ["twap", "vwap", "arrival"]
    np.testing.assert_allclose(found["twap"], [[0.25] * 4])
    np.testing.assert_allclose(found["vwap"], [[0.1, 0.3, 0.6, 0.0]])
    np.testing.assert_allclose(found["arrival"], [[1, 0, 0, 0]])
    costs = {name: cost(SELL, *(100 * shares[0]), fee=0.0) for name, shares in found.items()}
    # 50.00, 49.90, 49.70 and 50.20 evenly are 49.95; by volume 49.79.
    assert costs == {"twap": 10.00, "vwap": 26.00, "arrival": 5.00}


def test_volumes_that_nobody_knows_yet() -> None:
    times = np.arange(12) * np.timedelta64(15, "m") + np.datetime64("2024-01-01", "m")
    volumes = np.arange(1.0, 13.0)
    # No quarter came twice: what all bars before had. The very first order has none before it.
    expected = slices.usual_volumes(times, volumes, np.array([0, 4]), 4)
    np.testing.assert_allclose(expected, [[0.0] * 4, [2.5] * 4])
    np.testing.assert_allclose(slices.by_volume(expected), np.full((2, 4), 0.25))
    volumes[:4] = np.nan
    np.testing.assert_allclose(slices.usual_volumes(times, volumes, np.array([8]), 4), [[6.5] * 4])
    assert list(slices.baselines(times, None, np.array([0]), 4)) == ["twap", "arrival"]


def test_volumes_that_come_later_are_not_looked_at() -> None:
    times = np.arange(1_000) * np.timedelta64(7, "m") + np.datetime64("2024-01-01", "m")
    volumes = np.random.default_rng(1).uniform(1, 9, 1_000)
    begins = np.arange(0, 900, 30)
    whole = slices.usual_volumes(times, volumes, begins, 30)
    volumes[450:] = 1e9
    np.testing.assert_array_equal(slices.usual_volumes(times, volumes, begins[:16], 30), whole[:16])
    assert (slices.usual_volumes(times, volumes, begins[16:], 30) > whole[16:]).any()


def test_figures_of_several() -> None:
    prices = np.array([[100.0 + step] * 2 for step in range(40)])
    everything = np.tile([1.0, 0.0], (40, 1))
    taken = Orders(side=BUY, quantity=1.0, fee=0.0, arrival=np.full(40, 100.0), volumes=None)
    fills = {"mine": Fills(everything, prices, prices[:, -1]), "twap": Fills(everything, prices + 10, prices[:, -1])}
    own, even = figures(taken, fills).values()
    assert (own.mean, own.median, own.worst, own.cost) == pytest.approx((1_950.0, 1_950.0, 3_850.0, 780.0))
    assert own.deviation == pytest.approx(np.std(np.arange(40), ddof=1) * 100)
    assert own.low is not None
    assert own.high is not None
    assert own.low < own.mean < own.high
    assert (own.beats_twap, own.beats_vwap, even.beats_twap, own.participation) == (1.0, None, None, None)


def test_one_order_tells_no_interval() -> None:
    found = figures(orders(SELL), {"mine": filled(25, 25, 25, 25), "other": filled(100, 0, 0, 0)})
    assert (found["mine"].low, found["mine"].high, found["mine"].deviation) == (None, None, None)
    assert found["mine"].worst == found["mine"].mean
    alone = against_each_other({name: shortfalls(orders(SELL), filled(25, 25, 25, 25)) for name in "ab"})
    assert (alone.differences, alone.winner) == ((), None)


def test_bars_without_volume_take_no_part() -> None:
    silent = Orders(side=BUY, quantity=1.0, fee=0.0, arrival=np.ones(1), volumes=np.zeros((1, 4)))
    assert participation(silent, filled(1, 0, 0, 0)) is None


def test_equal_but_for_rounding_is_equal() -> None:
    noise = np.random.default_rng(1).normal(5.0, 20.0, 300)
    found = against_each_other({"a": noise, "b": noise + 1e-9})
    assert (found.differences[0].p, found.differences[0].real, found.winner) == (1.0, False, None)


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    covered = 0
    for trial in range(TRIALS):
        low, high = mean_within(np.random.default_rng(trial).normal(3.0, 20.0, 120), seed=trial) or (0.0, 0.0)
        covered += low <= 3.0 <= high
    assert covered >= TRIALS * (0.95 - 3 * math.sqrt(0.05 * 0.95 / TRIALS))
    assert mean_within(np.array([1.0])) is None


def test_of_equal_random_executions_none_is_called_the_winner() -> None:
    found = sum(_has_winner(trial) for trial in range(TRIALS))
    assert found <= TRIALS * (LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / TRIALS))


def _has_winner(trial: int) -> bool:
    """Two who fill the same orders by chance, at prices that wander."""
    chance = np.random.default_rng(trial)
    prices = 100.0 + np.cumsum(chance.normal(0.0, 0.1, (80, 10)), axis=1)
    fills = [Fills(_thrown(chance), prices, prices[:, -1]) for _ in range(2)]
    taken = Orders(side=SELL, quantity=1.0, fee=0.0, arrival=np.full(80, 100.0), volumes=None)
    costs = {f"model-{place}": shortfalls(taken, each) for place, each in enumerate(fills)}
    return against_each_other(costs, seed=trial).winner is not None


def _thrown(chance: np.random.Generator) -> Table:
    drawn = chance.exponential(1.0, (80, 10))
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def test_a_better_one_is_found() -> None:
    chance = np.random.default_rng(3)
    market = chance.normal(0.0, 30.0, 200)
    found = against_each_other({"plain": market, "good": market - 2.0 + chance.normal(0.0, 3.0, 200)})
    (pair,) = found.differences
    assert (found.winner, pair.first, pair.real) == ("good", "good", True)
    assert pair.low < 2.0 < pair.high
    assert pair.value == pytest.approx(2.0, abs=0.7)
