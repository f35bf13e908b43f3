"""Policy distillation: a teacher who sees the coming prices learns first; a student who does not learns from it.

The teacher is a means of training. It is no part of the network that is kept, nor is anything that it saw."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workers.engines.embedded.environments.execution import COMING, ExecutionTask
from workers.engines.embedded.parts.nets import generator_of, mlp, start
from workers.engines.embedded.parts.orders import CHOICES, OWN, Place
from workers.engines.embedded.parts.slicing import Ppo, Worker, fresh_reader
from workers.engines.embedded.parts.slicing import reader as network
from workers.engines.embedded.shapes import Config, Measures, State

__all__ = ["learner", "network", "policy"]

_PIECE = 2_000
"""Steps of the teacher between two moments at which one can speak or save."""


def policy(task: ExecutionTask, config: Config, network: nn.Module) -> Worker:  # noqa: ARG001 - the same for all
    return Worker(network)


def learner(task: ExecutionTask, config: Config, seed: int) -> Pd:
    return Pd(task, config, seed)


class Pd:
    """The student. Before its first step, its teacher goes through the train split so many times."""

    def __init__(self, task: ExecutionTask, config: Config, seed: int) -> None:
        self._task, self._config, self._chance = task, config, generator_of(seed, task.device)
        self._teacher = Teacher(task, config, self._chance)
        self._lessons: int = config["teacher_epochs"] * task.train_steps
        self.network = fresh_reader(task, config, self._chance)
        self._ppo = Ppo(
            task,
            config,
            self._chance,
            weights=list(self.network.parameters()),
            read=self._read,
            head=self.network.head,
            known=config["recurrent_units"] + OWN,
            advice=self._advice,
        )
        self.policy = Worker(self.network)

    @property
    def steps(self) -> int:
        return self._ppo.steps

    @property
    def prepared(self) -> float:
        return min(self._teacher.steps / self._lessons, 1.0)

    def prepare(self) -> None:
        """The teacher learns a little further."""
        self._teacher.learn(min(self._teacher.steps + _PIECE, self._lessons))

    def learn(self, until: int) -> Measures:
        while self.prepared < 1:
            self.prepare()
        self._ppo.learn(until)
        return self._ppo.means.taken()

    def state(self) -> State:
        return {
            "network": self.network.state_dict(),
            "ppo": self._ppo.state(),
            "teacher": self._teacher.state(),
            "chance": self._chance.get_state(),
        }

    def restore(self, state: State) -> None:
        self.network.load_state_dict(state["network"])
        self._ppo.restore(state["ppo"])
        self._teacher.restore(state["teacher"])
        self._chance.set_state(state["chance"])

    def _read(self, place: Place) -> Tensor:
        glimpse = self._task.see(place)
        return self.network.read(glimpse.bars, glimpse.own)

    def _advice(self, odds: Tensor, place: Place) -> Tensor:
        """How far the student's choice is from what its teacher would do at the same place."""
        advised = self._teacher.odds(place)
        distance = (advised.exp() * (advised - odds)).sum(-1).mean()
        self._ppo.means.add(distillation=distance)
        weighted: Tensor = self._config["distillation_weight"] * distance
        return weighted


class Teacher:
    """Sees the latest snapshot, the order, and how the prices of the rest of the window lie to the one now."""

    def __init__(self, task: ExecutionTask, config: Config, chance: torch.Generator) -> None:
        self._task = task
        known = task.columns + OWN + min(COMING, task.horizon - 1)
        self._head = mlp(known, config["hidden_layers"], CHOICES, config["activation"]).to(task.device)
        start(self._head, chance)
        weights = list(self._head.parameters())
        self._ppo = Ppo(task, config, chance, weights=weights, read=self._read, head=self._head, known=known)

    @property
    def steps(self) -> int:
        return self._ppo.steps

    def learn(self, until: int) -> None:
        self._ppo.learn(until)

    @torch.no_grad()
    def odds(self, place: Place) -> Tensor:
        preferred: Tensor = self._head(self._read(place))
        return preferred.log_softmax(-1)

    def state(self) -> State:
        return {"head": self._head.state_dict(), "ppo": self._ppo.state()}

    def restore(self, state: State) -> None:
        self._head.load_state_dict(state["head"])
        self._ppo.restore(state["ppo"])

    def _read(self, place: Place) -> Tensor:
        glimpse = self._task.see(place)
        return torch.cat((glimpse.bars[:, -1], glimpse.own, self._task.coming(place)), -1)
