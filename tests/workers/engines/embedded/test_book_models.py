"""Agents of order books as models: trained, kept, and at work again on new snapshots."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.workers.engines.embedded.book_markets import frame_of
from tests.workers.engines.embedded.engine_child import request
from tests.workers.engines.embedded.trading_markets import written
from workers.engines.embedded import predict
from workers.engines.embedded.market import read_market
from workers.engines.embedded.registry import algorithm_of, task_of
from workers.engines.embedded.request import Request
from workers.engines.embedded.run import run
from workers.engines.embedded.voice import Voice

AGENTS = (("order_execution", "eteo"), ("order_execution", "pd"), ("high_frequency_trading", "ddqn"))
BOOK = {"rows": 600, "seed": 5}
_SMALL = {"lookback": 3, "hidden_layers": [16], "epochs": 4}
_CHANGES: dict[str, dict[str, Any]] = {
    "eteo": {**_SMALL, "recurrent_units": 8, "horizon": 10},
    "pd": {**_SMALL, "recurrent_units": 8, "horizon": 10, "teacher_epochs": 1},
    "ddqn": {**_SMALL, "warmup_steps": 200},
}


@pytest.fixture(scope="module", params=AGENTS, ids=lambda agent: agent[1])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _trained(tmp_path_factory.mktemp("model"), *request.param)


def _trained(folder: Path, task: str, algorithm: str) -> Path:
    data = written(folder / "data.parquet", frame_of(**BOOK))
    with (folder / "lines").open("w") as lines:
        run(Request.of(request(data, folder, task, algorithm, config=_CHANGES[algorithm])), Voice(lines))
    return folder


def test_it_does_what_it_did_in_its_evaluation(trained: Path) -> None:
    card = json.loads((trained / "card.json").read_text())
    market = read_market(trained / "data.parquet", lookback=3)
    task = task_of(card["task"])(market, card["config"])
    algorithm = algorithm_of(card["task"], card["algorithm"])
    network = algorithm.network(task, card["config"])
    network.load_state_dict(load_file(trained / "model.safetensors"))
    policy = algorithm.policy(task, card["config"], network)
    assert task.evaluate(policy, "test") == card["measures"]["test"]
    test, predictor = market.splits["test"], predict.load(trained)
    alone = frame_of(**BOOK)[test.start - predictor.bars_needed + 1 :]
    held = predictor.positions(alone).get_column("BOOK").to_list()
    assert held == pytest.approx(task.targets(policy, "test")[:, 0].tolist(), abs=1e-6)


def test_nothing_that_it_does_knows_what_comes_after(trained: Path) -> None:
    predictor, frame = predict.load(trained), frame_of(**BOOK)
    whole, part = predictor.positions(frame), predictor.positions(frame[:300])
    assert whole[: part.height].equals(part)


def test_it_decides_on_the_last_snapshot(trained: Path) -> None:
    predictor, frame = predict.load(trained), frame_of(**BOOK)
    done = predictor.act(frame[:100])
    if "share" not in done:
        assert 0 <= done["BOOK"] <= 1
        return
    assert 0 <= done["share"] <= 0.25
    assert predictor.act(frame[:100], {"left": 0.4, "step": 9}) == {"share": pytest.approx(0.4)}


def test_an_order_is_worked_off_in_each_window(tmp_path: Path) -> None:
    predictor = predict.load(_trained(tmp_path, "order_execution", "eteo"))
    shares = predictor.positions(frame_of(**BOOK)).get_column("BOOK").to_list()
    whole = [sum(shares[begin : begin + 10]) for begin in range(0, len(shares) - 9, 10)]
    assert whole == pytest.approx([1.0] * len(whole))
