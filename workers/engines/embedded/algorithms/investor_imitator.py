"""Investor imitator (Ding and others, 2018): learns whom to follow.

There are simple kinds of investors. For each column of the data one holds the assets that stand highest in it, and one
those that stand lowest: with the return of the last bars, these are a momentum and a value buyer. One holds everything,
one nothing. The agent looks at the mood of the whole market, chooses whom to follow, and learns by policy gradient.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Limits, Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.advantages import normalised
from workers.engines.embedded.parts.distributions import Choice
from workers.engines.embedded.parts.nets import mlp
from workers.engines.embedded.parts.rollout import RolloutLearner, earned
from workers.engines.embedded.shapes import Config


class Following(nn.Module):
    """From the mood of the market to the odds of following each investor, [batch, 2 * features + 2]."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        super().__init__()
        inputs = 2 * task.lookback * task.features
        self.layers = mlp(inputs, config["hidden_layers"], 2 * task.features + 2, config["activation"])

    def forward(self, windows: Tensor) -> Tensor:
        mood = torch.cat((windows.mean(1), windows.std(1, correction=0)), -1)
        return cast("Tensor", self.layers(mood.flatten(1)))


class Investors:
    """What each kind of investor would hold."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        self._count = max(1, round(config["selection_fraction"] * task.assets))
        self._limits: Limits = task.limits

    def weights(self, seen: Seen) -> Tensor:
        """[batch, investors, assets]."""
        tradable = seen.tradable.unsqueeze(1)
        latest = seen.windows[:, :, -1].transpose(1, 2)
        selected = [self._best(latest, tradable), self._best(-latest, tradable)]
        everything = tradable / tradable.sum(-1, keepdim=True).clamp_min(1)
        return torch.cat((*selected, everything, torch.zeros_like(everything)), 1)

    def followed(self, shares: Tensor, seen: Seen) -> Tensor:
        """The weights of someone who follows each investor with this share of the account."""
        wanted = (shares.unsqueeze(-1) * self.weights(seen)).sum(1)
        return self._limits.permit(wanted, seen.tradable)

    def _best(self, values: Tensor, tradable: Tensor) -> Tensor:
        values = values.masked_fill(~tradable, -torch.inf)
        best = values.topk(self._count, -1).indices
        return torch.zeros_like(values).scatter_(-1, best, 1.0 / self._count) * tradable


class Follower:
    """Follows every investor as far as the network trusts him."""

    def __init__(self, network: nn.Module, investors: Investors) -> None:
        self._network = network
        self._investors = investors

    @torch.no_grad()
    def act(self, observation: Seen) -> Tensor:
        trust: Tensor = self._network(observation.windows)
        return self._investors.followed(trust.softmax(-1), observation)


def network(task: PortfolioTask, config: Config) -> Following:
    return Following(task, config)


def policy(task: PortfolioTask, config: Config, network: nn.Module) -> Follower:
    return Follower(network, Investors(task, config))


def learner(task: PortfolioTask, config: Config, seed: int) -> InvestorImitator:
    return InvestorImitator(task, config, seed)


class InvestorImitator(RolloutLearner):
    """Follows one investor at a time while it learns; one update for each rollout."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int) -> None:
        super().__init__(task, config, seed, {"network": network(task, config)})
        self._investors = Investors(task, config)
        self.policy = Follower(self.network, self._investors)

    def tried(self, seen: Seen) -> Choice:
        return Choice(self.network(seen.windows))

    def weigh(self, action: Tensor, seen: Seen) -> Tensor:
        return self._investors.followed(action, seen)

    def round(self) -> None:
        rollout = self.play()
        paid_off = normalised(earned(rollout, self.config["discount"]))
        tried = self.tried(self.seen(rollout))
        gain = (tried.log_chance(rollout.action.flatten(0, 1)) * paid_off.flatten()).mean()
        curiosity = tried.entropy().mean()
        loss = -gain - self.config["entropy_weight"] * curiosity
        self.descend(loss, "network")
        self.means.add(loss=loss, entropy=curiosity)
