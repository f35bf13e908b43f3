"""DeepScalper: a DQN whose network also foresees volatility, and whose rewards while training know a little of what
came later. Neither is in the reported results, nor in what it sees."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import smooth_l1_loss

from workers.engines.embedded.algorithms.dqn import Greedy, Lesson, QLearner
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.onnx import Graph
from workers.engines.embedded.parts.nets import Dueling, activation_of, mlp
from workers.engines.embedded.shapes import Config


class RiskAware(nn.Module):
    """One body with two heads: the worth of each position, and the volatility to come."""

    def __init__(self, task: TradingTask, config: Config) -> None:
        super().__init__()
        *body, last = config["hidden_layers"]
        bend = config["activation"]
        self.body = nn.Sequential(mlp(task.width, body, last, bend), activation_of(bend))
        self.worth = Dueling(last, task.actions) if config["dueling"] else nn.Linear(last, task.actions)
        self.risk = nn.Linear(last, 1)

    def draw(self, graph: Graph, seen: str) -> str:
        """What acts; the other head only learns."""
        return graph.layers(self.worth, graph.layers(self.body, seen))

    def forward(self, seen: Tensor) -> Tensor:
        worth: Tensor = self.worth(self.body(seen))
        return worth

    def both(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        inside = self.body(seen)
        return self.worth(inside), self.risk(inside).squeeze(-1)


def network(task: TradingTask, config: Config) -> RiskAware:
    return RiskAware(task, config)


def policy(task: TradingTask, config: Config, network: nn.Module) -> Greedy:  # noqa: ARG001 - the same for all
    return Greedy(network)


def learner(task: TradingTask, config: Config, seed: int) -> DeepScalper:
    return DeepScalper(task, config, seed, network(task, config), double=config["double"])


class DeepScalper(QLearner):
    """Q-learning with a second lesson in risk."""

    network: RiskAware

    def __init__(self, task: TradingTask, config: Config, seed: int, network: RiskAware, *, double: bool) -> None:
        super().__init__(task, config, seed, network, double=double)
        self._risk = _volatility(task, config["risk_horizon"])
        self._later = _later(task, config["hindsight_horizon"])

    def loss(self, lesson: Lesson) -> Tensor:
        worth, risk = self.network.both(self.task.see(lesson.places, lesson.held))
        judged = worth.gather(1, lesson.chosen[:, None]).squeeze(1)
        loss = smooth_l1_loss(judged, lesson.reward + lesson.discount * self.expected(lesson))
        surprise = smooth_l1_loss(risk, self._risk.index_select(0, lesson.places))
        both: Tensor = loss + self.config["risk_weight"] * surprise
        return both

    def reward(self, places: Tensor, chosen: Tensor, gain: Tensor) -> Tensor:
        """Also a share of what the position would gain if it were kept for longer."""
        kept = self.task.levels.index_select(0, chosen) * self._later.index_select(0, places)
        rewarded: Tensor = gain + self.config["hindsight_weight"] * kept
        return (rewarded / self.task.unit).float()


def _volatility(task: TradingTask, horizon: int) -> Tensor:
    """How much the price moves over the next bars, in usual moves. No bar after the train split is looked at."""
    squares = _coming(task, task.returns.square(), horizon)
    bars = _coming(task, torch.ones_like(task.returns), horizon).clamp(min=1)
    risk: Tensor = (squares / bars).sqrt() / task.unit
    return risk.float()


def _later(task: TradingTask, horizon: int) -> Tensor:
    """How far the price goes from the next bar on, within the train split."""
    growth = _coming(task, torch.log1p(task.returns.clamp(min=-0.999)), horizon + 1)
    next_bar = _coming(task, torch.log1p(task.returns.clamp(min=-0.999)), 1)
    return torch.expm1(growth - next_bar)


def _coming(task: TradingTask, values: Tensor, bars: int) -> Tensor:
    """The sum over the next so many bars, [T]; where the train split ends, so does the sum."""
    stop = task.market.splits["train"].stop
    sums = torch.cat((torch.zeros_like(values[:1]), values[:stop].cumsum(0)))
    places = torch.arange(len(values), device=values.device)
    return sums[(places + 1 + bars).clamp(max=stop)] - sums[(places + 1).clamp(max=stop)]
