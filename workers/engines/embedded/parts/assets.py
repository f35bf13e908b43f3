"""Networks that look at every asset in the same way. What one asset teaches holds for all of them: an agent learns from
as many histories as there are assets, and has few numbers with which to learn noise."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.holdings import Limits, Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.onnx import Graph
from workers.engines.embedded.parts.nets import mlp
from workers.engines.embedded.shapes import Config


class AssetNet(nn.Module):
    """A few numbers for each asset, [batch, assets, outputs], from its latest bars and its weight."""

    def __init__(self, task: PortfolioTask, config: Config, *, outputs: int = 1, extra: int = 0) -> None:
        super().__init__()
        inputs = task.lookback * task.features + 1 + extra
        self.layers = mlp(inputs, config["hidden_layers"], outputs, config["activation"])

    def forward(self, windows: Tensor, held: Tensor, *extra: Tensor) -> Tensor:
        own = (held.unsqueeze(-1), *(each.unsqueeze(-1) for each in extra))
        return cast("Tensor", self.layers(torch.cat((windows.flatten(2), *own), -1)))

    def draw(self, graph: Graph, windows: str, held: str) -> str:
        flat = graph.node("Reshape", windows, graph.numbers(0, 0, -1))
        own = graph.node("Unsqueeze", held, graph.numbers(-1))
        return graph.layers(self.layers, graph.node("Concat", flat, own, axis=-1))


class AssetScores(AssetNet):
    """One score for each asset: the higher, the more of it should be held."""

    def forward(self, windows: Tensor, held: Tensor, *extra: Tensor) -> Tensor:
        return super().forward(windows, held, *extra).squeeze(-1)

    def draw(self, graph: Graph, windows: str, held: str) -> str:
        return graph.node("Squeeze", super().draw(graph, windows, held), graph.numbers(-1))


class AssetValue(AssetNet):
    """What a situation is worth: the sum of what each asset adds to it. Gains and costs are such sums, too."""

    def forward(self, windows: Tensor, held: Tensor, *extra: Tensor) -> Tensor:
        return super().forward(windows, held, *extra).sum((-1, -2))


class Spreading:
    """Holds the most of what scores best."""

    def __init__(self, network: nn.Module, limits: Limits) -> None:
        self.network = network
        self.limits = limits

    @torch.no_grad()
    def act(self, observation: Seen) -> Tensor:
        scores = self.network(observation.windows, observation.held)
        return self.limits.spread(scores, observation.tradable)
