"""Large orders on their way: where each stands, and what an agent sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

PACES = (0.0, 1.0, 2.0, 4.0)
"""How fast an agent may trade, as multiples of an even pace for what is left. The last choice is the largest slice."""
CHOICES = len(PACES) + 1
OWN = 4
"""How many numbers an agent sees of its own order."""
OWN_HOLDS = (
    "the share of the order that is left, the share of the time that is left, how far the order lies behind an even "
    "pace, how far the price has gone in its favour since it began"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where each order of a batch stands: where its window began, its step, and the share of the order left."""

    begin: Tensor
    step: Tensor
    left: Tensor

    @property
    def now(self) -> Tensor:
        return self.begin + self.step

    def part(self, rows: Tensor) -> Place:
        return Place(self.begin[rows], self.step[rows], self.left[rows])

    def renewed(self, over: Tensor, fresh: Place) -> Place:
        """With a fresh order in place of each one that is over."""
        return Place(
            torch.where(over, fresh.begin, self.begin),
            torch.where(over, fresh.step, self.step),
            torch.where(over, fresh.left, self.left),
        )

    @staticmethod
    def joined(places: Sequence[Place]) -> Place:
        return Place(
            torch.cat([place.begin for place in places]),
            torch.cat([place.step for place in places]),
            torch.cat([place.left for place in places]),
        )


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What an agent sees: the latest snapshots, its own order, and the slices that it may choose from."""

    bars: Tensor
    own: Tensor
    choices: Tensor
