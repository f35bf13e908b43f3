"""A trained model at work: what it does is what it did in its evaluation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from domain.datasets.columns import SPLIT
from tests.workers.engines.embedded.engine_child import request
from tests.workers.engines.embedded.trading_markets import config, made, written
from workers.engines.embedded import predict
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.evaluation.measures import trading_measures
from workers.engines.embedded.market import read_market
from workers.engines.embedded.request import Request
from workers.engines.embedded.run import run
from workers.engines.embedded.shapes import BadInput
from workers.engines.embedded.voice import Voice

LOOKBACK = 3
CHANGES: dict[str, Any] = {"epochs": 10, "lookback": LOOKBACK, "evaluation_interval": 500, "hidden_layers": [16]}


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return made("planted_signal", rows=500, features=3)


@pytest.fixture(scope="module")
def trained(frame: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    data = written(folder / "data.parquet", frame)
    with (folder / "lines").open("w") as lines:
        run(Request.of(request(data, folder, config=CHANGES)), Voice(lines))
    return folder


def test_it_holds_what_it_held_in_its_evaluation(frame: pl.DataFrame, trained: Path) -> None:
    market = read_market(trained / "data.parquet", lookback=LOOKBACK)
    test = market.splits["test"]
    predictor = predict.load(trained)
    alone = frame[test.start - predictor.bars_needed + 1 :]
    held = predictor.positions(alone)
    assert held.height == len(test)
    task = TradingTask(market, config(**CHANGES))
    wanted = torch.tensor(held.get_column("PLANTED").to_list()[:-1], dtype=torch.float64)
    card = json.loads((trained / "card.json").read_text())
    assert trading_measures(task._earned("test", wanted), market.bars_per_year) == card["measures"]["test"]


def test_no_position_knows_what_comes_after_it(frame: pl.DataFrame, trained: Path) -> None:
    predictor = predict.load(trained)
    whole, part = predictor.positions(frame), predictor.positions(frame[:300])
    assert whole[: part.height].equals(part)
    assert whole.get_column("time")[-1] == frame.get_column("time")[-1]


def test_acting_bar_by_bar_is_what_is_held(frame: pl.DataFrame, trained: Path) -> None:
    predictor = predict.load(trained)
    held = predictor.positions(frame[: predictor.bars_needed + 20]).get_column("PLANTED").to_list()
    acted, situation = [], {}
    for last in range(predictor.bars_needed, predictor.bars_needed + 21):
        situation = predictor.act(frame[last - predictor.bars_needed : last], situation)
        acted.append(situation["PLANTED"])
    assert acted == held


def test_columns_that_mean_nothing_to_it_are_left_out(frame: pl.DataFrame, trained: Path) -> None:
    predictor = predict.load(trained)
    more = frame.with_columns(pl.lit("test").alias(SPLIT), pl.lit(1.0).alias("mood"), pl.lit("x").alias("remark"))
    assert predictor.positions(more).equals(predictor.positions(frame))


def test_what_it_cannot_work_with_is_told(frame: pl.DataFrame, trained: Path) -> None:
    predictor = predict.load(trained)
    assert predictor.bars_needed == LOOKBACK + 20
    with pytest.raises(BadInput, match="at least 23 bars"):
        predictor.act(frame[:22])
    with pytest.raises(BadInput, match="feature_1"):
        predictor.act(frame.drop("feature_1"))


def test_a_model_that_was_changed_is_refused(trained: Path, tmp_path: Path) -> None:
    for name in ("card.json", "model.safetensors"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    weights = bytearray((tmp_path / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(weights)
    with pytest.raises(BadInput) as caught:
        predict.load(tmp_path)
    assert caught.value.code == "BAD_MODEL"
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(BadInput):
        predict.load(tmp_path)
