"""Networks and how they start: all chance comes from a generator that is handed in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "silu": nn.SiLU}


def activation_of(name: str) -> nn.Module:
    return _ACTIVATIONS[name]()


def mlp(inputs: int, hidden: Sequence[int], outputs: int, activation: str) -> nn.Sequential:
    """Layers with a bend between each two, none after the last."""
    sizes = (inputs, *hidden)
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), activation_of(activation)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], outputs))


class Dueling(nn.Module):
    """Values the situation and each action apart, and puts them together."""

    def __init__(self, inputs: int, actions: int) -> None:
        super().__init__()
        self.value = nn.Linear(inputs, 1)
        self.advantage = nn.Linear(inputs, actions)

    def forward(self, seen: Tensor) -> Tensor:
        advantage: Tensor = self.advantage(seen)
        value: Tensor = self.value(seen)
        return value + advantage - advantage.mean(dim=-1, keepdim=True)


class Dropout(nn.Module):
    """Switches off a share of its inputs, by a generator of its own: a resumed run goes on with the same chance."""

    def __init__(self, share: float, generator: Generator) -> None:
        super().__init__()
        self.share = share
        self.generator = generator

    def forward(self, seen: Tensor) -> Tensor:
        if not self.training or self.share == 0:
            return seen
        kept = torch.rand(seen.shape, generator=self.generator, device=seen.device) >= self.share
        return seen * kept / (1 - self.share)


@torch.no_grad()
def start(network: nn.Module, generator: Generator) -> None:
    """Draws all weights anew: uniform, the wider the layer the smaller. Normalising layers stay as they are."""
    for module in network.modules():
        own = dict(module.named_parameters(recurse=False))
        widths = [_fan_in(module, weight) for weight in own.values() if weight.ndim >= 2]
        if not widths:
            continue
        bound = 1 / math.sqrt(max(widths[0], 1))
        for parameter in own.values():
            parameter.uniform_(-bound, bound, generator=generator)


@torch.no_grad()
def scale(layer: nn.Linear, by: float) -> None:
    """A last layer that starts small lets an agent start without an opinion."""
    layer.weight.mul_(by)
    layer.bias.zero_()


def generator_of(seed: int, device: torch.device | str = "cpu") -> Generator:
    return Generator(device=device).manual_seed(seed)


def _fan_in(module: nn.Module, weight: Tensor) -> int:
    if isinstance(module, nn.RNNBase):
        return module.hidden_size
    return math.prod(weight.shape[1:])
