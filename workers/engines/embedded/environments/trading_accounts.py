"""Accounts of one instrument that are played on the train split, to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.shapes import State


@dataclass(frozen=True, slots=True)
class Played:
    """One step of all accounts: where each stood, what it held and chose, and what that gained."""

    places: Tensor
    held: Tensor
    chosen: Tensor
    gain: Tensor


class Accounts:
    """Traders that play at the same time, each from another bar of the train split. At its end, or when all is lost,
    they begin anew at its start with nothing held."""

    def __init__(self, task: TradingTask, count: int, chance: Generator) -> None:
        self.task = task
        self._span = task.span("train")
        self.places = torch.randint(self._span.start, self._span.stop, (count,), generator=chance, device=chance.device)
        self.held = torch.full_like(self.places, task.flat)

    def see(self) -> Tensor:
        return self.task.see(self.places, self.held)

    def step(self, chosen: Tensor) -> Played:
        gain, _ = self.task.settle(self.places, self.held, chosen)
        played = Played(self.places, self.held, chosen, gain)
        over = (self.places + 1 >= self._span.stop) | (gain <= -1.0)
        self.places = torch.where(over, self._span.start, self.places + 1)
        self.held = torch.where(over, self.task.flat, chosen)
        return played

    def state(self) -> State:
        return {"places": self.places, "held": self.held}

    def restore(self, state: State) -> None:
        device = self.task.market.device
        self.places, self.held = state["places"].to(device), state["held"].to(device)
