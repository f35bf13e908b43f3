"""DeepTrader (Wang and others, 2021): ranks the assets and, apart from that, decides how much risk the market deserves.

The asset unit reads the history of each asset and looks at it beside the others; the best ranked are bought, the worst
are sold short. The market unit reads how the market as a whole has moved, and sets the share of the account that is
short (or, where that is not allowed, in cash). Both learn by policy gradient: the asset unit from what is earned, the
market unit from how the account has come through the whole rollout.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.advantages import normalised
from workers.engines.embedded.parts.distributions import Normal
from workers.engines.embedded.parts.nets import Dropout, generator_of
from workers.engines.embedded.parts.rollout import Deviation, Rollout, RolloutLearner, earned
from workers.engines.embedded.shapes import Config


class AssetUnit(nn.Module):
    """A score for each asset: filters that look further and further back, then attention to the other assets."""

    def __init__(self, task: PortfolioTask, config: Config, dropout: Dropout) -> None:
        super().__init__()
        self._reach = [(config["kernel_size"] - 1) * 2**place for place in range(len(config["filters"]))]
        sizes = (task.features, *config["filters"])
        self.filters = nn.ModuleList(
            nn.Conv1d(before, after, config["kernel_size"], dilation=2**place)
            for place, (before, after) in enumerate(pairwise(sizes))
        )
        self.dropout = dropout
        self.attention = nn.Linear(sizes[-1], sizes[-1], bias=False)
        self.score = nn.Linear(2 * sizes[-1], 1)

    def forward(self, windows: Tensor) -> Tensor:
        found = windows.flatten(0, 1).transpose(1, 2)
        for reach, layer in zip(self._reach, self.filters, strict=True):
            found = self.dropout(layer(pad(found, (reach, 0))).relu())
        own = found[:, :, -1].reshape(*windows.shape[:2], -1)
        likeness = self.attention(own) @ own.transpose(1, 2) / own.shape[-1] ** 0.5
        others = likeness.softmax(-1) @ own
        return cast("Tensor", self.score(torch.cat((own, others), -1)))


class MarketUnit(nn.Module):
    """How risky the market looks, from its latest bars, of which it weighs each."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        super().__init__()
        self.memory = nn.GRU(2 * task.features, config["market_units"], batch_first=True)
        self.attention = nn.Linear(config["market_units"], 1)
        self.risk = nn.Linear(config["market_units"], 1)

    def forward(self, windows: Tensor) -> Tensor:
        mood = torch.cat((windows.mean(1), windows.std(1, correction=0)), -1)
        remembered, _ = self.memory(mood)
        weighed = (self.attention(remembered).softmax(1) * remembered).sum(1)
        return cast("Tensor", self.risk(weighed))


class TwoUnits(nn.Module):
    """[batch, assets + 1]: the score of each asset, and last the risk."""

    def __init__(self, task: PortfolioTask, config: Config, dropout: Dropout) -> None:
        super().__init__()
        self.assets = AssetUnit(task, config, dropout)
        self.market = MarketUnit(task, config)

    def forward(self, windows: Tensor) -> Tensor:
        return torch.cat((self.assets(windows).squeeze(-1), self.market(windows)), -1)


class Ranking:
    """Buys the best and sells the worst."""

    def __init__(self, task: PortfolioTask, config: Config, network: nn.Module) -> None:
        self._network = network
        self._limits = task.limits
        selected = round(config["selection_fraction"] * task.assets)
        self._count = max(1, min(selected, task.assets // 2) if task.limits.short else selected)

    @torch.no_grad()
    def act(self, observation: Seen) -> Tensor:
        return self.weigh(self._network(observation.windows), observation)

    def weigh(self, judged: Tensor, seen: Seen) -> Tensor:
        scores, risk = judged[:, :-1], judged[:, -1:].sigmoid()
        weights = (1.0 - risk) * self._best(scores, seen.tradable)
        if self._limits.short:
            weights = weights - risk * self._best(-scores, seen.tradable)
        return self._limits.permit(weights * self._limits.gross, seen.tradable)

    def _best(self, scores: Tensor, tradable: Tensor) -> Tensor:
        """Shares of the few best, the better the larger."""
        best = scores.masked_fill(~tradable, torch.finfo(scores.dtype).min).topk(self._count, -1)
        return torch.zeros_like(scores).scatter(-1, best.indices, best.values.softmax(-1)) * tradable


def network(task: PortfolioTask, config: Config) -> TwoUnits:
    return TwoUnits(task, config, Dropout(config["dropout"], generator_of(0, task.market.device))).eval()


def policy(task: PortfolioTask, config: Config, network: nn.Module) -> Ranking:
    return Ranking(task, config, network)


def learner(task: PortfolioTask, config: Config, seed: int) -> DeepTrader:
    return DeepTrader(task, config, seed)


class DeepTrader(RolloutLearner):
    """One update of both units for each rollout."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int) -> None:
        units = network(task, config)
        super().__init__(task, config, seed, {"network": units, "deviation": Deviation()})
        units.assets.dropout.generator = self.chance
        self.policy: Ranking = Ranking(task, config, units)

    def tried(self, seen: Seen) -> Normal:
        counted = torch.cat((seen.tradable, torch.ones_like(seen.tradable[:, :1])), -1)
        return Normal(self.network(seen.windows), self.deviation, counted)

    def weigh(self, action: Tensor, seen: Seen) -> Tensor:
        return self.policy.weigh(action, seen)

    def round(self) -> None:
        rollout = self.play()
        self.network.train()
        tried = self.tried(self.seen(rollout))
        self.network.eval()
        ranked, risked = self._apart(tried, rollout.action.flatten(0, 1))
        paid_off = normalised(earned(rollout, self.config["discount"])).flatten()
        came_through = normalised(self._came_through(rollout)).expand_as(rollout.reward).flatten()
        gain = (ranked * paid_off + risked * came_through).mean()
        curiosity = tried.entropy().mean()
        loss = -gain - self.config["entropy_weight"] * curiosity
        self.descend(loss, "network", "deviation")
        self.means.add(loss=loss, entropy=curiosity)

    def _apart(self, tried: Normal, action: Tensor) -> tuple[Tensor, Tensor]:
        """The log chances of what the asset unit did, and of what the market unit did."""
        last = torch.zeros_like(tried.counted)
        last[:, -1] = True
        ranked = tried._replace(counted=tried.counted & ~last).log_chance(action)
        return ranked, tried._replace(counted=last).log_chance(action)

    def _came_through(self, rollout: Rollout) -> Tensor:
        """How much better each account fared over the rollout than with the best guess at every bar."""
        return self._fared(rollout.reward) - self._fared(rollout.expected)

    def _fared(self, rewards: Tensor) -> Tensor:
        if self.config["market_reward"] == "total_return":
            return rewards.sum(0)
        if self.config["market_reward"] == "sharpe":
            return rewards.mean(0) / (rewards.std(0, correction=0) + 1e-3)
        growth = pad(rewards.cumsum(0), (0, 0, 1, 0))
        return (growth - growth.cummax(0).values).amin(0)
