"""Evaluations of models that were really trained: their figures are those of their training, and repeat to the byte."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from domain.analysis.names import USUAL, Scenario
from domain.analysis.rolling import rolling_sharpe
from tests.workers.evaluations.trained import a_manager, a_trader, a_trader_beside, asked, card_of, evaluated
from workers.engines.embedded.shapes import BadInput

OTHERS = {"S0": "T0", "S1": "T1", "S2": "T2"}
SAME = ("total_return", "annual_return", "volatility", "sharpe", "sortino", "turnover", "exposure", "max_drawdown")


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_trader(tmp_path_factory.mktemp("trader"))


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_manager(tmp_path_factory.mktemp("manager"))


def figures(entry: dict[str, Any]) -> dict[str, float]:
    """What the engine has no word for is 0 there."""
    found = entry["performance"] | entry["risk"]
    return {name: found[name] or 0.0 for name in SAME}


def agree(mine: dict[str, float], theirs: dict[str, float], tolerance: float) -> None:
    assert mine == pytest.approx({name: theirs[name] for name in SAME}, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_a_trader_on_its_own_data_earns_what_its_training_said(trader: Path, tmp_path: Path, split: str) -> None:
    result, _ = evaluated(asked(trader, tmp_path, split=split))
    card = card_of(trader)
    mine, held, *_ = result["entries"]
    assert (mine["key"], held["key"]) == ("model-1", "buy_and_hold")
    agree(figures(mine), card["measures"][split], 1e-9)
    agree(figures(held), card["baselines"][split]["buy_and_hold"], 1e-9)
    assert card["measures"]["train"]["turnover"] > 1


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_portfolio_on_its_own_data_earns_what_its_training_said(manager: Path, tmp_path: Path, split: str) -> None:
    """The engine counts in single precision there."""
    result, _ = evaluated(asked(manager, tmp_path, split=split))
    card = card_of(manager)
    entries = {each["key"]: each for each in result["entries"]}
    agree(figures(entries["model-1"]), card["measures"][split], 2e-4)
    agree(figures(entries["equal_weight"]), card["baselines"][split]["equal_weight"], 2e-4)
    agree(figures(entries["buy_and_hold"]), card["baselines"][split]["buy_and_hold"], 2e-4)


def test_the_same_again_gives_the_same_bytes(trader: Path, tmp_path: Path) -> None:
    stress = [{"scenario": "bootstrap", "strength": 10.0, "runs": 2}]
    one, said = evaluated(asked(trader, tmp_path / "one", stress=stress, compare=True))
    other, again = evaluated(asked(trader, tmp_path / "other", stress=stress, compare=True))
    assert one == other
    assert [line for line in said if "n" in line] == [line for line in again if "n" in line]
    for name in one["files"].values():
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_files(trader: Path, tmp_path: Path) -> None:
    result, _ = evaluated(asked(trader, tmp_path, split="train"))
    assert sorted(result["files"]) == ["positions", "prices", "series", "trades-model-1"]
    series = pl.read_parquet(tmp_path / "series.parquet")
    assert series.height == 5 * result["bars"]
    mine = series.filter(pl.col("symbol") == "model-1")
    assert mine.get_column("equity")[0] == 100_000.0
    assert mine.get_column("equity")[-1] == result["entries"][0]["performance"]["final_equity"]
    assert mine.get_column("drawdown").min() == result["entries"][0]["risk"]["max_drawdown"]
    equity = mine.get_column("equity").to_numpy()
    rolling = rolling_sharpe(equity[1:] / equity[:-1] - 1, 60, result["bars_per_year"])
    shown = mine.get_column("rolling_sharpe").fill_null(float("nan")).to_numpy()[1:]
    np.testing.assert_allclose(shown, rolling, rtol=1e-6, atol=1e-6)
    trades = pl.read_parquet(tmp_path / "trades-model-1.parquet")
    assert trades.height == result["entries"][0]["performance"]["trades"]
    assert trades.get_column("cost").sum() == pytest.approx(result["entries"][0]["performance"]["costs"])
    prices = pl.read_parquet(tmp_path / "prices.parquet")
    assert prices.columns == ["time", "symbol", "price"]
    assert prices.height == result["bars"]
    traded = trades.join(prices, on=("time", "symbol"), validate="m:1")
    assert traded.height == trades.height
    assert traded.get_column("price").equals(traded.get_column("price_right"), check_names=False)


def test_how_often_which_return_came(trader: Path, tmp_path: Path) -> None:
    result, _ = evaluated(asked(trader, tmp_path, split="train"))
    found = [each["distribution"] for each in result["entries"]]
    assert [sum(each["counts"]) for each in found] == [result["bars"] - 1] * 5
    assert len({tuple(each["edges"]) for each in found}) == 1
    held = pl.read_parquet(tmp_path / "series.parquet").filter(pl.col("symbol") == "buy_and_hold")
    returns = held.get_column("equity").pct_change().drop_nulls().to_numpy()
    low, high = found[1]["edges"][19], found[1]["edges"][20]
    assert found[1]["counts"][19] == int(((returns >= low) & (returns < high)).sum())


def test_all_scenarios(trader: Path, tmp_path: Path) -> None:
    stress = [{"scenario": each.value, "strength": USUAL[each], "runs": 1} for each in Scenario]
    result, said = evaluated(asked(trader, tmp_path, split="train", stress=stress))
    assert [each["scenario"] for each in result["scenarios"]] == [each.value for each in Scenario]
    plain = {each["key"]: each["performance"] for each in result["entries"]}
    under = {
        each["scenario"]: {one["key"]: one["outcomes"][0] for one in each["entries"]} for each in result["scenarios"]
    }
    assert under["costs"]["model-1"]["costs"] > 2 * plain["model-1"]["costs"]
    assert under["crash"]["buy_and_hold"]["total_return"] == pytest.approx(
        0.7 * (1 + plain["buy_and_hold"]["total_return"]) - 1, abs=0.01
    )
    assert under["volatility"]["buy_and_hold"]["volatility"] == pytest.approx(
        2 * plain["buy_and_hold"]["volatility"], rel=0.02
    )
    assert [line["progress"]["share"] for line in said if "progress" in line][-1] <= 1.0


def test_a_period_costs_and_latency(trader: Path, tmp_path: Path) -> None:
    period = {"split": None, "since": "2021-01-01T00:00:00+00:00", "until": "2021-03-01T00:00:00+00:00"}
    dear = {"transaction_cost": 0.01, "slippage": 0.0, "latency_bars": 1, "max_position": 0.5}
    result, _ = evaluated(asked(trader, tmp_path, **period, setup=dear))
    assert result["first"].startswith("2021-01-01")
    assert datetime.fromisoformat(result["last"]) < datetime(2021, 3, 1, tzinfo=UTC)
    held = pl.read_parquet(tmp_path / "positions.parquet").get_column("position.PLANTED")
    assert held.abs().max() <= 0.5
    assert held[0] == 0.0


def test_models_beside_each_other(trader: Path, tmp_path: Path) -> None:
    models = [{"key": f"model-{place}", "name": f"M{place}", "folder": str(trader)} for place in (1, 2)]
    result, said = evaluated(asked(trader, tmp_path, models=models, compare=True))
    keys = ["model-1", "model-2", "buy_and_hold", "equal_weight", "random", "flat"]
    assert [each["key"] for each in result["entries"]] == keys
    assert sorted(result["comparison"]["ranking"]) == sorted(keys)
    assert result["comparison"]["winner"] is None
    assert len(result["comparison"]["differences"]) == 15
    assert any("future is cut off" in line["log"]["message"] for line in said if "log" in line)


def test_a_symbol_that_begins_late(tmp_path: Path) -> None:
    """With the future cut off before it begins, the model still has a place for it."""
    result, _ = evaluated(asked(a_manager(tmp_path, last=25), tmp_path / "out"))
    assert result["entries"][0]["look"] == {"places": 3, "leak": None, "suspicious": False}


def test_one_who_trades_one_symbol_beside_one_who_trades_all(manager: Path, tmp_path: Path) -> None:
    (tmp_path / "trader").mkdir()
    trader = a_trader_beside(manager, tmp_path / "trader")
    models = [{"key": f"model-{place}", "name": "M", "folder": str(of)} for place, of in ((1, manager), (2, trader))]
    result, _ = evaluated(asked(manager, tmp_path / "own", models=models, compare=True))
    assert result["symbols"] == ["S0", "S1", "S2"]
    held = pl.read_parquet(tmp_path / "own" / "positions.parquet").filter(pl.col("symbol") == "model-2")
    assert held.select("position.S0", "position.S2").sum().row(0) == (0.0, 0.0)
    told = {"symbol": "S2", "split": "train"}
    evaluated(asked(manager, tmp_path / "told", models=models, **told))
    other = pl.read_parquet(tmp_path / "told" / "positions.parquet").filter(pl.col("symbol") == "model-2")
    assert other.select("position.S0", "position.S1").sum().row(0) == (0.0, 0.0)


def test_what_a_person_has_to_mend(trader: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as other:
        evaluated(asked(trader, tmp_path, data_sha256="0" * 64))
    assert other.value.code == "OTHER_DATA"
    with pytest.raises(BadInput) as few:
        evaluated(asked(trader, tmp_path, split=None, since="2031-01-01T00:00:00+00:00"))
    assert few.value.code == "TOO_FEW_ROWS"
    with pytest.raises(BadInput) as early:
        evaluated(asked(trader, tmp_path, split=None, until="1990-01-01T00:00:00+00:00"))
    assert early.value.message == (
        "The period has 0 bars that the models can act at; it takes at least 10. Choose a longer one: a model needs "
        "22 bars before its first decision."
    )
    with pytest.raises(BadInput) as symbol:
        evaluated(asked(trader, tmp_path, symbol="ZZZ"))
    assert (symbol.value.code, symbol.value.message) == (
        "UNKNOWN_SYMBOL",
        'The data has no symbol "ZZZ". Choose one of: PLANTED.',
    )


def test_a_portfolio_wants_the_symbols_that_it_was_trained_on(manager: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(manager / "data.parquet")
    others, some = (frame.with_columns(pl.col("symbol").replace(names)) for names in (OTHERS, {"S2": "T2"}))
    for data, told in (
        (others, "The agent was trained on S0, S1, S2, and the data has none of them. Choose data that has all."),
        (some, "The agent was trained on 3 symbols, and the data has 2 of them. Choose data that has all."),
    ):
        data.write_parquet(tmp_path / "data.parquet")
        with pytest.raises(BadInput) as wrong:
            evaluated(asked(manager, tmp_path / "out", split=None, data=str(tmp_path / "data.parquet")))
        assert (wrong.value.code, wrong.value.message) == ("WRONG_SYMBOLS", told)
