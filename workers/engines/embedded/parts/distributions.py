"""Actions by chance: what an agent would try, how likely each action is, and how open the choice is."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional

_LOG_ROOT = 0.5 * math.log(2 * math.pi)


def normal(like: Tensor, chance: torch.Generator) -> Tensor:
    """Standard normal noise in the shape of another tensor."""
    return torch.randn(like.shape, generator=chance, dtype=like.dtype, device=like.device)


class Tried(Protocol):
    """A distribution over actions, one for each row of a batch."""

    @property
    def mean(self) -> Tensor: ...

    def sample(self, chance: torch.Generator) -> Tensor: ...

    def log_chance(self, action: Tensor) -> Tensor: ...

    def entropy(self) -> Tensor: ...


class Normal(NamedTuple):
    """Several independent numbers, those of the last axis. Only those that count make an action more or less likely."""

    mean: Tensor
    log_deviation: Tensor
    counted: Tensor

    def sample(self, chance: torch.Generator) -> Tensor:
        return self.mean + self.log_deviation.exp() * normal(self.mean, chance)

    def log_chance(self, action: Tensor) -> Tensor:
        distance = (action - self.mean) * (-self.log_deviation).exp()
        return ((-0.5 * distance.square() - self.log_deviation - _LOG_ROOT) * self.counted).sum(-1)

    def entropy(self) -> Tensor:
        return ((self.log_deviation + 0.5 + _LOG_ROOT) * self.counted).sum(-1)


class Squashed(NamedTuple):
    """A normal distribution, bent by tanh into -1 .. 1."""

    straight: Normal

    def sample(self, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        """An action through which gradients flow, and its log chance."""
        action = self.straight.sample(chance)
        bend = 2.0 * (math.log(2.0) - action - functional.softplus(-2.0 * action))
        return action.tanh(), self.straight.log_chance(action) - (bend * self.straight.counted).sum(-1)


class Choice(NamedTuple):
    """One of several, marked by a 1 among 0s. The mean is how likely each is."""

    odds: Tensor

    @property
    def mean(self) -> Tensor:
        return self.odds.softmax(-1)

    def sample(self, chance: torch.Generator) -> Tensor:
        chosen = torch.multinomial(self.mean, 1, generator=chance)
        return torch.zeros_like(self.odds).scatter_(-1, chosen, 1.0)

    def log_chance(self, action: Tensor) -> Tensor:
        return (self.odds.log_softmax(-1) * action).sum(-1)

    def entropy(self) -> Tensor:
        return -(self.mean * self.odds.log_softmax(-1)).sum(-1)
