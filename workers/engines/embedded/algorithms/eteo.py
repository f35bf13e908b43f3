"""ETEO: a recurrent network reads the raw order book and decides how much to trade next, learned end to end by PPO."""

from __future__ import annotations

from torch import Tensor, nn

from workers.engines.embedded.environments.execution import ExecutionTask
from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.parts.orders import OWN, Place
from workers.engines.embedded.parts.slicing import Ppo, Worker, fresh_reader
from workers.engines.embedded.parts.slicing import reader as network
from workers.engines.embedded.shapes import Config, Measures, State

__all__ = ["learner", "network", "policy"]


def policy(task: ExecutionTask, config: Config, network: nn.Module) -> Worker:  # noqa: ARG001 - the same for all
    return Worker(network)


def learner(task: ExecutionTask, config: Config, seed: int) -> Eteo:
    return Eteo(task, config, seed)


class Eteo:
    """The memory, the decision and the judgement of the critic all learn from the same rollouts."""

    def __init__(self, task: ExecutionTask, config: Config, seed: int) -> None:
        self._task, self._chance = task, generator_of(seed, task.device)
        self.network = fresh_reader(task, config, self._chance)
        self._ppo = Ppo(
            task,
            config,
            self._chance,
            weights=list(self.network.parameters()),
            read=self._read,
            head=self.network.head,
            known=config["recurrent_units"] + OWN,
        )
        self.policy = Worker(self.network)

    @property
    def steps(self) -> int:
        return self._ppo.steps

    def learn(self, until: int) -> Measures:
        self._ppo.learn(until)
        return self._ppo.means.taken()

    def state(self) -> State:
        return {"network": self.network.state_dict(), "ppo": self._ppo.state(), "chance": self._chance.get_state()}

    def restore(self, state: State) -> None:
        self.network.load_state_dict(state["network"])
        self._ppo.restore(state["ppo"])
        self._chance.set_state(state["chance"])

    def _read(self, place: Place) -> Tensor:
        glimpse = self._task.see(place)
        return self.network.read(glimpse.bars, glimpse.own)
