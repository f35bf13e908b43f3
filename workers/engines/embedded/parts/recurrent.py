"""A network with a memory: it reads the latest snapshots one after the other, then looks at its own order."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from workers.engines.embedded.parts.nets import mlp


class Reader(nn.Module):
    """Bars [B, L, C] and the order's own numbers [B, P] in, one number for each choice out."""

    usual_move: Tensor

    def __init__(
        self,
        *,
        columns: int,
        own: int,
        choices: int,
        units: int,
        hidden: Sequence[int],
        activation: str,
    ) -> None:
        super().__init__()
        # The last of the own numbers is a move of the price. What it is measured by belongs to the model.
        self.register_buffer("usual_move", torch.ones(()))
        self.memory = nn.GRU(columns, units, batch_first=True)
        self.head = mlp(units + own, hidden, choices, activation)

    def read(self, bars: Tensor, own: Tensor) -> Tensor:
        """What is known when the last snapshot has been read."""
        remembered = self.memory(bars)[1][-1]
        drift = (own[:, -1:] / self.usual_move).clamp(-10, 10)
        return torch.cat((remembered, own[:, :-1], drift), -1)

    def forward(self, bars: Tensor, own: Tensor) -> Tensor:
        preferred: Tensor = self.head(self.read(bars, own))
        return preferred
