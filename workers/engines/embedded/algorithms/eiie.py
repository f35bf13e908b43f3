"""EIIE (Jiang and others, 2017): the same small network scores every asset, and learns straight from what it earns.

As an agent does not move the market, what an account earns is a known function of the weights, costs included. So there
is nothing to try out: the logarithm of the growth is climbed along its own slope, through some bars in a row, each of
which begins with the weights that the bar before has left. What was held at each bar is remembered, so that a lesson
can begin anywhere; recent bars begin more lessons than old ones.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.onnx import Graph
from workers.engines.embedded.parts.assets import Spreading
from workers.engines.embedded.parts.portfolios import PortfolioLearner
from workers.engines.embedded.shapes import Config, State


class HistoryScores(nn.Module):
    """Looks for patterns in the history of each asset; the last layer of filters reads the whole rest of it."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        super().__init__()
        self._shape = (task.assets, task.lookback, task.features)
        layers: list[nn.Module] = []
        left, channels = task.lookback, task.features
        for place, filters in enumerate(config["filters"], 1):
            width = left if place == len(config["filters"]) else min(config["kernel_size"], left)
            layers += [nn.Conv1d(channels, filters, width), nn.ReLU()]
            left, channels = left - width + 1, filters
        self.patterns = nn.Sequential(*layers, nn.Flatten())
        self.score = nn.Linear(channels + 1, 1)

    def forward(self, windows: Tensor, held: Tensor) -> Tensor:
        return self.judge(self.read(windows), held)

    def read(self, windows: Tensor) -> Tensor:
        """[batch, assets, patterns]: the part that does not depend on what is held."""
        found = self.patterns(windows.flatten(0, 1).transpose(1, 2))
        return cast("Tensor", found.reshape(*windows.shape[:2], -1))

    def judge(self, found: Tensor, held: Tensor) -> Tensor:
        return cast("Tensor", self.score(torch.cat((found, held.unsqueeze(-1)), -1)).squeeze(-1))

    def draw(self, graph: Graph, windows: str, held: str) -> str:
        assets, lookback, features = self._shape
        bars = graph.node("Reshape", windows, graph.numbers(-1, lookback, features))
        found = graph.layers(self.patterns, graph.node("Transpose", bars, perm=(0, 2, 1)))
        found = graph.node("Reshape", found, graph.numbers(-1, assets, self.score.in_features - 1))
        own = graph.node("Unsqueeze", held, graph.numbers(-1))
        scores = graph.layers(self.score, graph.node("Concat", found, own, axis=-1))
        return graph.node("Squeeze", scores, graph.numbers(-1))


def network(task: PortfolioTask, config: Config) -> HistoryScores:
    return HistoryScores(task, config)


def policy(task: PortfolioTask, config: Config, network: HistoryScores) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> EIIE:
    return EIIE(task, config, seed)


class EIIE(PortfolioLearner):
    """One update for each batch of runs through the train split."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int) -> None:
        self._scores = HistoryScores(task, config)
        super().__init__(task, config, seed, {"network": self._scores}, config["batch_size"])
        self.policy = Spreading(self.network, task.limits)
        span = task.places("train")
        self._length = min(config["rollout_length"], len(span))
        self._starts = torch.arange(span.start, span.stop - self._length + 1, device=task.market.device)
        age = (self._starts[-1] - self._starts).double()
        self._preferred = (1.0 - config["recency_bias"]) ** age
        self._held = torch.full_like(task.returns, 1.0 / task.assets)
        """What was last held before each bar."""

    def round(self) -> None:
        places = self._places()
        seen = self.task.see(places.flatten(), torch.zeros(places.numel(), self.task.assets, device=places.device))
        read = self._scores.read(seen.windows)
        found = read.view(*places.shape, *read.shape[1:])
        growth = self._growth(places, found, seen)
        self.descend(-growth, "network")
        self.steps += places.numel()
        self.means.add(loss=-growth, reward=growth)

    def _growth(self, places: Tensor, found: Tensor, seen: Seen) -> Tensor:
        """The mean reward of a step, costs included: each bar begins with what the bar before it has left."""
        tradable = seen.tradable.view(*places.shape, -1)
        held, rewards, left = self._held[places[0]], [], []
        for step, here in enumerate(places):
            weights = self.task.limits.spread(self._scores.judge(found[step], held), tradable[step])
            gain, held = self.task.settle(here, held, weights)
            rewards.append(self.task.reward(gain))
            left.append(held)
        self._held[(places + 1).flatten()] = torch.stack(left).detach().flatten(0, 1)
        return torch.stack(rewards).mean()

    def _places(self) -> Tensor:
        """[steps, runs]: bars one after the other."""
        count = self.config["batch_size"]
        starts = self._starts[torch.multinomial(self._preferred, count, replacement=True, generator=self.chance)]
        return starts + torch.arange(self._length, device=starts.device).unsqueeze(-1)

    def state(self) -> State:
        return {**super().state(), "held": self._held.clone()}

    def restore(self, state: State) -> None:
        super().restore(state)
        self._held = state["held"].to(self._held.device)
