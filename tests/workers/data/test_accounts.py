"""Accounts of models that were really trained, measured for any period: their figures are those that were told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from domain.analysis import performance, risk
from domain.analysis.looks import OWN, Account, AnalysisWanted
from domain.analysis.tries import Tried
from domain.errors import Code, Refused
from tests.workers.evaluations.trained import a_manager, a_trader, asked, card_of, evaluated
from workers.data.accounts import analysis
from workers.data.frames import notes_of

OF_TRAININGS = (
    "total_return", "annual_return", "volatility", "sharpe", "sortino", "turnover", "trades", "exposure",
)  # fmt: skip

LIVELY = {"epochs": 30, "warmup_steps": 200, "learning_rate": 0.005}
"""So it learns enough to trade on all parts of the data."""


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_trader(tmp_path_factory.mktemp("trader"), **LIVELY)


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_manager(tmp_path_factory.mktemp("manager"))


def of_training(folder: Path, split: str = "test", key: str = OWN) -> Account:
    series = folder / "series.parquet"
    return Account(series=series, positions=None, trades=None, key=key, split=split, per_year=None, tried=None)


def of_evaluation(folder: Path, result: dict[str, Any], key: str = "model-1", tried: Tried | None = None) -> Account:
    own = key.startswith("model")
    return Account(
        series=folder / "series.parquet",
        positions=folder / "positions.parquet" if own else None,
        trades=folder / f"trades-{key}.parquet" if own else None,
        key=key,
        split=None,
        per_year=result["bars_per_year"],
        tried=tried,
    )


@pytest.mark.parametrize("split", ["valid", "test"])
@pytest.mark.parametrize("which", ["trader", "manager"])
def test_a_training_is_measured_as_it_told(request: pytest.FixtureRequest, which: str, split: str) -> None:
    folder: Path = request.getfixturevalue(which)
    found, card = analysis(of_training(folder, split), AnalysisWanted(split=split)), card_of(folder)
    told = card["measures"][split]
    assert {name: found.performance[name] for name in OF_TRAININGS} == pytest.approx(
        {name: told[name] for name in OF_TRAININGS}, rel=1e-9, abs=1e-9
    )
    assert found.risk["max_drawdown"] == pytest.approx(told["max_drawdown"], rel=1e-9, abs=1e-9)
    assert told["turnover"] > 0
    # Who wins a share of bars is not who wins a share of positions.
    assert (found.performance["win_rate"], found.performance["costs"], found.concentration) == (None, None, None)
    held = analysis(of_training(folder, split, "buy_and_hold"), AnalysisWanted(split=split))
    baseline = card["baselines"][split]["buy_and_hold"]
    assert held.performance["sharpe"] == pytest.approx(baseline["sharpe"], rel=1e-9)
    assert held.performance["beta"] == pytest.approx(1.0)
    assert held.lines["equity"].values == pytest.approx(held.lines["benchmark"].values)


def test_the_file_of_a_training_repeats_to_the_byte(trader: Path, tmp_path: Path) -> None:
    again = a_trader(tmp_path, **LIVELY)
    assert (again / "series.parquet").read_bytes() == (trader / "series.parquet").read_bytes()
    frame = pl.read_parquet(again / "series.parquet")
    assert frame.columns == ["time", "symbol", "split", "equity", "exposure", "turnover", "changes"]
    assert frame.get_column("symbol").unique().sort().to_list() == ["buy_and_hold", "flat", "model", "random"]
    assert (
        float(notes_of(again / "series.parquet")["trademaster.bars_per_year"])
        == card_of(again)["market"]["bars_per_year"]
    )


@pytest.mark.parametrize("which", ["trader", "manager"])
def test_an_evaluation_is_measured_as_it_told(request: pytest.FixtureRequest, which: str, tmp_path: Path) -> None:
    tried = {"count": 7, "spread": 0.05}
    setup = {"slippage": 0.0005, "latency_bars": 1}
    result, _ = evaluated(asked(request.getfixturevalue(which), tmp_path, split="train", tried=tried, setup=setup))
    assert result["trials"] == 7
    for entry in result["entries"]:
        own = entry["key"] == "model-1"
        account = of_evaluation(tmp_path, result, entry["key"], Tried(**tried) if own else None)
        found = analysis(account, AnalysisWanted(points=5_000))
        told = entry["performance"] | entry["risk"]
        unknown = set() if own else {"trades", "win_rate", "profit_factor", "payoff", "turnover", "costs"}
        same = [name for name in told if name not in unknown]
        mine = found.performance | found.risk
        assert set(mine) == set(told)
        for name in same:
            assert mine[name] == (told[name] and pytest.approx(told[name], rel=1e-9, abs=1e-9)), (entry["key"], name)
        assert [mine[name] for name in unknown] == [None] * len(unknown)
        assert found.monthly == [each | {"value": pytest.approx(each["value"])} for each in entry["monthly"]]
        assert [each["trough"] for each in found.drawdowns] == [each["trough"] for each in entry["drawdowns"]]
        assert (told["deflated_sharpe"] is not None) is own
    assert (found.bars, found.first) == (result["bars"], datetime.fromisoformat(result["first"]))


def test_a_period_counts_its_own_bars(trader: Path, tmp_path: Path) -> None:
    result, _ = evaluated(asked(trader, tmp_path, split="train"))
    rows = pl.read_parquet(tmp_path / "series.parquet").filter(pl.col("symbol") == "model-1")
    times, equity = rows.get_column("time").to_list(), rows.get_column("equity").to_numpy()
    wanted = AnalysisWanted(since=times[50], until=times[100])
    found = analysis(of_evaluation(tmp_path, result), wanted)
    assert (found.bars, found.first, found.last) == (50, times[50], times[99])
    returns = equity[51:100] / equity[50:99] - 1
    assert found.performance["total_return"] == pytest.approx(equity[99] / equity[50] - 1)
    assert found.performance["sharpe"] == pytest.approx(performance.sharpe(returns, result["bars_per_year"]))
    assert found.performance["final_equity"] == equity[99]
    trades = pl.read_parquet(tmp_path / "trades-model-1.parquet").filter(
        pl.col("time") >= times[50], pl.col("time") < times[99]
    )
    assert found.performance["trades"] == trades.height > 0
    assert found.performance["costs"] == pytest.approx(trades.get_column("cost").sum())
    line = found.lines["benchmark"]
    assert (line.values[0], len(line.values)) == (pytest.approx(equity[50]), 50)
    [low, lowest] = found.tails
    assert (low.level, lowest.level) == (0.95, 0.99)
    assert low.value_at_risk == found.risk["value_at_risk"]
    assert lowest.conditional_value_at_risk == risk.conditional_value_at_risk(returns, 0.01)
    assert low.parametric_conditional_value_at_risk == found.risk["parametric_conditional_value_at_risk"]


def test_exposure_and_concentration(manager: Path, tmp_path: Path) -> None:
    result, _ = evaluated(asked(manager, tmp_path, split="train"))
    found = analysis(of_evaluation(tmp_path, result), AnalysisWanted(points=5_000))
    held = pl.read_parquet(tmp_path / "positions.parquet").select(pl.col("^position.*$")).to_numpy()[:-1]
    gross = np.abs(held).sum(axis=1)
    herfindahl = (held**2).sum(axis=1)[gross > 0] / gross[gross > 0] ** 2
    assert found.exposure is not None
    assert found.concentration is not None
    assert (found.exposure.mean, found.exposure.highest) == (pytest.approx(gross.mean()), pytest.approx(gross.max()))
    assert found.concentration.mean == pytest.approx(herfindahl.mean())
    assert found.concentration.highest == pytest.approx(herfindahl.max())
    assert found.lines["concentration"].values[: len(herfindahl)] == pytest.approx(herfindahl)
    assert 1 / 3 <= found.concentration.mean <= 1


def test_a_few_points_stand_for_many(trader: Path, tmp_path: Path) -> None:
    result, _ = evaluated(asked(trader, tmp_path, split="train"))
    found = analysis(of_evaluation(tmp_path, result), AnalysisWanted(points=20))
    assert {name: len(line.values) for name, line in found.lines.items()} == dict.fromkeys(
        ("equity", "benchmark", "drawdown", "rolling_sharpe", "exposure", "concentration"), 20
    )
    assert min(found.lines["drawdown"].values) == found.risk["max_drawdown"]
    for line in found.lines.values():
        assert json.dumps(line.values, allow_nan=False)
        assert line.times == sorted(line.times)


@pytest.mark.parametrize("bars", [0, 1, 2, 3])
def test_too_few_bars_have_no_figures(trader: Path, tmp_path: Path, bars: int) -> None:
    result, _ = evaluated(asked(trader, tmp_path, split="train"))
    times = pl.read_parquet(tmp_path / "series.parquet").get_column("time").unique().sort().to_list()
    wanted = AnalysisWanted(since=times[10], until=times[10 + bars] - timedelta(seconds=1) if bars else times[10])
    if not bars:
        wanted = AnalysisWanted(since=datetime(1900, 1, 1, tzinfo=UTC), until=datetime(1900, 1, 2, tzinfo=UTC))
    found = analysis(of_evaluation(tmp_path, result), wanted)
    assert found.bars == bars
    figures = found.performance | found.risk
    if bars < 2:
        assert set(figures.values()) == {None}
        assert (found.first is None) is (bars == 0)
        assert found.exposure is None
    assert json.dumps(figures, allow_nan=False)
    assert found.drawdowns == [] or bars > 1


def test_who_lost_everything_has_figures(tmp_path: Path) -> None:
    times = [datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 7)]
    rows = {"time": times, "symbol": ["model-1"] * 6, "equity": [100.0, 110.0, 0.0, 0.0, 0.0, 0.0]}
    pl.DataFrame(rows).write_parquet(tmp_path / "series.parquet")
    account = Account(
        series=tmp_path / "series.parquet",
        positions=None,
        trades=None,
        key="model-1",
        split=None,
        per_year=252.0,
        tried=Tried(1, 0.0),
    )
    found = analysis(account, AnalysisWanted(benchmark="model-1"))
    assert found.performance["total_return"] == -1.0
    assert found.risk["max_drawdown"] == -1.0
    assert found.performance["final_equity"] == 0.0
    after = analysis(account, AnalysisWanted(benchmark="model-1", since=times[3]))
    assert (after.performance["total_return"], after.performance["sharpe"]) == (0.0, None)
    for name in ("key", "benchmark"):
        with pytest.raises(Refused) as refused:
            analysis(account if name == "benchmark" else replace(account, key="other"), AnalysisWanted())
        assert refused.value.problems[0].code is Code.UNKNOWN
