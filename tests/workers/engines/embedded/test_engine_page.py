"""The page about the engine: the algorithm that it shows is one, whole as it stands there."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import workers
from domain.catalogue import complete
from tests.workers.engines.embedded.engine_child import request
from tests.workers.engines.embedded.trading_markets import made, written
from workers.engines.embedded import predict, registry
from workers.engines.embedded.request import Request
from workers.engines.embedded.run import run
from workers.engines.embedded.voice import Voice

PAGE = Path(workers.__file__).parents[1] / "docs" / "engine.md"
TASK, NAME = "algorithmic_trading", "hill_climber"


@pytest.fixture
def _shown(monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    module = ModuleType(f"workers.engines.embedded.algorithms.{NAME}")
    exec(source, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(registry._ALGORITHMS, (TASK, NAME), NAME)


@pytest.mark.usefixtures("_shown")
def test_the_algorithm_on_the_page_learns_and_goes_on_after_a_break(tmp_path: Path) -> None:
    frame = made("planted_signal", rows=600, features=2, sharpe=10.0)
    config = complete(TASK, "dqn", {"epochs": 40, "hidden_layers": [8]})
    asked = request(written(tmp_path / "data.parquet", frame), tmp_path / "out") | {"algorithm": NAME, "config": config}
    whole = run(Request.of(asked | {"checkpoint_every_s": 0}), Voice(said := io.StringIO()))
    assert whole["measures"]["train"]["sharpe"] > whole["baselines"]["train"]["random"]["sharpe"] + 1
    assert whole["files"]["onnx"] == "model.onnx"
    last = [line for line in map(json.loads, said.getvalue().splitlines()) if "checkpoint" in line][-1]
    assert run(Request.of(asked | {"checkpoint": last["checkpoint"]["path"]}), Voice(io.StringIO())) == whole
    assert set(predict.load(tmp_path / "out").act(frame[-30:])) == {"PLANTED"}
