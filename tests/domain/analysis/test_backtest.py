"""The backtest against hand and pencil, against a plain loop, and against those who know too much."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.analysis.backtest import Backtest, Table, backtest, delayed, limited
from domain.analysis.lookahead import first_leak, knows_the_next_bar
from domain.analysis.round_trips import trades_of
from domain.analysis.series import Times
from domain.analysis.setup import Drift, Setup

NOTHING = Setup(start_capital=1_000.0)


def days(count: int) -> Times:
    return np.datetime64("2024-01-01", "us") + np.arange(count) * np.timedelta64(1, "D")


def column(*values: float) -> Table:
    return np.array(values, dtype=np.float64)[:, None]


def walk(seed: int, bars: int, assets: int = 1, size: float = 0.01) -> Table:
    rng = np.random.default_rng(seed)
    return np.asarray(100.0 * np.exp(np.cumsum(rng.normal(0.0, size, (bars, assets)), axis=0)))


# Ten bars, by hand: cost 0.1 %, slippage 0.1 %, 10,000.00 to begin with. At each bar: what the account
# is worth before it trades, what it holds, what it trades, what it pays.
#   0 at 100: 10,000.00      no shares      buys 10,000.00            20.00
#   1 at 110: 10,980.00      11,000.00      sells 20.00                0.04
#   2 at 121: 12,077.96      12,078.00      sells 12,078.00           24.156
#   3 at 100: 12,053.804     nothing        nothing
#   4 at  80: 12,053.804     nothing        sells 6,026.902           12.0538
#   5 at  60: 13,548.4757    -4,520.1765    buys 4,520.1765            9.0404
#   6 at  60: 13,539.4353    nothing        buys 6,769.7177           13.5394
#   7 at  66: 14,202.8676    7,446.6894     sells 345.2556             0.6905
#   8 at  60: 13,556.5922    6,455.8489     sells 20,012.4411         40.0249
#   9 at  63: 12,838.7377    and there it ends
PRICES = column(100, 110, 121, 100, 80, 60, 60, 66, 60, 63)
TARGETS = column(1, 1, 0, 0, -0.5, 0, 0.5, 0.5, -1, -1)
BY_HAND = Setup(transaction_cost=0.001, slippage=0.001, start_capital=10_000.0)


def with_pencil(prices: Table, targets: Table, setup: Setup) -> tuple[list[float], list[float]]:
    """Shares and cash, one bar after the other: what a broker's books say."""
    cash, shares = setup.start_capital, np.zeros(prices.shape[1])
    equity, costs = [], []
    for bar, price in enumerate(prices):
        worth = cash + float(shares @ price)
        equity.append(worth)
        if bar == len(prices) - 1:
            break
        wanted = targets[bar] * worth / price
        traded = wanted - shares
        cost = setup.rate * float(np.abs(traded) @ price)
        cash -= float(traded @ price) + cost
        shares = wanted
        costs.append(cost)
    return equity, costs


def test_ten_bars_by_hand_to_the_cent() -> None:
    run = backtest(days(10), PRICES, TARGETS, BY_HAND)
    assert [f"{value:.2f}" for value in run.equity] == [
        "10000.00",
        "10980.00",
        "12077.96",
        "12053.80",
        "12053.80",
        "13548.48",
        "13539.44",
        "14202.87",
        "13556.59",
        "12838.74",
    ]
    assert [f"{value:.2f}" for value in run.costs] == [
        "20.00",
        "0.04",
        "24.16",
        "0.00",
        "12.05",
        "9.04",
        "13.54",
        "0.69",
        "40.02",
    ]


def test_the_books_of_a_broker_say_the_same() -> None:
    run = backtest(days(10), PRICES, TARGETS, BY_HAND)
    equity, costs = with_pencil(PRICES, TARGETS, BY_HAND)
    np.testing.assert_allclose(run.equity, equity, rtol=0, atol=1e-9)
    np.testing.assert_allclose(run.costs, costs, rtol=0, atol=1e-9)


@given(
    seed=st.integers(0, 10_000),
    assets=st.integers(1, 4),
    rate=st.sampled_from([0.0, 0.001, 0.05, 0.3, 0.9]),
    largest=st.sampled_from([0.5, 1.0, 2.0]),
)
@settings(max_examples=60)
def test_any_positions_as_in_the_books(seed: int, assets: int, rate: float, largest: float) -> None:
    rng = np.random.default_rng(seed)
    prices, targets = walk(seed, 40, assets, 0.02), rng.uniform(-largest, largest, (40, assets)) / assets
    setup = Setup(transaction_cost=rate, start_capital=1_000.0)
    equity, _ = with_pencil(prices, targets, setup)
    lost = next((bar for bar, worth in enumerate(equity) if worth <= 0), len(equity))
    run = backtest(days(40), prices, targets, setup)
    np.testing.assert_allclose(run.equity[:lost], equity[:lost], rtol=1e-9, atol=1e-9)
    assert not run.equity[lost:].any()


def test_who_loses_all_is_out() -> None:
    run = backtest(days(5), column(100, 100, 300, 100, 100), column(0, -1, -1, -1, -1), NOTHING)
    assert run.equity.tolist() == [1_000.0, 1_000.0, 0.0, 0.0, 0.0]
    assert run.held[:, 0].tolist() == [0.0, -1.0, 0.0, 0.0]
    assert run.turnover.tolist() == [0.0, 1.0, 0.0, 0.0]


def test_a_bar_of_latency_trades_at_the_next_open() -> None:
    closes, opens = column(10, 11, 12, 13), column(9, 10.5, 11.5, 12.5)
    setup = dataclasses.replace(NOTHING, latency_bars=1)
    late = backtest(days(4), closes, column(1, 1, 1, 1), setup, opens=opens)
    assert late.equity.tolist() == pytest.approx([1_000, 1_000, 1_000 * 11.5 / 10.5, 1_000 * 12.5 / 10.5])
    without_opens = backtest(days(4), closes, column(1, 1, 1, 1), setup)
    assert without_opens.equity.tolist() == pytest.approx([1_000, 1_000, 1_000 * 12 / 11, 1_000 * 13 / 11])


def test_limits() -> None:
    setup = Setup(max_position=0.6, max_gross=1.0)
    wanted = np.array([[0.9, -0.2], [0.9, 0.9], [-3.0, 0.0]])
    assert limited(wanted, setup).tolist() == pytest.approx(np.array([[0.6, -0.2], [0.5, 0.5], [-0.6, 0.0]]))


def test_what_has_no_price_is_neither_traded_nor_earned_on() -> None:
    prices = np.array([[10.0, np.nan], [10.0, np.nan], [10.0, 5.0], [10.0, 10.0]])
    run = backtest(days(4), prices, np.full((4, 2), 0.5), NOTHING)
    assert run.held[:, 1].tolist() == [0.0, 0.0, 0.5]
    assert run.equity.tolist() == pytest.approx([1_000, 1_000, 1_000, 1_500])


def test_dear_bars() -> None:
    factor = np.array([1.0, 10.0, 1.0])
    setup = Setup(transaction_cost=0.001, start_capital=1_000.0)
    run = backtest(days(3), column(10, 10, 10), column(0, 1, 1), setup, cost_factor=factor)
    assert run.costs.tolist() == pytest.approx([0.0, 10.0])


def test_costs_of_holding_and_cash_alike() -> None:
    """A whole account in one instrument needs no trade to stay so."""
    run = backtest(days(10), PRICES, column(*[1.0] * 10), dataclasses.replace(BY_HAND, drift=Drift.GROSS))
    assert np.count_nonzero(run.turnover > 1e-12) == 1


def test_trades_and_what_each_position_brought() -> None:
    run = backtest(days(10), PRICES, TARGETS, BY_HAND)
    trades = trades_of(run)
    first = trades.times[0], trades.quantities[0], trades.prices[0], round(float(trades.costs[0]), 2)
    assert first == (days(1)[0], 100.0, 100.0, 20.0)
    # Long, short, long; the last short is still open.
    assert [f"{value:.2f}" for value in trades.closed] == ["2053.80", "1485.63", "4.25"]


def test_all_profits_and_what_is_open_come_to_what_the_account_gained() -> None:
    rng = np.random.default_rng(3)
    prices = walk(4, 500, 3)
    targets = np.where(rng.random((500, 3)) < 0.3, 0.0, rng.uniform(-0.4, 0.4, (500, 3)))
    targets[-2] = 0.0
    run = backtest(days(500), prices, targets, BY_HAND)
    trades = trades_of(run)
    assert float(trades.closed.sum()) == pytest.approx(run.equity[-1] - run.equity[0], abs=1e-6)
    assert float(trades.costs.sum()) == pytest.approx(float(run.costs.sum()), abs=1e-6)


def test_a_trade_through_zero_is_two() -> None:
    run = backtest(days(4), column(10, 20, 20, 20), column(1, -1, 0, 0), NOTHING)
    trades = trades_of(run)
    assert trades.quantities.tolist() == pytest.approx([100, -100, -100, 100])
    assert trades.profits.tolist() == pytest.approx([np.nan, 1_000, np.nan, 0], nan_ok=True)


def test_nothing_done_leaves_nothing() -> None:
    run = backtest(days(3), column(1, 2, 3), column(0, 0, 0), NOTHING)
    assert run.equity.tolist() == [1_000.0] * 3
    assert len(trades_of(run).times) == 0


@pytest.mark.parametrize("bars", [1, 2])
def test_very_few_bars(bars: int) -> None:
    run = backtest(days(bars), walk(1, bars), np.ones((bars, 1)), NOTHING)
    assert (len(run.equity), len(run.returns)) == (bars, bars - 1)


def test_who_knows_the_next_bar_is_caught() -> None:
    prices = walk(7, 400)
    coming = np.sign(np.diff(prices, axis=0, append=prices[-1:]))
    assert knows_the_next_bar(days(400), prices, coming)
    past = delayed(coming, 2)
    assert not knows_the_next_bar(days(400), prices, past)
    assert not knows_the_next_bar(days(400), prices, np.ones_like(prices))


def test_decisions_that_change_with_the_future_are_found() -> None:
    prices = walk(8, 100)

    def honest(count: int) -> Table:
        return np.asarray(np.sign(np.diff(prices[:count], axis=0, prepend=prices[:1])))

    def cheating(count: int) -> Table:
        return np.asarray(np.sign(prices[:count] - prices[:count].mean()))

    assert first_leak(honest, honest(100), range(10, 100, 10)) is None
    assert first_leak(cheating, cheating(100), range(10, 100, 10)) is not None


def test_a_million_bars_need_no_loop() -> None:
    prices = walk(9, 1_000_000, size=1e-4)
    targets = np.sign(np.sin(np.arange(1_000_000) / 50.0))[:, None]
    run: Backtest = backtest(days(1_000_000), prices, targets, BY_HAND)
    assert len(run.equity) == 1_000_000
