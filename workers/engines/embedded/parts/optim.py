"""Optimisers and slow copies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from workers.engines.embedded.shapes import Config, State

_BETAS = (0.9, 0.999)
_EPSILON = 1e-8


class AdamW:
    """Adam with decoupled weight decay, on torch's own kernel. The class that torch has for it takes a second to load,
    which is as long as a small training."""

    def __init__(self, parameters: Iterable[nn.Parameter], config: Config) -> None:
        """A single number, such as a temperature, is no rule that could be too complicated: it does not decay."""
        several = list(parameters)
        self._rate: float = config["learning_rate"]
        self._groups = [
            _Group([each for each in several if each.ndim], config["weight_decay"]),
            _Group([each for each in several if not each.ndim], 0.0),
        ]

    def zero_grad(self) -> None:
        for group in self._groups:
            for parameter in group.parameters:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        for group in self._groups:
            group.step(self._rate)

    def state(self) -> State:
        return {str(place): group.state() for place, group in enumerate(self._groups)}

    def restore(self, state: State) -> None:
        for place, group in enumerate(self._groups):
            group.restore(state[str(place)])


class _Group:
    """Parameters that decay alike, and the running means of their gradients."""

    def __init__(self, parameters: list[nn.Parameter], decay: float) -> None:
        self.parameters = parameters
        self._decay = decay
        self._first = [torch.zeros_like(each, requires_grad=False) for each in parameters]
        self._second = [torch.zeros_like(each, requires_grad=False) for each in parameters]
        self._steps = [torch.zeros((), device=each.device) for each in parameters]

    def step(self, rate: float) -> None:
        moved = [place for place, each in enumerate(self.parameters) if each.grad is not None]
        if not moved:
            return
        for place in moved:
            self._steps[place] += 1
        torch._fused_adamw_(
            [self.parameters[place] for place in moved],
            [cast("Tensor", self.parameters[place].grad) for place in moved],
            [self._first[place] for place in moved],
            [self._second[place] for place in moved],
            [],
            [self._steps[place] for place in moved],
            lr=rate,
            beta1=_BETAS[0],
            beta2=_BETAS[1],
            weight_decay=self._decay,
            eps=_EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def state(self) -> State:
        return {"first": self._first, "second": self._second, "steps": self._steps}

    @torch.no_grad()
    def restore(self, state: State) -> None:
        for name, ours in self.state().items():
            for mine, saved in zip(ours, state[name], strict=True):
                mine.copy_(saved)


def descend(loss: Tensor, optimizer: AdamW, parameters: list[nn.Parameter], max_norm: float) -> None:
    """One step down the gradient, which is shortened where it is longer than `max_norm`."""
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    shorten(parameters, max_norm)
    optimizer.step()


@torch.no_grad()
def shorten(parameters: Iterable[nn.Parameter], max_norm: float) -> None:
    """All gradients together become at most this long."""
    gradients = [each.grad for each in parameters if each.grad is not None]
    length = torch.stack(torch._foreach_norm(gradients)).norm()  # noqa: SLF001 - one call for all of them
    torch._foreach_mul_(gradients, (max_norm / (length + _EPSILON)).clamp(max=1.0))


@torch.no_grad()
def follow(slow: nn.Module, network: nn.Module, tau: float) -> None:
    """The slow copy goes this share of the way: 1 is all of it."""
    for ours, theirs in zip(slow.parameters(), network.parameters(), strict=True):
        ours.lerp_(theirs, min(tau, 1.0))


class Means:
    """Means of what is measured on the way, kept on the device until somebody asks."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def add(self, **values: Tensor) -> None:
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value.detach().double()
            self._counts[name] = self._counts.get(name, 0) + 1

    def taken(self) -> dict[str, float]:
        """The means since it was last asked."""
        means = {name: float(total) / self._counts[name] for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        return means
