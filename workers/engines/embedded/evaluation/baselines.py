"""What needs no agent: the yardsticks that stand beside every result."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from torch import Generator

from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.shapes import Measures

RANDOM_SEEDS = range(1, 9)


def mean_of(several: Iterable[Measures]) -> Measures:
    """The mean of each measure."""
    runs = list(several)
    return {name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}


def by_chance(run: Callable[[Generator], Measures]) -> Measures:
    """What acting at random gives on average, over several seeds that never change."""
    return mean_of(run(generator_of(seed)) for seed in RANDOM_SEEDS)
