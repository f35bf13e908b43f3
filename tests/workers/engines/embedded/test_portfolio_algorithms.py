"""Every algorithm for portfolios: the same seed gives the same run, in whatever pieces, killed and resumed or not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch

from domain.catalogue import TaskType, algorithms
from tests.workers.engines.embedded.portfolio_markets import config, planted
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.registry import algorithm_of
from workers.engines.embedded.shapes import Learner

NAMES = [algorithm.name.value for algorithm in algorithms(TaskType.PORTFOLIO_MANAGEMENT)]
SMALL: dict[str, Any] = {
    "rollout_length": 5,
    "parallel_environments": 8,
    "batch_size": 16,
    "warmup_steps": 100,
    "hidden_layers": (8,),
    "filters": (4, 4),
    "predictor_units": 4,
    "predictor_epochs": 1,
    "lookback": 3,
    "kernel_size": 2,
}


def learner_of(name: str, seed: int = 1, **changes: Any) -> Learner:
    defaults = config(name)
    small = defaults | {key: value for key, value in (SMALL | changes).items() if key in defaults}
    task = PortfolioTask(planted(bars=200, assets=4), small)
    return algorithm_of("portfolio_management", name).learner(task, small, seed)


def leaves(state: Any) -> list[Any]:
    """All numbers and tensors of a state, in order."""
    if isinstance(state, dict):
        return [leaf for key in sorted(state) for leaf in leaves(state[key])]
    return [leaf for each in state for leaf in leaves(each)] if isinstance(state, list) else [state]


def same(ours: Any, theirs: Any) -> bool:
    pairs = zip(leaves(ours), leaves(theirs), strict=True)
    return all(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in pairs)


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_run_goes_on_as_if_nothing_had_happened(name: str) -> None:
    straight, killed = learner_of(name), learner_of(name)
    assert straight.learn(400) == killed.learn(400)
    kept = deepcopy(killed.state())
    resumed = learner_of(name, seed=2)
    resumed.restore(kept)
    assert resumed.steps == straight.steps
    assert resumed.learn(800) == straight.learn(800)
    assert same(resumed.state(), straight.state())
    assert not same(kept, straight.state())


@pytest.mark.parametrize("name", NAMES)
def test_pieces_make_no_difference(name: str) -> None:
    pieces, whole = learner_of(name), learner_of(name)
    for until in (80, 240, 400):
        pieces.learn(until)
    whole.learn(400)
    assert same(pieces.state(), whole.state())


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_is_another_run(name: str) -> None:
    assert not same(learner_of(name).network.state_dict(), learner_of(name, seed=2).network.state_dict())


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_every_algorithm_learns_with_and_without_short_positions(name: str, short: bool) -> None:
    learner = learner_of(name, allow_short=short, max_position=0.4)
    before = deepcopy(learner.network.state_dict())
    means = learner.learn(400)
    assert not same(before, learner.network.state_dict())
    assert "reward" in means
    defaults = config(name, allow_short=short, max_position=0.4, lookback=3)
    task = PortfolioTask(planted(bars=200, assets=4), defaults)
    weights = task.targets(learner.policy, "valid")
    assert bool(weights.isfinite().all())
    assert weights.abs().max() <= 0.4 + 1e-6
    assert weights.abs().sum(-1).max() <= 1 + 1e-5
    assert short or bool((weights >= 0).all())


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_network_acts_as_the_one_that_learned(name: str) -> None:
    learner = learner_of(name)
    learner.learn(400)
    small = config(name) | {key: value for key, value in SMALL.items() if key in config(name)}
    task = PortfolioTask(planted(bars=200, assets=4), small)
    module = algorithm_of("portfolio_management", name)
    network = module.network(task, small).eval()
    network.load_state_dict(learner.network.state_dict())
    ours, theirs = task.targets(learner.policy, "test"), task.targets(module.policy(task, small, network), "test")
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("name", NAMES)
def test_assets_without_prices_are_never_held(name: str) -> None:
    market = planted(bars=200, assets=4)
    market.prices["close"][60:150, 2] = torch.nan
    defaults = config(name)
    small = defaults | {key: value for key, value in SMALL.items() if key in defaults}
    task = PortfolioTask(market, small)
    learner = algorithm_of("portfolio_management", name).learner(task, small, 1)
    learner.learn(400)
    weights = task.targets(learner.policy, "valid")
    missing = ~task.tradable[[*task.places("valid"), task.places("valid").stop]]
    assert bool((weights[missing] == 0).all())
    assert bool(weights.isfinite().all())
