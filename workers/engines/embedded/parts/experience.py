"""Learning from what is remembered: one step of all accounts, then some updates from the replay.

A step that is remembered is a bar, what was held there, and the weights that were chosen; what followed is looked up in
the market again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.onnx import Graph
from workers.engines.embedded.parts.assets import AssetScores, Spreading
from workers.engines.embedded.parts.optim import follow
from workers.engines.embedded.parts.portfolios import PortfolioLearner
from workers.engines.embedded.parts.replay import Replay
from workers.engines.embedded.shapes import Config, State


class BoundedScores(AssetScores):
    """Scores between -1 and 1: no opinion is stronger than another asset's can be."""

    def forward(self, windows: Tensor, held: Tensor, *extra: Tensor) -> Tensor:
        return super().forward(windows, held, *extra).tanh()

    def draw(self, graph: Graph, windows: str, held: str) -> str:
        return graph.node("Tanh", super().draw(graph, windows, held))


class Lesson(NamedTuple):
    """A batch of steps to learn from."""

    seen: Seen
    weights: Tensor
    reward: Tensor
    going: Tensor
    """What the next situation counts: nothing, where everything was lost."""
    next: Seen


class ReplayLearner(PortfolioLearner):
    """An algorithm says how it explores and how it learns from a lesson."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int, nets: Mapping[str, nn.Module]) -> None:
        super().__init__(task, config, seed, nets, config["parallel_environments"])
        self.policy = Spreading(self.network, task.limits)
        self._replay = Replay(
            config["buffer_size"],
            config["parallel_environments"],
            {"places": self.accounts.places, "held": self.accounts.held, "weights": self.accounts.held},
        )

    @abstractmethod
    def explore(self, seen: Seen) -> Tensor:
        """Scores to try, between -1 and 1."""

    @abstractmethod
    def update(self, lesson: Lesson) -> None:
        """Learn from this."""

    def round(self) -> None:
        with torch.no_grad():
            played = self.accounts.step(self._choose(self.accounts.see()))
        self._replay.add(places=played.places, held=played.held, weights=played.weights)
        self.steps += len(played.places)
        self.means.add(reward=played.reward.mean())
        if self.steps >= max(self.config["warmup_steps"], self.config["batch_size"]):
            for _ in range(self.config["updates_per_step"]):
                self.update(self._lesson())

    def slow_copy(self, *names: str) -> None:
        """Makes copies that follow these nets slowly: `slow_` and the name."""
        for name in names:
            self.nets[f"slow_{name}"] = deepcopy(self.nets[name]).requires_grad_(requires_grad=False)

    def follow(self, *names: str) -> None:
        for name in names:
            follow(self.nets[f"slow_{name}"], self.nets[name], self.config["tau"])

    def follow_at_once(self, *names: str) -> None:
        for name in names:
            follow(self.nets[f"slow_{name}"], self.nets[name], 1.0)

    def state(self) -> State:
        return {**super().state(), "replay": self._replay.state()}

    def restore(self, state: State) -> None:
        super().restore(state)
        self._replay.restore(state["replay"])

    def _choose(self, seen: Seen) -> Tensor:
        if self.steps < self.config["warmup_steps"]:
            shape, device = seen.held.shape, seen.held.device
            scores = 2 * torch.rand(shape, generator=self.chance, device=device) - 1
        else:
            scores = self.explore(seen)
        return self.task.limits.spread(scores, seen.tradable)

    def _lesson(self) -> Lesson:
        batch = self._replay.sample(self.config["batch_size"], self.chance)
        places, held, weights = batch["places"], batch["held"], batch["weights"]
        gain, after = self.task.settle(places, held, weights)
        going = self.config["discount"] * (gain > -1.0)
        return Lesson(
            self.task.see(places, held), weights, self.task.reward(gain), going, self.task.see(places + 1, after)
        )
