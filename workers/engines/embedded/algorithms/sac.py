"""SAC (Haarnoja and others, 2018): seeks profit, and as much freedom of choice as profit allows.

The actor is paid for being hard to foresee, too. The temperature says how much; it can be tuned so that the actions
keep a given spread. Two critics learn from remembered steps, of which the lower one is believed.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.onnx import Graph
from workers.engines.embedded.parts.assets import AssetNet, AssetValue, Spreading
from workers.engines.embedded.parts.distributions import Normal, Squashed
from workers.engines.embedded.parts.experience import Lesson, ReplayLearner
from workers.engines.embedded.shapes import Config

_NARROWEST, _WIDEST = -5.0, 1.0


class Chooser(AssetNet):
    """The score of each asset; beside it, when asked, how far around it to try."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        super().__init__(task, config, outputs=2)

    def forward(self, windows: Tensor, held: Tensor, *extra: Tensor) -> Tensor:
        return super().forward(windows, held, *extra)[..., 0].tanh()

    def draw(self, graph: Graph, windows: str, held: str) -> str:
        both = super().draw(graph, windows, held)
        first = graph.node("Gather", both, graph.numbers(0), axis=-1)
        return graph.node("Tanh", graph.node("Squeeze", first, graph.numbers(-1)))

    def tried(self, seen: Seen) -> Squashed:
        mean, raw = super().forward(seen.windows, seen.held).unbind(-1)
        return Squashed(Normal(mean, _NARROWEST + (_WIDEST - _NARROWEST) * (raw + 1.5).sigmoid(), seen.tradable))


class Temperature(nn.Module):
    """What freedom of choice is worth, beside profit."""

    def __init__(self, first: float) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.tensor(math.log(first)))


def network(task: PortfolioTask, config: Config) -> Chooser:
    return Chooser(task, config)


def policy(task: PortfolioTask, config: Config, network: Chooser) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> SAC:
    return SAC(task, config, seed)


class SAC(ReplayLearner):
    """One update of the critics, the actor and the temperature for each lesson."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int) -> None:
        self._chooser = Chooser(task, config)
        critics = {name: AssetValue(task, config, extra=1) for name in ("critic", "second")}
        temperature = Temperature(config["alpha"])
        super().__init__(task, config, seed, {"network": self._chooser, "temperature": temperature, **critics})
        self._temperature = temperature
        self.slow_copy("critic", "second")

    def explore(self, seen: Seen) -> Tensor:
        return self._chooser.tried(seen).sample(self.chance)[0]

    def update(self, lesson: Lesson) -> None:
        alpha = self._temperature.log.detach().exp()
        target = lesson.reward + lesson.going * self._coming(lesson.next, alpha)
        both = [self._worth(name, lesson.seen, lesson.weights) for name in ("critic", "second")]
        wrong = (both[0] - target).square().mean() + (both[1] - target).square().mean()
        self.descend(wrong, "critic", "second")
        scores, log_chance = self._chooser.tried(lesson.seen).sample(self.chance)
        with self.fixed("critic", "second"):
            loss = (alpha * log_chance - self._lower("", lesson.seen, scores)).mean()
            self.descend(loss, "network")
        if self.config["alpha_auto"]:
            self._tune(log_chance.detach(), lesson.seen.tradable)
        self.follow("critic", "second")
        self.means.add(critic_loss=wrong, actor_loss=loss, temperature=alpha)

    def _tune(self, log_chance: Tensor, tradable: Tensor) -> None:
        """As free as one unit of entropy less for each asset than choosing evenly."""
        wanted = -tradable.sum(-1)
        self.descend(-(self._temperature.log * (log_chance + wanted)).mean(), "temperature")

    @torch.no_grad()
    def _coming(self, seen: Seen, alpha: Tensor) -> Tensor:
        scores, log_chance = self._chooser.tried(seen).sample(self.chance)
        return self._lower("slow_", seen, scores) - alpha * log_chance

    def _lower(self, kind: str, seen: Seen, scores: Tensor) -> Tensor:
        weights = self.task.limits.spread(scores, seen.tradable)
        return torch.minimum(self._worth(f"{kind}critic", seen, weights), self._worth(f"{kind}second", seen, weights))

    def _worth(self, critic: str, seen: Seen, weights: Tensor) -> Tensor:
        expected: Tensor = self.nets[critic](seen.windows, seen.held, weights)
        return expected
