"""How much better actions turned out than was expected, and how to make the better ones more likely."""

from __future__ import annotations

import torch
from torch import Tensor


def carried_back(surprises: Tensor, shares: Tensor) -> Tensor:
    """[steps, environments]: each surprise and the share of the later ones that counts for it, from last to first."""
    later = torch.zeros_like(surprises[0])
    rows = []
    for surprise, share in zip(surprises.flip(0), shares.flip(0), strict=True):
        later = surprise + share * later
        rows.append(later)
    return torch.stack(rows[::-1])


def normalised(values: Tensor) -> Tensor:
    return (values - values.mean()) / (values.std(correction=0) + 1e-8)


def clipped_gain(log_chance: Tensor, log_chance_before: Tensor, better: Tensor, reach: float) -> Tensor:
    """The objective of PPO: nothing is won by moving the chance of an action further than this share of it."""
    ratio = (log_chance - log_chance_before).exp()
    better = normalised(better)
    return torch.minimum(ratio * better, ratio.clamp(1 - reach, 1 + reach) * better).mean()
