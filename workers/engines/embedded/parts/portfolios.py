"""What all algorithms for portfolios share: accounts to play with, chance, and what a checkpoint keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy

from torch import Tensor, nn

from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.environments.portfolio_accounts import Accounts
from workers.engines.embedded.parts.nets import generator_of, scale, start
from workers.engines.embedded.parts.optim import AdamW, Means, descend
from workers.engines.embedded.shapes import Config, Measures, Policy, State

_OPINION = 0.01
"""How strong, at the start, the opinions of an agent are that it has not yet learned from anything."""


class PortfolioLearner(ABC):
    """An algorithm says in `round` how it plays some steps and learns from them."""

    policy: Policy

    def __init__(
        self, task: PortfolioTask, config: Config, seed: int, nets: Mapping[str, nn.Module], accounts: int
    ) -> None:
        """Of the nets, that with the name `network` acts."""
        self.task = task
        self.config = config
        self.steps = 0
        self.chance = generator_of(seed, task.market.device)
        self.nets = dict(nets)
        for net in nets.values():
            start(net.to(task.market.device).eval(), self.chance)
        scale(next(layer for layer in reversed(list(self.network.modules())) if isinstance(layer, nn.Linear)), _OPINION)
        self.accounts = Accounts(task, accounts, self.chance)
        self.means = Means()
        self._optimizers: dict[str, AdamW] = {}

    @property
    def network(self) -> nn.Module:
        return self.nets["network"]

    @abstractmethod
    def round(self) -> None:
        """Play one step or a few with all accounts, and learn."""

    def learn(self, until: int) -> Measures:
        while self.steps < until:
            self.round()
        return self.means.taken()

    def descend(self, loss: Tensor, *names: str) -> None:
        """One step down the gradient for these nets, which always learn together."""
        parameters = [parameter for name in names for parameter in self.nets[name].parameters()]
        optimizer = self._optimizer("+".join(names))
        descend(loss, optimizer, parameters, self.config["max_gradient_norm"])

    @contextmanager
    def fixed(self, *names: str) -> Iterator[None]:
        """Through these nets gradients flow, but none are worked out for them."""
        nets = [self.nets[name] for name in names]
        for net in nets:
            net.requires_grad_(requires_grad=False)
        yield
        for net in nets:
            net.requires_grad_(requires_grad=True)

    def state(self) -> State:
        return deepcopy(
            {
                "steps": self.steps,
                "chance": self.chance.get_state(),
                "accounts": self.accounts.state(),
                "nets": {name: net.state_dict() for name, net in self.nets.items()},
                "optimizers": {names: optimizer.state() for names, optimizer in self._optimizers.items()},
            }
        )

    def restore(self, state: State) -> None:
        self.steps = state["steps"]
        self.chance.set_state(state["chance"])
        self.accounts.restore(state["accounts"])
        for name, net in self.nets.items():
            net.load_state_dict(state["nets"][name])
        for names, remembered in state["optimizers"].items():
            self._optimizer(names).restore(remembered)

    def _optimizer(self, names: str) -> AdamW:
        if names not in self._optimizers:
            parameters = [parameter for name in names.split("+") for parameter in self.nets[name].parameters()]
            self._optimizers[names] = AdamW(parameters, self.config)
        return self._optimizers[names]
