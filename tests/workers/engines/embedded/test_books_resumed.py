"""Training on order books: equal seeds give equal agents, however often the training was stopped and resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.workers.engines.embedded.book_markets import config, generated
from workers.engines.embedded import checkpoint
from workers.engines.embedded.registry import algorithm_of, symbols_of, task_of

LEARNERS = (("order_execution", "eteo"), ("order_execution", "pd"), ("high_frequency_trading", "ddqn"))
_QUICK = {
    "hidden_layers": (16,),
    "recurrent_units": 8,
    "rollout_length": 16,
    "teacher_epochs": 1,
    "warmup_steps": 500,
    "n_step": 2,
    "episode_length": 50,
    "dueling": True,
}


def fresh(task: str, algorithm: str, seed: int = 1) -> Any:
    plain = config(task, algorithm)
    settings = plain | {name: value for name, value in _QUICK.items() if name in plain}
    market = generated(rows=600, lookback=settings["lookback"])
    assert symbols_of(task) == "one"
    made_task = task_of(task)(market, settings)
    return algorithm_of(task, algorithm).learner(made_task, settings, seed)


def assert_equal(one: Any, other: Any) -> None:
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name, value in one.items():
            assert_equal(value, other[name])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for each, its in zip(one, other, strict=True):
            assert_equal(each, its)
    else:
        assert one == other


@pytest.mark.parametrize(("task", "algorithm"), LEARNERS)
def test_small_pieces_learn_what_one_large_piece_does(task: str, algorithm: str) -> None:
    whole, pieces = fresh(task, algorithm), fresh(task, algorithm)
    whole.learn(3_072)
    for until in (1_024, 2_048, 3_072):
        pieces.learn(until)
    assert whole.steps == 3_072
    assert_equal(whole.state(), pieces.state())


@pytest.mark.parametrize(("task", "algorithm"), LEARNERS)
def test_a_resumed_training_ends_as_an_undisturbed_one(task: str, algorithm: str, tmp_path: Path) -> None:
    whole, first, second = fresh(task, algorithm), fresh(task, algorithm), fresh(task, algorithm, seed=2)
    first.learn(2_048)
    checkpoint.save(first.state(), tmp_path / "half")
    second.restore(checkpoint.load(tmp_path / "half"))
    ends = [learner.learn(4_096) for learner in (whole, second)]
    assert set(ends[0]) == set(ends[1])
    assert_equal(whole.state(), second.state())


@pytest.mark.parametrize(("task", "algorithm"), LEARNERS)
def test_another_seed_is_another_agent(task: str, algorithm: str) -> None:
    one, other = fresh(task, algorithm, 1).network.state_dict(), fresh(task, algorithm, 2).network.state_dict()
    assert any(not torch.equal(one[name], other[name]) for name in one)
