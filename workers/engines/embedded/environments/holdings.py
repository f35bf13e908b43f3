"""What an account of several assets may hold, and what it may know when it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

_SHARPNESS = 3.0
"""How clear an opinion a score of 1 is: e ** 3 times as much is held as of what scores 0."""


class Seen(NamedTuple):
    """What an agent may know when it decides: nothing later than the bar it stands at."""

    windows: Tensor
    """[batch, assets, lookback, features]: the latest bars, the newest last."""
    held: Tensor
    """[batch, assets]: the weights after the market has moved them."""
    tradable: Tensor
    """[batch, assets]: whether the asset has a price."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may hold. All positions together never exceed the account, or one position's limit if larger."""

    largest: float
    short: bool

    @property
    def gross(self) -> float:
        return max(1.0, self.largest)

    def permit(self, wanted: Tensor, tradable: Tensor) -> Tensor:
        """The weights that come nearest to what is wanted."""
        capped = wanted.clamp(-self.largest if self.short else 0.0, self.largest) * tradable
        return capped * (self.gross / capped.abs().sum(-1, keepdim=True).clamp_min(self.gross))

    def spread(self, scores: Tensor, tradable: Tensor) -> Tensor:
        """Scores to weights. Cash scores 0; the further an asset's score is from 0, the more of it is held."""
        scores = _SHARPNESS * scores
        cash = torch.zeros_like(scores[..., :1])
        closed = torch.finfo(scores.dtype).min
        choices = [cash, scores.masked_fill(~tradable, closed)]
        if self.short:
            choices.append((-scores).masked_fill(~tradable, closed))
        shares = torch.cat(choices, -1).softmax(-1)[..., 1:]
        assets = scores.shape[-1]
        weights = shares[..., :assets] - shares[..., assets:] if self.short else shares
        return (weights * self.gross).clamp(-self.largest, self.largest)
