"""Whatever the task: a training ends with a model, is the same after a resume, and the model acts without foresight."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.workers.engines.embedded.engine_child import Line, numbered, request
from tests.workers.engines.embedded.trading_markets import made, written
from workers.engines.embedded import predict
from workers.engines.embedded.registry import pairs
from workers.engines.embedded.request import Request
from workers.engines.embedded.run import run
from workers.engines.embedded.voice import Voice

STEPS = 2_100
"""Enough for a checkpoint in the middle, whatever the algorithm plays at once."""
DATA: dict[str, tuple[str, dict[str, Any], int]] = {
    "algorithmic_trading": ("planted_signal", {"rows": 300, "features": 2}, 150),
    "portfolio_management": ("correlated_assets", {"rows": 300, "assets": 3}, 140),
    "order_execution": ("order_book", {"rows": 700}, 390),
    "high_frequency_trading": ("order_book", {"rows": 400}, 210),
}


def lines_of(asked: dict[str, Any]) -> list[Line]:
    out = io.StringIO()
    result = run(Request.of(asked), Voice(out))
    return [*(json.loads(line) for line in out.getvalue().splitlines()), {"result": result}]


def checksum(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.mark.parametrize(("task", "algorithm"), pairs())
def test_a_training_is_the_same_after_a_resume_and_its_model_acts(task: str, algorithm: str, tmp_path: Path) -> None:
    form, values, train = DATA[task]
    frame = made(form, **values)
    data = written(tmp_path / "data.parquet", frame)
    few = {"epochs": STEPS // train, "evaluation_interval": 1_000}
    if task == "order_execution":
        few |= {"parallel_environments": 8, "batch_size": 128}
    if algorithm == "pd":
        few |= {"teacher_epochs": 1}
    asked = request(data, tmp_path / "out", task, algorithm, config=few, checkpoint_every_s=0)
    whole = lines_of(asked)
    weights = checksum(tmp_path / "out")
    last = [place for place, line in enumerate(whole) if "checkpoint" in line][-1]
    again = lines_of(asked | {"checkpoint": whole[last]["checkpoint"]["path"], "checkpoint_every_s": 60})
    assert numbered(whole[:last]) + numbered(again) == numbered(whole)
    assert again[-1] == whole[-1]
    assert checksum(tmp_path / "out") == weights
    acts(predict.load(tmp_path / "out"), frame)


def acts(predictor: predict.Predictor, frame: pl.DataFrame) -> None:
    """On the last bars; and on all of them, without knowing the later ones."""
    times = frame.get_column("time").unique().sort()
    recent = frame.filter(pl.col("time") >= times[-predictor.bars_needed])
    decision = predictor.act(recent)
    assert decision
    assert all(isinstance(value, float) for value in decision.values())
    whole = predictor.positions(frame)
    part = predictor.positions(frame.filter(pl.col("time") <= times[200]))
    for name in part.columns[1:]:
        assert part.get_column(name).to_list() == pytest.approx(
            whole.get_column(name)[: part.height].to_list(), abs=1e-4
        )
