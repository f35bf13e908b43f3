"""What each made-up market promises, on fixed seeds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from domain.datasets.columns import BOOK, BOOK_LEVELS
from domain.datasets.sources import read_request
from domain.datasets.sources.generators import GENERATORS
from workers.data.sources.synthetic import generate, planted_column

Array = npt.NDArray[np.float64]
SEEDS = (1, 2, 3)


def values_of(generator: str, **values: Any) -> Any:
    return read_request({"source": "synthetic", "generator": generator, **values}).values


def made(generator: str, **values: Any) -> pl.DataFrame:
    return generate(generator, values_of(generator, **values))


def returns(frame: pl.DataFrame) -> Array:
    """From this row's close to the next one's."""
    close = frame.get_column("close").to_numpy()
    return np.asarray(close[1:] / close[:-1] - 1)


def sharpe(gains: Array, per_year: int = 252) -> float:
    return float(gains.mean() / gains.std() * math.sqrt(per_year))


def correlation(one: Array, other: Array) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def features(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name.startswith("feature_")]


@pytest.mark.parametrize("form", GENERATORS, ids=lambda form: form.name)
def test_a_market_has_sound_bars_at_even_times(form: Any) -> None:
    frame = made(form.name, rows=500)
    one = frame.filter(pl.col("symbol") == pl.col("symbol").first())
    assert one.height == 500
    assert one.get_column("time").is_sorted()
    assert one.get_column("time").n_unique() == 500
    assert sum(frame.null_count().row(0)) == 0
    top, bottom = pl.max_horizontal("open", "close"), pl.min_horizontal("open", "close")
    assert frame.filter(
        (pl.col("high") < top - 1e-9) | (pl.col("low") > bottom + 1e-9) | (pl.col("low") <= 0)
    ).is_empty()
    assert frame.select(pl.col("volume").min()).item() >= 0


@pytest.mark.parametrize("form", GENERATORS, ids=lambda form: form.name)
def test_the_seed_decides_everything(form: Any) -> None:
    assert made(form.name, rows=60, seed=5).equals(made(form.name, rows=60, seed=5))
    assert not made(form.name, rows=60, seed=5).equals(made(form.name, rows=60, seed=6))


def test_weekdays_leave_out_weekends_and_start_and_period_are_kept() -> None:
    times = made("noise", rows=50, start="2024-01-06").get_column("time")
    assert set(times.dt.weekday()) == {1, 2, 3, 4, 5}
    assert str(times[0]) == "2024-01-08 00:00:00+00:00"
    minutes = made("order_book", rows=50, period="15s", start="2024-01-06T10:00:00Z").get_column("time")
    assert str(minutes[1]) == "2024-01-06 10:00:15+00:00"


@pytest.mark.parametrize("seed", SEEDS)
def test_regimes_rise_fall_or_stand_still_and_last_a_while(seed: int) -> None:
    frame = made("regimes", rows=20_000, seed=seed, regime_length=50)
    ruling, gains = frame.get_column("label_regime").to_numpy()[1:], np.log1p(returns(frame))
    yearly = {kind: gains[ruling == kind].mean() * 365 for kind in (1, 0, -1)}
    assert yearly[1] == pytest.approx(1.2, abs=0.45)
    assert yearly[0] == pytest.approx(0.0, abs=0.45)
    assert yearly[-1] == pytest.approx(-1.2, abs=0.45)
    assert np.diff(np.flatnonzero(np.diff(ruling))).mean() == pytest.approx(50, rel=0.15)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_signal_is_worth_its_sharpe_ratio_and_the_rest_is_worth_nothing(seed: int) -> None:
    values = values_of("planted_signal", rows=10_000, seed=seed)
    frame, planted = generate("planted_signal", values), planted_column(values)
    gains = returns(frame)
    worth = {name: sharpe(np.sign(frame.get_column(name).to_numpy()[:-1]) * gains) for name in features(frame)}
    assert len(worth) == 50
    assert worth.pop(planted) == pytest.approx(4.0, abs=0.6)
    assert max(abs(value) for value in worth.values()) < 1.0
    assert abs(np.mean(list(worth.values()))) < 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_a_good_policy_keeps_most_of_it_after_costs_and_on_the_last_fifth(seed: int) -> None:
    values = values_of("planted_signal", rows=10_000, seed=seed)
    frame = generate("planted_signal", values)
    position = np.sign(frame.get_column(planted_column(values)).to_numpy()[:-1])
    costs = 0.001 * np.abs(np.diff(position, prepend=0.0))
    assert sharpe((position * returns(frame) - costs)[-2_000:]) > 2.5


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_features_are_worth_nothing(seed: int) -> None:
    values = values_of("planted_signal", rows=10_000, seed=seed)
    frame = generate("planted_signal", values)
    position = np.sign(frame.get_column(planted_column(values)).to_numpy()[:-1])
    mixed = np.random.default_rng(seed).permutation(position)
    assert abs(sharpe(mixed * returns(frame))) < 0.6


@pytest.mark.parametrize("seed", SEEDS)
def test_of_correlated_assets_equal_weights_are_hard_to_beat(seed: int) -> None:
    frame = made("correlated_assets", rows=5_000, seed=seed)
    prices = frame.pivot(on="symbol", index="time", values="close").drop("time").to_numpy()
    gains = prices[1:] / prices[:-1] - 1
    assert gains.shape == (4_999, 20)
    among = np.corrcoef(gains.T)
    assert (among.sum() - 20) / 380 == pytest.approx(0.4, abs=0.06)
    equal = gains.mean(axis=1)
    assert equal.std() < 0.75 * gains.std(axis=0).mean()
    assert sharpe(equal) > np.mean([sharpe(column) for column in gains.T])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_did_well_goes_on_a_little(seed: int) -> None:
    frame = made("correlated_assets", rows=5_000, seed=seed, momentum=0.1)
    prices = frame.pivot(on="symbol", index="time", values="close").drop("time").to_numpy()
    gains = prices[1:] / prices[:-1] - 1
    lately = np.log(prices[40:-1] / prices[:-41])
    ranks = lately - lately.mean(axis=1, keepdims=True)
    assert sharpe((np.sign(ranks) * gains[40:]).mean(axis=1)) > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_the_side_with_more_size_tells_a_little_about_the_next_move(seed: int) -> None:
    frame = made("order_book", rows=10_000, seed=seed)
    bids, asks = (frame.get_column(f"{side}_size_1").to_numpy() for side in ("bid", "ask"))
    lean, moves = (bids - asks) / (bids + asks), np.diff(frame.get_column("close").to_numpy())
    assert 0.1 < correlation(lean[:-1], moves) < 0.3
    still = made("order_book", rows=10_000, seed=seed, imbalance_effect=0)
    bids, asks = (still.get_column(f"{side}_size_1").to_numpy() for side in ("bid", "ask"))
    nothing = correlation(((bids - asks) / (bids + asks))[:-1], np.diff(still.get_column("close").to_numpy()))
    assert abs(nothing) < 0.04


@pytest.mark.parametrize("seed", SEEDS)
def test_a_price_that_went_far_comes_back(seed: int) -> None:
    frame = made("order_book", rows=10_000, seed=seed, imbalance_effect=0, reversion=0.3)
    price = frame.get_column("close")
    away = (price - price.rolling_mean(20)).to_numpy()[20:-1]
    assert correlation(away, np.diff(price.to_numpy())[20:]) < -0.1


def test_a_book_is_a_book() -> None:
    frame = made("order_book", rows=3_000)
    assert set(BOOK) <= set(frame.columns)
    assert (frame.get_column("ask_price_1") > frame.get_column("bid_price_1")).all()
    for level in range(1, BOOK_LEVELS):
        assert (frame.get_column(f"bid_price_{level}") > frame.get_column(f"bid_price_{level + 1}")).all()
        assert (frame.get_column(f"ask_price_{level}") < frame.get_column(f"ask_price_{level + 1}")).all()
    sizes = frame.select(name for name in BOOK if "size" in name)
    assert min(sizes.min().row(0)) >= 1
    ticks = frame.get_column("bid_price_1") * 100
    assert (ticks - ticks.round()).abs().max() == pytest.approx(0, abs=1e-6)
    middle = (frame.get_column("bid_price_1") + frame.get_column("ask_price_1")) / 2
    assert (middle - frame.get_column("close")).abs().max() == pytest.approx(0, abs=1e-9)


def test_a_book_that_falls_far_never_reaches_zero() -> None:
    frame = made("order_book", rows=50_000, tick=10, noise=20)
    assert frame.select(pl.col(f"bid_price_{BOOK_LEVELS}").min()).item() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_in_noise_there_is_nothing_to_learn(seed: int) -> None:
    frame = made("noise", rows=10_000, seed=seed)
    gains = returns(frame)
    assert gains.mean() == pytest.approx(0, abs=3 * gains.std() / math.sqrt(len(gains)))
    assert abs(correlation(gains[1:], gains[:-1])) < 0.03
    known = [*features(frame), "volume", "high", "low", "open"]
    assert all(abs(correlation(frame.get_column(name).to_numpy()[:-1], gains)) < 0.04 for name in known)
    wick = (frame.get_column("high") / frame.get_column("close")).to_numpy()[:-1]
    assert abs(correlation(wick, gains)) < 0.04
