"""Models that trade on an order book, really trained: they earn what their training said, through the book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from domain.analysis.backtest import backtest
from domain.analysis.names import Scenario
from domain.analysis.setup import Drift, Setup
from tests.workers.engines.embedded.trading_markets import written
from tests.workers.evaluations.trained import (
    a_manager,
    a_scalper,
    a_trader_beside,
    asked,
    card_of,
    evaluated,
)
from workers.engines.embedded.predict import load
from workers.engines.embedded.shapes import BadInput
from workers.evaluations.high_frequency import fitting_field
from workers.evaluations.request import Request

SAME = ("total_return", "annual_return", "volatility", "sharpe", "sortino", "turnover", "exposure", "max_drawdown")


@pytest.fixture(scope="module")
def scalper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So much money that it goes several levels down, and fees besides."""
    return a_scalper(tmp_path_factory.mktemp("scalper"), initial_capital=60_000.0, transaction_cost=0.0001)


def own(scalper: Path, out: Path, **more: Any) -> dict[str, Any]:
    capital = {"start_capital": card_of(scalper)["config"]["initial_capital"]}
    return asked(scalper, out, setup=capital | more.pop("setup", {}), **more)


def agree(entry: dict[str, Any], theirs: dict[str, float]) -> None:
    found = entry["performance"] | entry["risk"]
    mine = {name: found[name] or 0.0 for name in SAME}
    assert mine == pytest.approx({name: theirs[name] for name in SAME}, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_on_its_own_data_it_earns_what_its_training_said(scalper: Path, tmp_path: Path, split: str) -> None:
    result, said = evaluated(own(scalper, tmp_path, split=split))
    card, (mine, held, *_) = card_of(scalper), result["entries"]
    agree(mine, card["measures"][split])
    agree(held, card["baselines"][split]["buy_and_hold"])
    assert card["measures"]["train"]["turnover"] > 1
    assert result["entries"][0]["look"]["leak"] is None
    assert any("decisions stay the same" in line["log"]["message"] for line in said if "log" in line)


def test_more_money_goes_deeper_into_the_book(scalper: Path, tmp_path: Path) -> None:
    small, _ = evaluated(own(scalper, tmp_path / "small", split="train", setup={"start_capital": 1_000.0}))
    large, _ = evaluated(own(scalper, tmp_path / "large", split="train", setup={"start_capital": 1e6}))
    shares = [each["entries"][0]["performance"]["costs"] / of for each, of in ((small, 1e3), (large, 1e6))]
    assert shares[1] > shares[0]
    trades = pl.read_parquet(tmp_path / "large" / "trades-model-1.parquet")
    assert trades.get_column("cost").sum() == pytest.approx(large["entries"][0]["performance"]["costs"])


def test_under_stress_the_book_is_another(scalper: Path, tmp_path: Path) -> None:
    stress = [{"scenario": name, "strength": size, "runs": 1} for name, size in (("costs", 3.0), ("drought", 5.0))]
    stress += [
        {"scenario": each.value, "strength": 2.0, "runs": 1} for each in (Scenario.VOLATILITY, Scenario.BOOTSTRAP)
    ]
    result, _ = evaluated(own(scalper, tmp_path, split="train", stress=stress))
    plain = {each["key"]: each["performance"] for each in result["entries"]}
    under = [{one["key"]: one["outcomes"][0] for one in each["entries"]} for each in result["scenarios"]]
    assert under[0]["random"]["costs"] > 2.5 * plain["random"]["costs"]
    assert under[1]["random"]["costs"] > plain["random"]["costs"]
    assert under[2]["buy_and_hold"]["volatility"] == pytest.approx(2 * plain["buy_and_hold"]["volatility"], rel=0.05)
    assert np.isfinite(under[3]["model-1"]["total_return"])


def test_the_same_again_gives_the_same_bytes(scalper: Path, tmp_path: Path) -> None:
    one, _ = evaluated(own(scalper, tmp_path / "one", setup={"latency_bars": 1}))
    other, _ = evaluated(own(scalper, tmp_path / "other", setup={"latency_bars": 1}))
    assert one == other
    for name in one["files"].values():
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_what_trades_bars_trades_on_the_book_when_beside(scalper: Path, tmp_path: Path) -> None:
    (tmp_path / "trader").mkdir()
    trader = a_trader_beside(scalper, tmp_path / "trader", symbol=None)
    models = [{"key": f"model-{place}", "name": "M", "folder": str(of)} for place, of in ((1, scalper), (2, trader))]
    result, _ = evaluated(own(scalper, tmp_path / "out", models=models, compare=True))
    assert [each["key"] for each in result["entries"]][:2] == ["model-1", "model-2"]
    alone, _ = evaluated(own(scalper, tmp_path / "alone"))
    assert result["entries"][2]["performance"] == alone["entries"][1]["performance"]


def test_what_it_costs_by_hand(scalper: Path, tmp_path: Path) -> None:
    """From all to nothing and back, against the levels of the book as they stand in the data."""
    field = fitting_field(Request.of(own(scalper, tmp_path, split="train")), [load(scalper)])
    data = pl.read_parquet(scalper / "data.parquet")[field.first : field.first + 3]
    setup = Setup(transaction_cost=0.0001, start_capital=60_000.0, drift=Drift.GROSS)
    wanted = np.array([[1.0], [0.0], [0.0]])
    run = backtest(field.times[:3], field.prices[:3], wanted, setup, spread=field.spread)
    paid = []
    for bar, side in ((0, "ask"), (1, "bid")):
        row = data.row(bar, named=True)
        middle = (row["bid_price_1"] + row["ask_price_1"]) / 2
        left, value = 60_000.0 / middle, 0.0
        whole = left
        for level in range(1, 6):
            taken = min(left, row[f"{side}_size_{level}"])
            value, left = value + taken * row[f"{side}_price_{level}"], left - taken
        assert left == 0.0
        paid.append(abs(value / whole - middle) / middle + 0.0001)
    # The engine keeps prices in single precision.
    np.testing.assert_allclose(run.rates, paid, rtol=0.0, atol=1e-7)


def test_what_a_person_has_to_mend(scalper: Path, tmp_path: Path) -> None:
    bars = pl.read_parquet(scalper / "data.parquet")
    bare = written(tmp_path / "bars.parquet", bars.drop([name for name in bars.columns if name.startswith("bid_")]))
    with pytest.raises(BadInput) as book:
        evaluated(own(scalper, tmp_path / "out", split=None, data=str(bare)))
    assert book.value.code == "NO_ORDER_BOOK"
    (tmp_path / "manager").mkdir()
    manager = a_manager(tmp_path / "manager")
    models = [{"key": f"model-{place}", "name": "M", "folder": str(of)} for place, of in ((1, manager), (2, scalper))]
    with pytest.raises(BadInput) as many:
        evaluated(asked(manager, tmp_path / "many", split=None, models=models))
    assert many.value.code == "MANY_SYMBOLS"


def test_a_spread_needs_trades_that_do_not_hang_on_it() -> None:
    prices = np.ones((3, 1))
    times = np.arange(3).astype("datetime64[s]")
    with pytest.raises(ValueError, match="must not depend"):
        backtest(times, prices, prices, Setup(), spread=lambda changes: changes[:, 0])
