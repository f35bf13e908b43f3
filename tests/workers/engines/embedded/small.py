"""Small learners of every kind: quick, and in nothing else different from those of a full training."""

from __future__ import annotations

from typing import Any

from domain.catalogue import complete, find
from tests.workers.engines.embedded import book_markets, portfolio_markets, trading_markets
from workers.engines.embedded.market import Market
from workers.engines.embedded.registry import algorithm_of, task_of
from workers.engines.embedded.shapes import Learner, Task

_SMALL: dict[str, Any] = {
    "lookback": 3,
    "hidden_layers": [8],
    "filters": [4, 4],
    "kernel_size": 2,
    "recurrent_units": 8,
    "predictor_units": 4,
    "predictor_epochs": 2,
    "teacher_epochs": 3,
    "parallel_environments": 8,
    "rollout_length": 5,
    "batch_size": 16,
    "warmup_steps": 100,
    "episode_length": 50,
    "horizon": 10,
}


def config(task: str, algorithm: str, **changes: Any) -> dict[str, Any]:
    """The defaults, with those of these changes that the algorithm knows."""
    known = {parameter.name for parameter in find(task, algorithm).parameters}
    return dict(complete(task, algorithm, {name: value for name, value in changes.items() if name in known}))


def small_config(task: str, algorithm: str, **changes: Any) -> dict[str, Any]:
    return config(task, algorithm, **{**_SMALL, **changes})


def market_for(task: str, lookback: int) -> Market:
    if task == "algorithmic_trading":
        return trading_markets.market("planted_signal", lookback=lookback, rows=400, features=3)
    if task == "portfolio_management":
        return portfolio_markets.planted(bars=200, assets=4)
    return book_markets.generated(rows=600, lookback=lookback)


def small_task(task: str, algorithm: str, **changes: Any) -> Task:
    wanted = small_config(task, algorithm, **changes)
    return task_of(task)(market_for(task, wanted["lookback"]), wanted)


def small_learner(task: str, algorithm: str, seed: int = 1, **changes: Any) -> Learner:
    wanted = small_config(task, algorithm, **changes)
    return algorithm_of(task, algorithm).learner(small_task(task, algorithm, **changes), wanted, seed)
