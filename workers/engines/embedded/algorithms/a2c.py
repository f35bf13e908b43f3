"""A2C (Mnih and others, 2016, in its synchronous form): an actor, and a critic that tells it how well it acted.

All accounts play a short rollout; one update follows, and the rollout is forgotten.
"""

from __future__ import annotations

from torch import Tensor

from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.advantages import normalised
from workers.engines.embedded.parts.assets import AssetScores, AssetValue, Spreading
from workers.engines.embedded.parts.rollout import Deviation, RolloutLearner, advantages
from workers.engines.embedded.shapes import Config


def network(task: PortfolioTask, config: Config) -> AssetScores:
    return AssetScores(task, config)


def policy(task: PortfolioTask, config: Config, network: AssetScores) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> A2C:
    critic = AssetValue(task, config)
    return A2C(task, config, seed, {"network": network(task, config), "deviation": Deviation(), "critic": critic})


class A2C(RolloutLearner):
    """One update of both for each rollout."""

    def round(self) -> None:
        rollout = self.play()
        values = self.values(rollout)
        better = advantages(rollout, values, self.config["discount"], self.config["gae_lambda"])
        worth = (values[:-1] + better).flatten()
        seen = self.seen(rollout)
        tried = self.tried(seen)
        log_chance = tried.log_chance(rollout.action.flatten(0, 1))
        gain = (log_chance * normalised(better.flatten())).mean()
        judged: Tensor = self.nets["critic"](seen.windows, seen.held)
        wrong = (judged - worth).square().mean()
        curiosity = tried.entropy().mean()
        loss = self.config["value_weight"] * wrong - gain - self.config["entropy_weight"] * curiosity
        self.descend(loss, "network", "deviation", "critic")
        self.means.add(loss=loss, value_loss=wrong, entropy=curiosity)
