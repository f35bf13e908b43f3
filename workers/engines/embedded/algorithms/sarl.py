"""SARL (Ye and others, 2020): first foresee which assets will rise, then trade on prices and forecasts together.

A predictor learns from the train split, with labels that end within it, how likely each asset is to rise. After that it
stays as it is, and a DDPG agent sees its forecasts beside the bars.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from workers.engines.embedded.algorithms.ddpg import DDPG
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.parts.assets import AssetNet, Spreading
from workers.engines.embedded.parts.nets import mlp
from workers.engines.embedded.shapes import Config, State


class Predictor(nn.Module):
    """The log odds that each asset rises, from its latest bars."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        super().__init__()
        self.layers = mlp(task.lookback * task.features, [config["predictor_units"]], 1, config["activation"])

    def forward(self, windows: Tensor) -> Tensor:
        odds: Tensor = self.layers(windows.flatten(2))
        return odds.squeeze(-1)

    @torch.no_grad()
    def forecast(self, windows: Tensor) -> Tensor:
        """Between -1 and 1: surely falling, surely rising."""
        odds: Tensor = self(windows)
        return (odds / 2).tanh()


class Foresighted(nn.Module):
    """Scores between -1 and 1, from bars, weights and forecasts."""

    def __init__(self, task: PortfolioTask, config: Config) -> None:
        super().__init__()
        self.predictor = Predictor(task, config)
        self.scores = AssetNet(task, config, extra=1)

    def forward(self, windows: Tensor, held: Tensor) -> Tensor:
        scores: Tensor = self.scores(windows, held, self.predictor.forecast(windows))
        return scores.squeeze(-1).tanh()


class ForesightedValue(nn.Module):
    """What weights are worth, from bars, weights and the forecasts of the same predictor."""

    def __init__(self, task: PortfolioTask, config: Config, predictor: Predictor) -> None:
        super().__init__()
        self.worth = AssetNet(task, config, extra=2)
        self.predictor = predictor

    def forward(self, windows: Tensor, held: Tensor, weights: Tensor) -> Tensor:
        worth: Tensor = self.worth(windows, held, weights, self.predictor.forecast(windows))
        return worth.sum((-1, -2))


def network(task: PortfolioTask, config: Config) -> Foresighted:
    return Foresighted(task, config)


def policy(task: PortfolioTask, config: Config, network: Foresighted) -> Spreading:  # noqa: ARG001
    return Spreading(network, task.limits)


def learner(task: PortfolioTask, config: Config, seed: int) -> SARL:
    return SARL(task, config, seed)


class SARL(DDPG):
    """DDPG, after the predictor has gone through the train split a few times."""

    def __init__(self, task: PortfolioTask, config: Config, seed: int) -> None:
        agent = Foresighted(task, config)
        self._predictor = agent.predictor
        nets = {
            "predictor": agent.predictor,
            "network": agent,
            "critic": ForesightedValue(task, config, agent.predictor),
        }
        super().__init__(task, config, seed, nets)
        self._passes = 0
        self._error = torch.zeros((), device=task.market.device)
        """How wrong the predictor was in its last pass."""

    @property
    def prepared(self) -> float:
        return self._passes / float(self.config["predictor_epochs"])

    def prepare(self) -> None:
        """One pass of the predictor. Bars whose outcome lies beyond the train split teach nothing."""
        span, ahead = self.task.places("train"), self.config["predictor_horizon"]
        places = torch.arange(span.start, max(span.stop + 1 - ahead, span.start), device=self.chance.device)
        order = torch.randperm(len(places), generator=self.chance, device=self.chance.device)
        batches = torch.split(places[order], self.config["batch_size"])
        self._error = torch.stack([self._learn_to_foresee(rows, ahead) for rows in batches]).mean()
        self._passes += 1
        self.follow_at_once("network", "critic")

    def round(self) -> None:
        while self.prepared < 1:
            self.prepare()
        if self.steps == 0:
            self.means.add(predictor_loss=self._error)
        super().round()

    def state(self) -> State:
        return {**super().state(), "passes": self._passes, "error": self._error}

    def restore(self, state: State) -> None:
        super().restore(state)
        self._passes, self._error = state["passes"], state["error"]

    def _learn_to_foresee(self, places: Tensor, ahead: int) -> Tensor:
        coming = places.unsqueeze(-1) + torch.arange(ahead, device=places.device)
        risen = (self.task.returns[coming].log1p().sum(1) > 0).float()
        counted = self.task.tradable[places].float()
        odds: Tensor = self._predictor(self.task.windows(places))
        wrong = binary_cross_entropy_with_logits(odds, risen, counted)
        self.descend(wrong, "predictor")
        return wrong.detach()
