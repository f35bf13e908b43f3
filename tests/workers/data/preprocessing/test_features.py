from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from domain.datasets.columns import SYMBOL
from domain.datasets.recipes import Group, step_kinds
from tests.workers.data.markets import a_frame, bars, done, values

OHLC: dict[str, Any] = {
    "open": [9.0, 11.0, 12.0],
    "high": [12.0, 13.0, 15.0],
    "low": [8.0, 10.0, 11.0],
    "close": [10.0, 12.5, 12.0],
}


def test_trademasters_features_by_hand() -> None:
    frame = done(a_frame(**OHLC, adjusted_close=[9.0, 12.5, 12.0]), {"kind": "trademaster_features", "windows": [2, 3]})
    assert values(frame, "zopen") == pytest.approx([-0.1, 11 / 12.5 - 1, 0.0])
    assert values(frame, "zhigh") == pytest.approx([0.2, 13 / 12.5 - 1, 0.25])
    assert values(frame, "zlow") == pytest.approx([-0.2, -0.2, 11 / 12 - 1])
    assert values(frame, "zadjcp") == pytest.approx([-0.1, 0.0, 0.0])
    assert values(frame, "zclose") == [None, pytest.approx(0.25), pytest.approx(-0.04)]
    assert values(frame, "zd_2") == [None, pytest.approx(10.75 / 12.5 - 1), pytest.approx(12.25 / 12 - 1)]
    assert values(frame, "zd_3") == [None, None, pytest.approx(33.5 / 3 / 12 - 1)]


def test_the_means_are_of_the_close_if_that_is_wanted_or_there_is_no_other() -> None:
    step = {"kind": "trademaster_features", "windows": [2]}
    closes = [None, pytest.approx(11.25 / 12.5 - 1), pytest.approx(12.25 / 12 - 1)]
    adjusted = a_frame(**OHLC, adjusted_close=[5.0, 5.0, 5.0])
    assert values(done(adjusted, step | {"average_of": "close"}), "zd_2") == closes
    assert values(done(adjusted, step), "zd_2") == [None, 0.0, 0.0]
    plain = done(a_frame(**OHLC), step)
    assert values(plain, "zd_2") == closes
    assert values(plain, "zadjcp") == [0.0, 0.0, 0.0]


def test_returns_of_several_columns_and_distances() -> None:
    frame = done(
        a_frame(close=[10.0, 11.0, 22.0], volume=[0.0, 5.0, 10.0]),
        {"kind": "returns", "columns": ["close", "volume"], "periods": [1, 2]},
        {"kind": "returns", "log": True},
    )
    assert values(frame, "return_1") == [None, pytest.approx(0.1), pytest.approx(1.0)]
    assert values(frame, "return_2") == [None, None, pytest.approx(1.2)]
    assert values(frame, "volume_return_1") == [None, None, pytest.approx(1.0)]
    assert values(frame, "log_return_1") == [None, pytest.approx(math.log(1.1)), pytest.approx(math.log(2))]


def test_volatility_is_the_deviation_of_log_returns() -> None:
    close = [100.0, 101.0, 99.0, 102.0, 103.0]
    frame = done(a_frame(close=close), {"kind": "volatility", "window": 3, "per_year": 252})
    changes = np.diff(np.log(close))
    expected = [changes[place : place + 3].std(ddof=1) * math.sqrt(252) for place in (0, 1)]
    assert values(frame, "volatility_3") == [None, None, None, *(pytest.approx(value) for value in expected)]


def test_the_order_book_by_hand() -> None:
    book = {"bid_price_1": 99.0, "ask_price_1": 101.0, "bid_size_1": 30.0, "ask_size_1": 10.0}
    deeper = {"bid_price_2": 98.0, "ask_price_2": 102.0, "bid_size_2": 10.0, "ask_size_2": 50.0}
    columns: dict[str, Any] = {name: [value] for name, value in (book | deeper).items()}
    frame = done(a_frame(**columns), {"kind": "book_features", "levels": 2})
    assert values(frame, "book_spread") == [pytest.approx(0.02)]
    assert values(frame, "book_tilt") == [pytest.approx((99 * 10 + 101 * 30) / 40 / 100 - 1)]
    assert values(frame, "book_imbalance_1") == [pytest.approx(0.5)]
    assert values(frame, "book_imbalance_2") == [pytest.approx(-0.2)]


def test_indicators_agree_with_direct_formulas() -> None:
    frame = done(
        bars(("AAA",), rows=60),
        {"kind": "sma", "window": 5},
        {"kind": "sma", "window": 5, "relative": True},
        {"kind": "mom", "window": 3},
        {"kind": "bbands", "window": 10, "deviations": 2},
        {"kind": "willr", "window": 7},
    )
    close = np.array(values(frame, "close"))
    mean = np.convolve(close, np.ones(5) / 5, "valid")
    assert values(frame, "sma_5")[:4] == [None] * 4
    assert values(frame, "sma_5")[4:] == pytest.approx(mean)
    assert values(frame, "sma_5_relative")[4:] == pytest.approx(mean / close[4:] - 1)
    assert values(frame, "mom_3")[3:] == pytest.approx(close[3:] - close[:-3])
    last = close[-10:]
    assert values(frame, "bbands_10_2_upper")[-1] == pytest.approx(last.mean() + 2 * last.std())
    high, low = max(values(frame, "high")[-7:]), min(values(frame, "low")[-7:])
    assert values(frame, "willr_7")[-1] == pytest.approx(-100 * (high - close[-1]) / (high - low))


def test_relative_indicators_mean_the_same_at_any_price() -> None:
    kinds = [kind.name for kind in step_kinds() if kind.form.field("relative")]
    cheap = bars(("AAA",))
    dear = cheap.with_columns(pl.col("open", "high", "low", "close") * 1_000)
    for kind in kinds:
        step = {"kind": kind, "relative": True}
        made = [name for name in done(cheap, step).columns if name not in cheap.columns]
        assert_frame_equal(done(cheap, step).select(made), done(dear, step).select(made), rel_tol=1e-6, abs_tol=1e-9)


MAKERS: list[dict[str, Any]] = [
    {"kind": kind.name} for kind in step_kinds() if kind.group in {Group.FEATURES, Group.INDICATOR, Group.LABEL}
]


@pytest.mark.parametrize("step", MAKERS, ids=lambda step: step["kind"])
def test_each_symbol_is_alone(step: dict[str, Any]) -> None:
    market = bars(("AAA", "BBB", "CCC"), book=True)
    together = done(market, step).filter(pl.col(SYMBOL) == "BBB")
    alone = done(market.filter(pl.col(SYMBOL) == "BBB"), step)
    assert_frame_equal(together.drop(SYMBOL), alone.drop(SYMBOL), check_exact=True)


@pytest.mark.parametrize("step", MAKERS, ids=lambda step: step["kind"])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_too_few_rows_give_empty_values_and_no_fault(step: dict[str, Any], rows: int) -> None:
    market = bars(("AAA",), rows=rows, book=True)
    assert done(market, step).height == rows


@pytest.mark.parametrize("step", MAKERS, ids=lambda step: step["kind"])
def test_no_value_is_ever_infinite_or_undefined(step: dict[str, Any]) -> None:
    zeros = bars(("AAA",), rows=80, book=True).with_columns(pl.selectors.float() * 0)
    frame = done(zeros, step)
    for name in frame.select(pl.selectors.float()).columns:
        assert frame.get_column(name).drop_nulls().is_finite().all()


def test_an_indicator_steps_over_holes() -> None:
    close: list[float | None] = [1.0, 2.0, None, 3.0, 4.0, 5.0]
    frame = done(a_frame(close=close), {"kind": "sma", "window": 2})
    assert values(frame, "sma_2") == [None, 1.5, None, 2.5, 3.5, 4.5]


def test_a_symbol_without_any_value_stays_empty() -> None:
    frame = pl.concat([a_frame("AAA", close=[1.0, 2.0]), a_frame("BBB", close=[None, None])])
    rsi = done(frame, {"kind": "sma", "window": 2})
    assert (values(rsi, "sma_2"), values(rsi, "sma_2", "BBB")) == ([None, 1.5], [None, None])


def test_labels_look_ahead_and_the_last_rows_have_none() -> None:
    frame = done(
        a_frame(close=[10.0, 11.0, 11.0, 8.8]),
        {"kind": "label", "horizon": 2},
        {"kind": "label", "what": "sign", "dead_zone": 0.05},
        {"kind": "label", "what": "log_return"},
    )
    assert values(frame, "label_return_2") == [pytest.approx(0.1), pytest.approx(-0.2), None, None]
    assert values(frame, "label_sign_1") == [1.0, 0.0, -1.0, None]
    assert values(frame, "label_log_return_1")[0] == pytest.approx(math.log(1.1))


def test_columns_are_kept_dropped_and_renamed() -> None:
    market = bars(("AAA",), rows=5)
    kept = done(market, {"kind": "select", "columns": ["close", "mood"]})
    assert kept.columns == ["time", "symbol", "close", "mood"]
    assert "mood" not in done(market, {"kind": "drop", "columns": ["mood"]}).columns
    assert values(done(market, {"kind": "rename", "names": {"mood": "humour"}}), "humour") == values(market, "mood")
