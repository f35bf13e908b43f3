"""Double DQN: one network chooses, its slow copy judges the choice, so that no lucky guess feeds itself."""

from __future__ import annotations

from workers.engines.embedded.algorithms.dqn import QLearner, network, policy
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.shapes import Config

__all__ = ["learner", "network", "policy"]


def learner(task: TradingTask, config: Config, seed: int) -> QLearner:
    return QLearner(task, config, seed, network(task, config), double=True)
