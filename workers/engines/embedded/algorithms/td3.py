"""TD3 (Fujimoto and others, 2018): DDPG that does not fool itself.

A critic that errs upwards draws its actor there. So there are two critics, of which the lower one is believed; targets
are blurred by noise, so that no single lucky action is overrated; and the actor learns more rarely than its critics.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workers.engines.embedded.algorithms.ddpg import DDPG, network, policy
from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.assets import AssetValue
from workers.engines.embedded.parts.distributions import normal
from workers.engines.embedded.parts.experience import Lesson
from workers.engines.embedded.shapes import Config, State

__all__ = ["learner", "network", "policy"]


def learner(task: PortfolioTask, config: Config, seed: int) -> TD3:
    critics = {name: AssetValue(task, config, extra=1) for name in ("critic", "second")}
    return TD3(task, config, seed, {"network": network(task, config), **critics})


class TD3(DDPG):
    """Several updates of both critics for one of the actor."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int, nets: Mapping[str, nn.Module]) -> None:
        super().__init__(task, config, seed, nets)
        self.slow_copy("second")
        self._updates = 0

    def update(self, lesson: Lesson) -> None:
        target = lesson.reward + lesson.going * self._coming(lesson.next)
        both = [self.worth(name, lesson.seen, lesson.weights) for name in ("critic", "second")]
        wrong = (both[0] - target).square().mean() + (both[1] - target).square().mean()
        self.descend(wrong, "critic", "second")
        self.means.add(critic_loss=wrong)
        self._updates += 1
        if self._updates % self.config["policy_delay"] == 0:
            with self.fixed("critic"):
                hoped = self.worth("critic", lesson.seen, self.chosen("network", lesson.seen)).mean()
                self.descend(-hoped, "network")
            self.follow("network", "critic", "second")
            self.means.add(actor_loss=-hoped)

    def state(self) -> State:
        return {**super().state(), "updates": self._updates}

    def restore(self, state: State) -> None:
        super().restore(state)
        self._updates = state["updates"]

    @torch.no_grad()
    def _coming(self, seen: Seen) -> Tensor:
        """What is expected of the next situation, and of actions near the one that would be chosen there."""
        scores: Tensor = self.nets["slow_network"](seen.windows, seen.held)
        limit = self.config["noise_clip"]
        noise = (self.config["policy_noise"] * normal(scores, self.chance)).clamp(-limit, limit)
        weights = self.task.limits.spread((scores + noise).clamp(-1, 1), seen.tradable)
        return torch.minimum(self.worth("slow_critic", seen, weights), self.worth("slow_second", seen, weights))
