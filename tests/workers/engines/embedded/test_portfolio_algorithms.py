"""Every algorithm for portfolios keeps to the limits of its account, and holds nothing that has no price."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch

from domain.catalogue import TaskType, algorithms
from tests.workers.engines.embedded.portfolio_markets import planted
from tests.workers.engines.embedded.small import small_config
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.registry import algorithm_of

TASK = "portfolio_management"
NAMES = [algorithm.name.value for algorithm in algorithms(TaskType.PORTFOLIO_MANAGEMENT)]


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_it_learns_within_its_limits_where_an_asset_is_away_for_a_while(name: str, *, short: bool) -> None:
    market = planted(bars=200, assets=4)
    market.quoted[60:150, 2] = False
    config = small_config(TASK, name, allow_short=short, max_position=0.4)
    task = PortfolioTask(market, config)
    learner = algorithm_of(TASK, name).learner(task, config, 1)
    before = deepcopy(learner.network.state_dict())
    assert "reward" in learner.learn(400)
    assert any(not torch.equal(value, before[layer]) for layer, value in learner.network.state_dict().items())
    weights = task.targets(learner.policy, "valid")
    assert bool(weights.isfinite().all())
    assert weights.abs().max() <= 0.4 + 1e-6
    assert weights.abs().sum(-1).max() <= 1 + 1e-5
    assert short or bool((weights >= 0).all())
    away = ~task.tradable[[*task.places("valid"), task.places("valid").stop]]
    assert bool(away.any())
    assert bool((weights[away] == 0).all())
