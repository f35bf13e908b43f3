"""Double DQN on the order book, with demonstrations: while training, the network is also drawn to what would have been
best in hindsight. That is worked out on the train split alone, and neither the network nor its inputs know of it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import kl_div

from workers.engines.embedded.algorithms.dqn import Lesson, QLearner, network, policy
from workers.engines.embedded.environments.high_frequency import HighFrequencyTask, Sessions
from workers.engines.embedded.shapes import Config, Measures, State

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
        self._hindsight = Hindsight(task, config["discount"])

    @property
    def prepared(self) -> float:
        return self._hindsight.share

    def prepare(self) -> None:
        self._hindsight.go_on()

    def learn(self, until: int) -> Measures:
        while self.prepared < 1:
            self.prepare()
        return super().learn(until)

    def state(self) -> State:
        return {**super().state(), "hindsight": self._hindsight.known}

    def restore(self, state: State) -> None:
        super().restore(state)
        self._hindsight.restore(state["hindsight"])

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
        following = self._hindsight.worth.index_select(0, places + 1 - self._first)
        worth: Tensor = _gains(self.task, places, held) + self.config["discount"] * following
        return worth.float()


class Hindsight:
    """What each level held before each snapshot of the train split was worth to somebody who knew all of it, in usual
    moves: [bars + 1, levels], by dynamic programming from the last bar to the first."""

    def __init__(self, task: HighFrequencyTask, discount: float) -> None:
        self._task, self._discount, self._span = task, discount, task.span("train")
        device = task.levels.device
        self.worth = torch.zeros(len(self._span) + 1, task.actions, dtype=torch.float64, device=device)
        self._reached = len(self._span)

    @property
    def share(self) -> float:
        return 1 - self._reached / max(len(self._span), 1)

    @property
    def known(self) -> Tensor:
        return self.worth[self._reached :]

    def restore(self, known: Tensor) -> None:
        self._reached = len(self.worth) - len(known)
        self.worth[self._reached :] = known

    def go_on(self) -> None:
        """Some bars further back."""
        levels = self._task.actions
        stop = self._reached
        first = max(stop - max(_AT_ONCE // levels**2, 1), 0)
        bars = torch.arange(first, stop, device=self.worth.device) + self._span.start
        every = torch.arange(levels, device=self.worth.device)
        gains = _gains(self._task, bars.repeat_interleave(levels), every.repeat(len(bars))).view(-1, levels, levels)
        for bar in range(stop - 1, first - 1, -1):
            self.worth[bar] = (gains[bar - first] + self._discount * self.worth[bar + 1]).amax(-1)
        self._reached = first


def _gains(task: HighFrequencyTask, places: Tensor, held: Tensor) -> Tensor:
    """What choosing each level would gain, [batch, levels], in usual moves."""
    levels = task.actions
    every = torch.arange(levels, device=places.device).repeat(len(places))
    gain, _ = task.settle(places.repeat_interleave(levels), held.repeat_interleave(levels), every)
    return gain.view(-1, levels) / task.unit
