"""PPO (Schulman and others, 2017): many small, safe steps.

A rollout is learned from several times. So that this stays honest, an update gains nothing from making an action much
more or much less likely than it was when it was played: the ratio of the two chances is clipped.
"""

from __future__ import annotations

import torch
from torch import Tensor

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.advantages import clipped_gain
from workers.engines.embedded.parts.assets import AssetScores, AssetValue, Spreading
from workers.engines.embedded.parts.rollout import Deviation, Rollout, RolloutLearner, advantages
from workers.engines.embedded.shapes import Config


def network(task: PortfolioTask, config: Config) -> AssetScores:
    return AssetScores(task, config)


def policy(task: PortfolioTask, config: Config, network: AssetScores) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> PPO:
    critic = AssetValue(task, config)
    return PPO(task, config, seed, {"network": network(task, config), "deviation": Deviation(), "critic": critic})


class PPO(RolloutLearner):
    """An actor and a critic, which learn from the same batches."""

    def round(self) -> None:
        rollout = self.play()
        values = self.values(rollout)
        better = advantages(rollout, values, self.config["discount"], self.config["gae_lambda"])
        steps = {
            "places": rollout.places,
            "held": rollout.held,
            "action": rollout.action,
            "log_chance": self._log_chance(rollout),
            "better": better,
            "worth": values[:-1] + better,
        }
        flat = {name: column.flatten(0, 1) for name, column in steps.items()}
        for _ in range(self.config["update_epochs"]):
            order = torch.randperm(rollout.size, generator=self.chance, device=self.chance.device)
            for rows in torch.split(order, self.config["batch_size"]):
                self._update({name: column[rows] for name, column in flat.items()})

    @torch.no_grad()
    def _log_chance(self, rollout: Rollout) -> Tensor:
        """How likely each action was when it was played."""
        tried = self.tried(self.seen(rollout))
        return tried.log_chance(rollout.action.flatten(0, 1)).view_as(rollout.reward)

    def _update(self, batch: dict[str, Tensor]) -> None:
        seen = self.task.see(batch["places"], batch["held"])
        tried = self.tried(seen)
        log_chance, reach = tried.log_chance(batch["action"]), self.config["clip_range"]
        gain = clipped_gain(log_chance, batch["log_chance"], batch["better"], reach)
        wrong = self._wrong(seen, batch["worth"])
        curiosity = tried.entropy().mean()
        loss = self.config["value_weight"] * wrong - gain - self.config["entropy_weight"] * curiosity
        self.descend(loss, "network", "deviation", "critic")
        self.means.add(loss=loss, value_loss=wrong, entropy=curiosity)

    def _wrong(self, seen: Seen, worth: Tensor) -> Tensor:
        """How far the critic's judgement is from what was earned."""
        judged: Tensor = self.nets["critic"](seen.windows, seen.held)
        return (judged - worth).square().mean()
