"""Policy gradient (Williams, 1992): what paid off becomes more likely. There is no critic.

Each action is judged by what the account earned from there to the end of the rollout. With a baseline, that is compared
with what the other accounts earned in as many steps, on whatever bars they stood.
"""

from __future__ import annotations

from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.assets import AssetScores, Spreading
from workers.engines.embedded.parts.rollout import Deviation, RolloutLearner, earned
from workers.engines.embedded.shapes import Config


def network(task: PortfolioTask, config: Config) -> AssetScores:
    return AssetScores(task, config)


def policy(task: PortfolioTask, config: Config, network: AssetScores) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> PolicyGradient:
    return PolicyGradient(task, config, seed, {"network": network(task, config), "deviation": Deviation()})


class PolicyGradient(RolloutLearner):
    """One update for each rollout."""

    def round(self) -> None:
        rollout = self.play()
        paid_off = earned(rollout, self.config["discount"])
        if self.config["baseline"]:
            paid_off = paid_off - paid_off.mean(1, keepdim=True)
        tried = self.tried(self.seen(rollout))
        log_chance = tried.log_chance(rollout.action.flatten(0, 1))
        gain = (log_chance * paid_off.flatten()).mean()
        curiosity = tried.entropy().mean()
        loss = -gain - self.config["entropy_weight"] * curiosity
        self.descend(loss, "network", "deviation")
        self.means.add(loss=loss, entropy=curiosity)
