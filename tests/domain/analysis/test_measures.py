"""Every measure against empyrical, and where there is no sense to be made."""

from __future__ import annotations

import math
from collections.abc import Callable

import empyrical
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from domain.analysis import luck, performance, relative, risk, rolling, trades
from domain.analysis.calendar import by_month, by_year, periods_per_year
from domain.analysis.drawdowns import Drawdown, drawdowns, max_drawdown, under_water
from domain.analysis.series import Series
from domain.analysis.tries import Tried, tried_of

YEAR = 252.0
TOLERANCE = 1e-9


def fat_tailed(seed: int, count: int) -> Series:
    """As markets are: mostly quiet, sometimes wild."""
    rng = np.random.default_rng(seed)
    return np.asarray(np.clip(rng.standard_t(3, count) * 0.01 + 0.0003, -0.3, 0.3), dtype=np.float64)


# Closes of a real index, monthly: the S&P 500 at the ends of the months of 2008 and 2009.
INDEX_2008_2009 = (
    "1378.55 1330.63 1322.70 1385.59 1400.38 1280.00 1267.38 1282.83 1166.36 968.75 896.24 903.25 "
    "825.88 735.09 797.87 872.81 919.14 919.32 987.48 1020.62 1057.08 1036.19 1095.63 1115.10"
)
REAL = np.diff(closes := np.array(INDEX_2008_2009.split(), dtype=float)) / closes[:-1]
SERIES = {
    "real": REAL,
    "short": fat_tailed(1, 10),
    "year": fat_tailed(2, 252),
    "ten years": fat_tailed(3, 2_520),
    "gains only": np.abs(fat_tailed(4, 60)) + 1e-4,
    "losses only": -np.abs(fat_tailed(5, 60)) - 1e-4,
}

ALONE: dict[str, tuple[Callable[[Series], float | None], Callable[[Series], float]]] = {
    "total return": (performance.total_return, empyrical.cum_returns_final),
    "annual return": (lambda r: performance.annual_return(r, YEAR), empyrical.annual_return),
    "volatility": (lambda r: performance.volatility(r, YEAR), empyrical.annual_volatility),
    "sharpe": (lambda r: performance.sharpe(r, YEAR, 0.0001), lambda r: empyrical.sharpe_ratio(r, 0.0001)),
    "sortino": (lambda r: performance.sortino(r, YEAR, 0.0001), lambda r: empyrical.sortino_ratio(r, 0.0001)),
    "downside": (lambda r: performance.downside_deviation(r, YEAR), empyrical.downside_risk),
    "calmar": (lambda r: performance.calmar(r, YEAR), empyrical.calmar_ratio),
    "omega": (
        lambda r: performance.omega(r, 0.0001),
        lambda r: empyrical.omega_ratio(r, required_return=1.0001**YEAR - 1),
    ),
    "stability": (performance.stability, empyrical.stability_of_timeseries),
    "max drawdown": (max_drawdown, empyrical.max_drawdown),
    "value at risk": (risk.value_at_risk, empyrical.value_at_risk),
    "conditional value at risk": (risk.conditional_value_at_risk, empyrical.conditional_value_at_risk),
    "tail ratio": (risk.tail_ratio, empyrical.tail_ratio),
}
BESIDE: dict[str, tuple[Callable[[Series, Series], float | None], Callable[[Series, Series], float]]] = {
    "beta": (relative.beta, empyrical.beta),
    "alpha": (lambda r, b: relative.alpha(r, b, YEAR, 0.0001), lambda r, b: empyrical.alpha(r, b, 0.0001)),
    "up capture": (lambda r, b: relative.up_capture(r, b, YEAR), empyrical.up_capture),
    "down capture": (lambda r, b: relative.down_capture(r, b, YEAR), empyrical.down_capture),
    "information ratio": (
        lambda r, b: relative.information_ratio(r, b, YEAR),
        lambda r, b: empyrical.excess_sharpe(r, b) * math.sqrt(YEAR),
    ),
}


def agree(ours: float | None, theirs: float) -> None:
    """Where they give no number, or one that is only rounding, we give none."""
    if ours is None:
        assert not math.isfinite(theirs) or abs(theirs) > 1e12
    else:
        assert ours == pytest.approx(theirs, rel=TOLERANCE, abs=TOLERANCE)


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("measure", ALONE)
def test_a_measure_is_what_empyrical_says(measure: str, series: str) -> None:
    ours, theirs = ALONE[measure]
    agree(ours(SERIES[series]), theirs(SERIES[series]))


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("measure", BESIDE)
def test_a_measure_beside_a_benchmark_is_what_empyrical_says(measure: str, series: str) -> None:
    ours, theirs = BESIDE[measure]
    own = SERIES[series]
    benchmark = 0.6 * own + fat_tailed(9, len(own))
    agree(ours(own, benchmark), theirs(own, benchmark))


@given(arrays(np.float64, st.integers(0, 40), elements=st.floats(-1.0, 2.0)))
def test_no_series_gives_anything_but_a_finite_number_or_none(returns: Series) -> None:
    measures = [ours for ours, _ in ALONE.values()] + [risk.skew, risk.kurtosis, luck.probabilistic_sharpe]
    measures += [risk.cornish_fisher_value_at_risk, risk.parametric_value_at_risk]
    with np.errstate(all="ignore"):
        found = [measure(returns) for measure in measures]
        found += [ours(returns, returns[::-1]) for ours, _ in BESIDE.values()]
    assert all(value is None or math.isfinite(value) for value in found)


@pytest.mark.parametrize("returns", [[], [math.nan], [math.nan, math.nan]], ids=["none", "unknown", "all unknown"])
def test_nothing_known_gives_no_measure(returns: list[float]) -> None:
    series = np.array(returns, dtype=np.float64)
    assert [ours(series) for ours, _ in ALONE.values()] == [None] * len(ALONE)
    assert [ours(series, series) for ours, _ in BESIDE.values()] == [None] * len(BESIDE)


def test_one_period_has_a_return_and_no_spread() -> None:
    one = np.array([0.1])
    assert performance.total_return(one) == pytest.approx(0.1)
    assert (performance.volatility(one, YEAR), performance.sharpe(one, YEAR)) == (None, None)
    assert max_drawdown(one) == 0.0


def test_returns_that_never_differ_have_no_ratio() -> None:
    same = np.full(20, 0.01)
    assert (performance.sharpe(same, YEAR), performance.sortino(same, YEAR)) == (None, None)
    assert (risk.skew(same), risk.kurtosis(same), performance.calmar(same, YEAR)) == (None, None, None)
    assert relative.correlation(same, fat_tailed(1, 20)) is None


def test_an_account_that_lost_everything() -> None:
    ruined = np.array([0.1, -1.0, 0.5])
    assert performance.total_return(ruined) == -1.0
    assert performance.annual_return(ruined, YEAR) == -1.0
    assert max_drawdown(ruined) == -1.0
    assert performance.stability(ruined) is None


def test_what_is_unknown_is_left_out() -> None:
    holed = np.array([0.01, math.nan, -0.02, 0.03])
    assert performance.total_return(holed) == pytest.approx(1.01 * 0.98 * 1.03 - 1)
    assert relative.beta(holed, np.array([0.02, 0.5, -0.04, 0.06])) == pytest.approx(0.5)


def test_falls_are_told_with_their_places() -> None:
    # Wealth: 1, 1.1, 0.88, 1.1, 0.99, 0.891
    returns = np.array([0.1, -0.2, 0.25, -0.1, -0.1])
    assert under_water(returns) == pytest.approx([0, 0, -0.2, 0, -0.1, -0.19])
    first, second = drawdowns(returns)
    assert (first.peak, first.trough, first.recovery) == (1, 2, 3)
    assert first.depth == pytest.approx(-0.2)
    assert (second.peak, second.trough, second.recovery) == (3, 5, None)
    assert second.depth == pytest.approx(-0.19)
    assert drawdowns(returns, most=1) == (first,)
    assert drawdowns(np.array([0.1, 0.2])) == ()
    assert drawdowns(np.array([-0.5])) == (Drawdown(-0.5, 0, 1, None),)


def test_normal_measures_of_risk_by_hand() -> None:
    returns = np.array([-0.02, 0.0, 0.02])
    assert risk.parametric_value_at_risk(returns) == pytest.approx(-1.6448536269514722 * 0.02)
    assert risk.parametric_conditional_value_at_risk(returns) == pytest.approx(-2.0627128054846 * 0.02, rel=1e-9)


def test_skew_and_kurtosis_by_hand() -> None:
    returns = np.array([0.0, 0.0, 0.0, 1.0])
    assert risk.skew(returns) == pytest.approx(2 / math.sqrt(3))
    assert risk.kurtosis(returns) == pytest.approx(7 / 3 - 3)
    assert risk.cornish_fisher_value_at_risk(np.array([-0.1, 0.0, 0.1])) is not None


def test_luck_grows_with_the_number_of_tries() -> None:
    returns = fat_tailed(7, 500) + 0.0005
    alone = luck.probabilistic_sharpe(returns)
    rng = np.random.default_rng(1)
    few, many = (luck.deflated_sharpe(returns, tried_of(rng.normal(0, 0.05, count).tolist())) for count in (3, 300))
    assert alone is not None
    assert few is not None
    assert many is not None
    assert alone > few > many
    assert luck.expected_best_sharpe(tried_of([0.1])) == 0.0
    # The expected largest of 100 standard normals is 2.51.
    hundred = tried_of(np.random.default_rng(2).normal(0, 1, 100).tolist())
    assert luck.expected_best_sharpe(hundred) == pytest.approx(2.51, abs=0.25)
    # By the formula: 2.326 * (1 - 0.5772) + 2.680 * 0.5772.
    assert luck.expected_best_sharpe(Tried(100, 1.0)) == pytest.approx(2.5306, abs=1e-4)
    assert luck.deflated_sharpe(returns, Tried(1, 0.0)) == alone


def test_pure_luck_is_called_skill_as_often_as_is_said() -> None:
    rng = np.random.default_rng(3)
    found = [luck.probabilistic_sharpe(rng.normal(0, 0.01, 250)) for _ in range(400)]
    share = sum(value is not None and value > 0.95 for value in found) / len(found)
    assert share == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize(
    ("step", "count", "expected"),
    [("1D", 800, 365.0), ("1h", 24 * 400, 8766.0), ("7D", 105, 52.18)],
    ids=["daily", "hourly", "weekly"],
)
def test_periods_of_a_year_are_counted(step: str, count: int, expected: float) -> None:
    unit = np.timedelta64(int(step[:-1]), step[-1])
    times = np.datetime64("2020-01-01", "s") + np.arange(count) * unit
    assert periods_per_year(times) == pytest.approx(expected, rel=1e-3)


def test_weekdays_make_a_year_of_252() -> None:
    days = np.arange("2020-01-01", "2023-01-01", dtype="datetime64[D]")
    assert periods_per_year(days[np.is_busday(days)]) == 252.0
    assert periods_per_year(days[:1]) is None


def test_results_by_month_and_year() -> None:
    times = np.array(["2020-12-30", "2020-12-31", "2021-01-04", "2021-02-01"], dtype="datetime64[D]")
    returns = np.array([0.1, 0.1, -0.5, math.nan])
    assert by_month(returns, times) == {(2020, 12): pytest.approx(0.21), (2021, 1): -0.5}
    assert by_year(returns, times) == {2020: pytest.approx(0.21), 2021: -0.5}


def test_rolling_measures_are_those_of_each_window() -> None:
    returns, benchmark = fat_tailed(11, 50), fat_tailed(12, 50)
    moving = rolling.rolling_sharpe(returns, 20, YEAR)
    assert len(moving) == 50
    assert np.isnan(moving[:19]).all()
    assert moving[30] == pytest.approx(performance.sharpe(returns[11:31], YEAR))
    assert rolling.rolling_volatility(returns, 20, YEAR)[49] == pytest.approx(
        performance.volatility(returns[30:], YEAR)
    )
    assert rolling.rolling_beta(returns, benchmark, 20)[49] == pytest.approx(
        relative.beta(returns[30:], benchmark[30:])
    )
    assert np.isnan(rolling.rolling_sharpe(returns[:5], 20, YEAR)).all()
    assert np.isnan(rolling.rolling_sharpe(np.zeros(30), 20, YEAR)).all()


def test_trades_by_hand() -> None:
    profits = np.array([10.0, -5.0, 20.0, 0.0])
    assert trades.win_rate(profits) == pytest.approx(2 / 3)
    assert trades.profit_factor(profits) == 6.0
    assert trades.payoff(profits) == 3.0
    assert trades.profit_factor(np.array([1.0])) is None
    assert trades.win_rate(np.array([])) is None
    assert trades.turnover(np.array([0.5, -0.5]), 252) == 126.0
    assert trades.exposure(np.array([1.0, -1.0, 0.0, 0.0])) == 0.5
    assert trades.time_in_market(np.array([1.0, -1.0, 0.0, 0.0])) == 0.5
    assert trades.concentration(np.array([0.5, 0.5])) == 0.5
    assert trades.concentration(np.array([0.0])) is None


def test_months_of_many_years_are_those_of_each_by_itself() -> None:
    rng = np.random.default_rng(5)
    times = np.arange("1900-01-01", "2000-01-01", dtype="datetime64[D]")
    returns = rng.normal(0, 0.02, len(times))
    returns[rng.random(len(times)) < 0.1] = math.nan
    returns[:40] = math.nan
    found, months = by_month(returns, times), times.astype("datetime64[M]")
    assert len(found) == 1_199
    for (year, month), value in list(found.items())[::50]:
        own = returns[months == np.datetime64(f"{year}-{month:02}")]
        assert value == pytest.approx(performance.total_return(own), abs=1e-12)
    # In what order they come does not matter.
    shuffled = rng.permutation(len(times))
    assert by_month(returns[shuffled], times[shuffled]) == pytest.approx(found)


def test_a_rolling_measure_is_the_same_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = fat_tailed(11, 100)
    whole = rolling.rolling_sharpe(returns, 10, 252.0)
    monkeypatch.setattr(rolling, "_AT_ONCE", 7)
    np.testing.assert_array_equal(rolling.rolling_sharpe(returns, 10, 252.0), whole)
    assert [rolling.usual_window(count) for count in (0, 10, 119, 1_000)] == [2, 5, 59, 60]


def test_concentration_of_many_bars_is_that_of_each() -> None:
    held = np.array([[0.5, -0.5], [1.0, 0.0], [0.0, 0.0], [0.3, math.nan]])
    found = trades.concentrations(held)
    assert found.tolist()[:2] == [0.5, 1.0]
    assert math.isnan(found[2])
    assert [trades.concentration(row) for row in held] == [0.5, 1.0, None, pytest.approx(1.0)]
