"""Double DQN on the order book, with demonstrations: while training, the network is also drawn to what would have been
best in hindsight. That is worked out on the train split alone, and neither the network nor its inputs know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import kl_div

from workers.engines.embedded.algorithms.dqn import Lesson, QLearner, network, policy
from workers.engines.embedded.environments.high_frequency import HighFrequencyTask, Sessions

if TYPE_CHECKING:
    from workers.engines.embedded.shapes import Config

__all__ = ["learner", "network", "policy"]

_AT_ONCE = 200_000
"""Cases of hindsight that are worked out at once: more would only take memory."""


def learner(task: HighFrequencyTask, config: Config, seed: int) -> Demonstrated:
    return Demonstrated(task, config, seed)


class Demonstrated(QLearner):
    """Learns from what it earned, and from what could have been earned."""

    task: HighFrequencyTask

    def __init__(self, task: HighFrequencyTask, config: Config, seed: int) -> None:
        super().__init__(task, config, seed, network(task, config), double=True)
        self._accounts = Sessions(task, self._count, self._chance)
        self._first = task.span("train").start
        self._best = hindsight(task, config["discount"])

    def loss(self, lesson: Lesson) -> Tensor:
        """The demonstration is a preference: how much better each level would have been, softly."""
        learned = super().loss(lesson)
        if self.config["demonstration_weight"] == 0:
            return learned
        worth: Tensor = self.network(self.task.see(lesson.places, lesson.held))
        shown = self._shown(lesson.places, lesson.held).log_softmax(-1)
        drawn = kl_div(worth.log_softmax(-1), shown, reduction="batchmean", log_target=True)
        weighted: Tensor = learned + self.config["demonstration_weight"] * drawn
        return weighted

    def _shown(self, places: Tensor, held: Tensor) -> Tensor:
        following = self._best.index_select(0, places + 1 - self._first)
        worth: Tensor = _gains(self.task, places, held) + self.config["discount"] * following
        return worth.float()


def hindsight(task: HighFrequencyTask, discount: float) -> Tensor:
    """What each level held before each snapshot of the train split was worth to somebody who knew all of it:
    [bars + 1, levels], in usual moves, by dynamic programming from the last bar to the first."""
    span, levels = task.span("train"), task.actions
    best = torch.zeros(len(span) + 1, levels, dtype=torch.float64, device=task.levels.device)
    chunk = max(_AT_ONCE // levels**2, 1)
    every = torch.arange(levels, device=best.device)
    for stop in range(span.stop, span.start, -chunk):
        bars = torch.arange(max(stop - chunk, span.start), stop, device=best.device)
        gains = _gains(task, bars.repeat_interleave(levels), every.repeat(len(bars))).view(-1, levels, levels)
        for row in range(len(bars) - 1, -1, -1):
            place = int(bars[0]) + row - span.start
            best[place] = (gains[row] + discount * best[place + 1]).amax(-1)
    return best


def _gains(task: HighFrequencyTask, places: Tensor, held: Tensor) -> Tensor:
    """What choosing each level would gain, [batch, levels], in usual moves."""
    levels = task.actions
    every = torch.arange(levels, device=places.device).repeat(len(places))
    gain, _ = task.settle(places.repeat_interleave(levels), held.repeat_interleave(levels), every)
    return gain.view(-1, levels) / task.unit
