"""DDPG (Lillicrap and others, 2016): an actor that chooses exact weights, and a critic that says what they are worth.

The critic learns from remembered steps what the actor's choices lead to, by slow copies of both. The actor climbs the
slope of the critic.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.assets import AssetValue, Spreading
from workers.engines.embedded.parts.distributions import normal
from workers.engines.embedded.parts.experience import BoundedScores, Lesson, ReplayLearner
from workers.engines.embedded.shapes import Config


def network(task: PortfolioTask, config: Config) -> BoundedScores:
    return BoundedScores(task, config)


def policy(task: PortfolioTask, config: Config, network: nn.Module) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> DDPG:
    return DDPG(task, config, seed, {"network": network(task, config), "critic": AssetValue(task, config, extra=1)})


class DDPG(ReplayLearner):
    """One update of the critic and one of the actor for each lesson."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int, nets: Mapping[str, nn.Module]) -> None:
        super().__init__(task, config, seed, nets)
        self.slow_copy("network", "critic")

    def explore(self, seen: Seen) -> Tensor:
        scores: Tensor = self.network(seen.windows, seen.held)
        noise: Tensor = self.config["action_noise"] * normal(scores, self.chance)
        return (scores + noise).clamp(-1, 1)

    def update(self, lesson: Lesson) -> None:
        with torch.no_grad():
            coming = self.worth("slow_critic", lesson.next, self.chosen("slow_network", lesson.next))
        judged = self.worth("critic", lesson.seen, lesson.weights)
        wrong = (judged - lesson.reward - lesson.going * coming).square().mean()
        self.descend(wrong, "critic")
        with self.fixed("critic"):
            hoped = self.worth("critic", lesson.seen, self.chosen("network", lesson.seen)).mean()
            self.descend(-hoped, "network")
        self.follow("network", "critic")
        self.means.add(critic_loss=wrong, actor_loss=-hoped)

    def chosen(self, actor: str, seen: Seen) -> Tensor:
        """The weights that this actor would choose."""
        return self.task.limits.spread(self.nets[actor](seen.windows, seen.held), seen.tradable)

    def worth(self, critic: str, seen: Seen, weights: Tensor) -> Tensor:
        """What this critic expects of these weights."""
        expected: Tensor = self.nets[critic](seen.windows, seen.held, weights)
        return expected
