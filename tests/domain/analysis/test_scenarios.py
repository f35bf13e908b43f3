"""Stress: what each scenario does to bars, and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from domain.analysis.backtest import Table
from domain.analysis.baselines import baselines
from domain.analysis.names import BASELINES, BUY_AND_HOLD, EQUAL_WEIGHT, FLAT, Scenario
from domain.analysis.report import report
from domain.analysis.round_trips import trades_of
from domain.analysis.scenarios import Bars, stressed
from domain.analysis.series import Times
from domain.analysis.setup import Drift, Setup

FIRST, COUNT = 40, 200


def bars(seed: int = 1, assets: int = 2) -> Bars:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (COUNT, assets)), axis=0))
    open_ = close * np.exp(rng.normal(0, 0.002, close.shape))
    high = np.maximum(open_, close) * 1.003
    low = np.minimum(open_, close) * 0.998
    return {
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "adjusted_close": close * 0.9,
        "volume": rng.uniform(1, 2, close.shape),
        "mood": rng.normal(size=close.shape),
    }


def days(count: int) -> Times:
    return np.datetime64("2024-01-01", "us") + np.arange(count) * np.timedelta64(1, "D")


@pytest.mark.parametrize("scenario", Scenario)
def test_bars_stay_bars_and_the_past_stays_the_past(scenario: Scenario) -> None:
    before = bars()
    kept = {name: table.copy() for name, table in before.items()}
    after = stressed(scenario, before, FIRST, seed=3)
    for name, table in after.bars.items():
        np.testing.assert_array_equal(before[name], kept[name])
        np.testing.assert_allclose(table[:FIRST], kept[name][:FIRST], rtol=1e-12)
        assert np.isfinite(table).all()
    assert (after.bars["low"] <= np.minimum(after.bars["open"], after.bars["close"]) * (1 + 1e-12)).all()
    assert (after.bars["high"] >= np.maximum(after.bars["open"], after.bars["close"]) * (1 - 1e-12)).all()
    assert len(after.cost_factor) == COUNT
    again = stressed(scenario, before, FIRST, seed=3)
    assert all((again.bars[name] == table).all() for name, table in after.bars.items())
    np.testing.assert_array_equal(after.bars["mood"], kept["mood"])


def test_a_crash_takes_its_share() -> None:
    before = bars()
    after = stressed(Scenario.CRASH, before, FIRST, 0.4)
    fallen = after.bars["close"] / before["close"]
    assert fallen[119, 0] == 1.0
    assert fallen[120, 0] == pytest.approx(0.6 ** (1 / 5))
    assert fallen[124:, :].ravel().tolist() == pytest.approx([0.6] * 152)


def test_a_gap_lies_between_two_bars() -> None:
    before = bars()
    after = stressed(Scenario.GAP, before, FIRST, 0.1)
    assert (after.bars["open"] / before["open"])[119:121, 0].tolist() == pytest.approx([1.0, 0.9])


def test_volatility_is_so_many_times_as_large() -> None:
    before = bars()
    after = stressed(Scenario.VOLATILITY, before, FIRST, 3.0)
    old, new = (np.diff(np.log(each["close"][FIRST - 1 :]), axis=0) for each in (before, after.bars))
    np.testing.assert_allclose(new.std(axis=0), 3 * old.std(axis=0))
    np.testing.assert_allclose(new.mean(axis=0), old.mean(axis=0), atol=1e-12)


def test_a_drought_and_dear_trades() -> None:
    before = bars()
    dry = stressed(Scenario.DROUGHT, before, 0, 5.0)
    assert sorted(set(dry.cost_factor)) == [1.0, 5.0]
    assert float((dry.cost_factor > 1).mean()) == pytest.approx(0.2, abs=0.01)
    assert (before["volume"] / dry.bars["volume"])[:, 0].tolist() == pytest.approx(dry.cost_factor.tolist())
    dear = stressed(Scenario.COSTS, before, FIRST, 3.0)
    assert (dear.cost_factor[FIRST - 1], dear.cost_factor[FIRST]) == (1.0, 3.0)


def test_a_reversal_turns_each_move() -> None:
    before = bars()
    after = stressed(Scenario.REVERSAL, before, FIRST)
    old, new = (np.diff(np.log(each["close"][FIRST - 1 :]), axis=0) for each in (before, after.bars))
    np.testing.assert_allclose(new, -old, atol=1e-12)


def test_a_bootstrap_draws_from_what_was() -> None:
    before = bars()
    after = stressed(Scenario.BOOTSTRAP, before, FIRST, 10.0, seed=1)
    old, new = (np.diff(np.log(each["close"][FIRST - 1 :]), axis=0) for each in (before, after.bars))
    known = {round(float(value), 10) for value in old[:, 0]}
    assert all(round(float(value), 10) in known for value in new[:, 0])
    other = stressed(Scenario.BOOTSTRAP, before, FIRST, 10.0, seed=2)
    assert not np.allclose(other.bars["close"][-1], after.bars["close"][-1])


def test_an_asset_that_begins_later() -> None:
    late = {name: table.copy() for name, table in bars().items()}
    for table in late.values():
        table[:90, 1] = np.nan
    for scenario in Scenario:
        after = stressed(scenario, late, FIRST)
        assert np.isfinite(after.bars["close"][:, 0]).all()


@pytest.mark.parametrize("drift", Drift)
@pytest.mark.parametrize("latency", [0, 1])
def test_baselines(drift: Drift, latency: int) -> None:
    data = bars()
    setup = Setup(transaction_cost=0.001, latency_bars=latency, drift=drift, start_capital=1_000.0)
    runs = baselines(days(COUNT), data["close"], setup, opens=data["open"])
    assert tuple(runs) == BASELINES
    held = runs[BUY_AND_HOLD]
    # It sells what its costs come to, where costs are taken off afterwards.
    assert np.count_nonzero(held.turnover > 1e-5) == (1 if drift is Drift.GROSS else 2)
    assert held.turnover.sum() < 1.0 + 0.0011
    marks: Table = data["open"] if latency else data["close"]
    grown = (marks[-1] / marks[latency]).mean() - 0.001
    assert held.equity[-1] == pytest.approx(1_000 * grown, rel=1e-3)
    assert runs[FLAT].equity.tolist() == [1_000.0] * COUNT
    assert runs[EQUAL_WEIGHT].held[-1].tolist() == [0.5, 0.5]


def test_a_report_of_nothing_and_of_much() -> None:
    data = bars()
    runs = baselines(days(COUNT), data["close"], Setup())
    flat = runs[FLAT]
    nothing = report(flat, trades_of(flat), 252.0, runs[BUY_AND_HOLD].returns)
    assert nothing.performance["sharpe"] is None
    assert nothing.performance["total_return"] == 0.0
    much = report(runs[EQUAL_WEIGHT], trades_of(runs[EQUAL_WEIGHT]), 252.0, runs[BUY_AND_HOLD].returns)
    assert much.performance["beta"] == pytest.approx(1.0, abs=0.1)
    assert len(much.monthly) == 7
    assert much.drawdowns[0]["depth"] == much.risk["max_drawdown"]
    alone = report(flat, trades_of(flat), 252.0, None)
    assert alone.performance["beta"] is None
