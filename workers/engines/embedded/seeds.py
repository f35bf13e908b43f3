"""One agent from its first step to its last, from one seed: learn, test, keep the best."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor

from workers.engines.embedded.shapes import SPLITS, Algorithm, BadInput, Config, Measures, Prepares, Split, State, Task

_CHUNK = 1_000
"""Steps between two moments at which one can speak or save. Fixed, so that sums do not depend on the clock."""
_MOST_EVALUATIONS = 200
"""Of a run: on a long series with a short interval, testing would otherwise take far longer than learning."""

_PREPARING = 0.2
"""What the work before the first step counts beside all steps, where there is any."""


@dataclass(frozen=True, slots=True)
class Best:
    """The agent that did best on the valid split so far."""

    step: int
    score: float
    measures: dict[Split, Measures]
    weights: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How the agent did at this step, and what was measured while it learned since the last one."""

    step: int
    epoch: int
    measures: dict[Split, Measures]
    learning: Measures
    is_best: bool


def interval_of(config: Config, total: int) -> int:
    """Steps between two evaluations."""
    return max(int(config["evaluation_interval"]), math.ceil(total / _MOST_EVALUATIONS))


class SeedRun:
    """Goes forward by small pieces, the same ones in every run."""

    def __init__(self, task: Task, algorithm: Algorithm, config: Config, seed: int) -> None:
        self.seed = seed
        self._task = task
        self._learner = algorithm.learner(task, config, seed)
        self.total = int(config["epochs"]) * task.train_steps
        self._interval = interval_of(config, self.total)
        self._evaluated = 0
        self._sums: dict[str, float] = {}
        self._steps_of: dict[str, int] = {}
        self.best: Best | None = None

    @property
    def steps(self) -> int:
        return self._learner.steps

    @property
    def epoch(self) -> int:
        """The pass over the train split that it is in, from 1."""
        return min(math.ceil(max(self.steps, 1) / self._task.train_steps), self.total // self._task.train_steps)

    @property
    def is_over(self) -> bool:
        return self.steps >= self.total

    @property
    def prepares(self) -> bool:
        """Whether there is still something to do before the first step."""
        return isinstance(self._learner, Prepares) and self._learner.prepared < 1

    @property
    def share(self) -> float:
        """Of all its work, that is done."""
        played = min(self.steps / self.total, 1.0)
        if not isinstance(self._learner, Prepares):
            return played
        return _PREPARING * self._learner.prepared + (1 - _PREPARING) * played

    def prepare(self) -> None:
        """A piece further in what comes before the first step."""
        if isinstance(self._learner, Prepares):
            self._learner.prepare()

    def advance(self) -> Evaluation | None:
        """A piece further; an evaluation when one is due."""
        before, due = self.steps, (self._evaluated // self._interval + 1) * self._interval
        means = self._learner.learn(min((before // _CHUNK + 1) * _CHUNK, due, self.total))
        for name, value in means.items():
            played = self.steps - before
            self._sums[name] = self._sums.get(name, 0.0) + _known(name, value) * played
            self._steps_of[name] = self._steps_of.get(name, 0) + played
        return self._evaluate() if self.steps >= due or self.is_over else None

    def state(self) -> State:
        return {
            "learner": self._learner.state(),
            "evaluated": self._evaluated,
            "sums": self._sums,
            "steps_of": self._steps_of,
            "best": asdict(self.best) if self.best else None,
        }

    def restore(self, state: State) -> None:
        self._learner.restore(state["learner"])
        self._evaluated, self._sums, self._steps_of = state["evaluated"], state["sums"], state["steps_of"]
        self.best = best_of(state["best"])

    def _evaluate(self) -> Evaluation:
        network = self._learner.network
        was_training = network.training
        network.eval()
        measures = {split: self._task.evaluate(self._learner.policy, split) for split in SPLITS}
        network.train(was_training)
        learning = {name: total / self._steps_of[name] for name, total in self._sums.items()}
        self._sums, self._steps_of, self._evaluated = {}, {}, self.steps
        score = _known(self._task.score, measures["valid"][self._task.score])
        is_best = self.best is None or score > self.best.score
        if is_best:
            weights = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
            self.best = Best(self.steps, score, measures, weights)
        return Evaluation(self.steps, self.epoch, measures, learning, is_best)


def best_of(plain: dict[str, Any] | None) -> Best | None:
    return Best(**plain) if plain else None


def _known(name: str, value: float) -> float:
    if not math.isfinite(value):
        message = f"The training has run away: {name} is no number any more. Choose a lower learning rate."
        raise BadInput("DIVERGED", message)
    return value
