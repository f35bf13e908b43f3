"""Every algorithm: equal seeds give equal agents, in whatever pieces, stopped and resumed or not, on any device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.workers.engines.embedded.small import small_config, small_learner, small_task
from workers.engines.embedded import checkpoint
from workers.engines.embedded.registry import algorithm_of, pairs
from workers.engines.embedded.shapes import SPLITS, Prepares

HALF, WHOLE = 400, 800
"""Multiples of what each of them plays at once."""


def leaves(state: Any) -> list[Any]:
    """All numbers and tensors of a state, in order."""
    if isinstance(state, dict):
        return [leaf for key in sorted(state) for leaf in leaves(state[key])]
    return [leaf for each in state for leaf in leaves(each)] if isinstance(state, list | tuple) else [state]


def same(ours: Any, theirs: Any) -> bool:
    both = zip(leaves(ours), leaves(theirs), strict=True)
    return all(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in both)


@pytest.mark.parametrize(("task", "algorithm"), pairs())
def test_neither_pieces_nor_a_resume_make_a_difference(task: str, algorithm: str, tmp_path: Path) -> None:
    whole, pieces, resumed = (small_learner(task, algorithm, seed) for seed in (1, 1, 2))
    assert not same(whole.network.state_dict(), resumed.network.state_dict())
    whole.learn(HALF)
    for until in (80, 240, HALF):
        pieces.learn(until)
    assert same(pieces.state(), whole.state())
    checkpoint.save(whole.state(), tmp_path / "state")
    resumed.restore(checkpoint.load(tmp_path / "state"))
    assert resumed.steps == whole.steps
    assert resumed.learn(WHOLE) == whole.learn(WHOLE)
    assert same(resumed.state(), whole.state())
    assert not same(checkpoint.load(tmp_path / "state"), whole.state())


def test_rewards_of_several_steps_are_remembered_too(tmp_path: Path) -> None:
    whole, resumed = (small_learner("algorithmic_trading", "dqn", seed, n_step=3) for seed in (1, 2))
    whole.learn(HALF)
    checkpoint.save(whole.state(), tmp_path / "state")
    resumed.restore(checkpoint.load(tmp_path / "state"))
    assert resumed.learn(WHOLE) == whole.learn(WHOLE)


@pytest.mark.parametrize(
    ("task", "algorithm"),
    [("order_execution", "pd"), ("portfolio_management", "sarl"), ("high_frequency_trading", "ddqn")],
)
def test_what_comes_before_the_first_step_can_be_stopped_and_resumed(
    task: str, algorithm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.engines.embedded.algorithms.pd._PIECE", 500)
    monkeypatch.setattr("workers.engines.embedded.algorithms.high_frequency_ddqn._AT_ONCE", 20_000)
    straight, stopped, resumed = (small_learner(task, algorithm, seed) for seed in (1, 1, 2))
    assert isinstance(stopped, Prepares)
    assert isinstance(resumed, Prepares)
    assert stopped.prepared == 0
    stopped.prepare()
    assert 0 < stopped.prepared < 1
    checkpoint.save(stopped.state(), tmp_path / "state")
    resumed.restore(checkpoint.load(tmp_path / "state"))
    assert resumed.prepared == stopped.prepared
    while resumed.prepared < 1:
        resumed.prepare()
    assert resumed.steps == 0
    assert straight.learn(HALF) == resumed.learn(HALF)
    assert same(straight.state(), resumed.state())


@pytest.mark.parametrize(("task", "algorithm"), pairs())
def test_whatever_is_made_is_made_on_the_device_of_the_market(task: str, algorithm: str) -> None:
    """Where nothing is said, tensors here land on a device without memory, which mixes with no other."""
    learner, work = small_learner(task, algorithm), small_task(task, algorithm)
    with torch.device("meta"):
        learner.learn(HALF)
        for split in SPLITS:
            work.evaluate(learner.policy, split)
            work.baselines(split)
        work.targets(learner.policy, "test")
        work.decide(learner.policy, 150, {})


@pytest.mark.parametrize(("task", "algorithm"), pairs())
def test_a_saved_network_acts_as_the_one_that_learned(task: str, algorithm: str) -> None:
    learner, work, wanted = small_learner(task, algorithm), small_task(task, algorithm), small_config(task, algorithm)
    learner.learn(HALF)
    module = algorithm_of(task, algorithm)
    network = module.network(work, wanted).eval()
    network.load_state_dict(learner.network.state_dict())
    ours, theirs = work.targets(learner.policy, "test"), work.targets(module.policy(work, wanted, network), "test")
    assert torch.equal(ours, theirs)
