"""Portfolios that are played on the train split, to learn from."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from workers.engines.embedded.environments.holdings import Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.shapes import State


class Played(NamedTuple):
    """One step of all accounts."""

    places: Tensor
    held: Tensor
    weights: Tensor
    reward: Tensor
    after: Tensor
    """What is held at the next bar."""
    alive: Tensor
    """False where everything was lost: nothing comes after."""
    over: Tensor
    """True where the train split ended: more would have come."""


class Accounts:
    """Portfolios that are played at the same time, each from another day of the train split. At its end they begin
    anew at its start, with nothing but cash."""

    def __init__(self, task: PortfolioTask, count: int, chance: Generator) -> None:
        self.task = task
        self._span = task.places("train")
        device = task.market.device
        first, beyond = self._span.start, self._span.stop
        self.places = torch.randint(first, beyond, (count,), generator=chance, device=device)
        self.held = torch.zeros(count, task.assets, device=device)

    def see(self) -> Seen:
        return self.task.see(self.places, self.held)

    def step(self, weights: Tensor) -> Played:
        """Everyone trades and is carried to the next bar."""
        places, held = self.places, self.held
        weights = self.task.limits.permit(weights, self.task.tradable[places])
        gain, after = self.task.settle(places, held, weights)
        alive = gain > -1.0
        over = places + 1 >= self._span.stop
        self.places = torch.where(over, self._span.start, places + 1)
        self.held = after * ~over.unsqueeze(-1)
        return Played(places, held, weights, self.task.reward(gain), after, alive, over)

    def state(self) -> State:
        return {"places": self.places, "held": self.held}

    def restore(self, state: State) -> None:
        device = self.task.market.device
        self.places, self.held = state["places"].to(device), state["held"].to(device)
