"""What the parts of the engine agree on. To add an algorithm, write one file and name it in `registry`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, Protocol, TypedDict, runtime_checkable

from torch import Tensor, nn

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")

Measures = dict[str, float]
"""By name; finite numbers only. Those of trading: total_return, annual_return, volatility, sharpe, sortino,
max_drawdown (0 or less), turnover (a year), trades, win_rate, exposure. Those of order execution: cost_bps, saving_bps
(against trading evenly; more is better), saving_error_bps (the standard error of its mean), win_rate, filled."""

State = dict[str, Any]
"""Tensors, numbers, texts, None, and lists and dicts of them: what a checkpoint can keep without pickle."""


Config = Mapping[str, Any]
"""All parameters of one algorithm, checked before they come here."""


class BadInput(Exception):
    """What a person can mend: the data or the configuration does not fit. The message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Input(TypedDict):
    """One of the tensors that a network takes, for whoever uses the model without this engine."""

    name: str
    shape: list[int | str]
    holds: str


class Policy(Protocol):
    """Acts without exploring. What it observes is a matter between it and its task."""

    def act(self, observation: Any) -> Tensor:
        """One action for each row of the batch."""


class Account(NamedTuple):
    """What was earned, decision by decision: each of the others is [decisions]."""

    first: int
    """The place in the market of the first decision; each one is paid for at the next place."""
    returns: Tensor
    turnover: Tensor
    """The share of the equity that was traded."""
    exposure: Tensor
    """What was held in multiples of the equity; long and short both count."""
    changes: Tensor
    """How many holdings were changed on purpose."""


class Task(Protocol):
    """One kind of work on one market: what an agent sees, what it may do, what it is paid for."""

    @property
    def score(self) -> str:
        """The measure by which the best agent is chosen, on the valid split. More is better."""

    @property
    def train_steps(self) -> int:
        """How many steps one pass over the train split has: an epoch."""

    @property
    def inputs(self) -> list[Input]:
        """What the networks of this task take, in order: it goes into the papers of the model."""

    def evaluate(self, policy: Policy, split: Split) -> Measures:
        """The policy on this split from its first bar to its last, in one go, with all costs. Deterministic."""

    def baselines(self, split: Split) -> Mapping[str, Measures]:
        """What doing nothing clever would have earned there, with the same costs and the same measures."""

    def targets(self, policy: Policy, split: Split) -> Tensor:
        """What the policy wants to hold, bar by bar of this split, [bars, symbols]: what `evaluate` follows."""

    def decide(self, policy: Policy, place: int, situation: Mapping[str, float]) -> dict[str, float]:
        """What the policy does at this place of the market, by name: for trading, the position to hold by symbol.

        The situation says how things stand, in the same names; what it leaves out is as at the start of an episode."""


@runtime_checkable
class KeepsAccounts(Protocol):
    """What a task has besides, where there is an account bar by bar; the measures are those of the accounts."""

    def account(self, policy: Policy, split: Split) -> Account:
        """That of the policy on this split."""

    def plain_accounts(self, split: Split) -> Mapping[str, Callable[[], Iterable[Account]]]:
        """Those of baselines, made when they are asked for; several where one acts by chance."""


class Learner(Protocol):
    """One algorithm at work. All chance comes from its own torch.Generator, seeded once: equal seeds, equal runs."""

    @property
    def steps(self) -> int:
        """Environment steps so far, over all parallel environments."""

    @property
    def policy(self) -> Policy: ...

    @property
    def network(self) -> nn.Module:
        """What acts, and nothing else: its state_dict becomes the model, and nothing of training is in it."""

    def learn(self, until: int) -> Measures:
        """Play and learn up to this step, or a little beyond; the means of what was measured on the way (loss,
        reward, exploration ...)."""

    def state(self) -> State:
        """All that it takes to go on as if nothing had happened: networks, optimisers, replay, places, chance."""

    def restore(self, state: State) -> None: ...


@runtime_checkable
class Prepares(Protocol):
    """What a learner may have besides: work before its first step, in pieces of about a second. What is not done when
    `learn` is called, `learn` does."""

    @property
    def prepared(self) -> float:
        """The share of it that is done."""

    def prepare(self) -> None:
        """A piece further."""


class Algorithm(Protocol):
    """What the module of an algorithm offers, as plain functions. `registry` finds it by task and name."""

    @staticmethod
    def network(task: Any, config: Config) -> nn.Module:
        """A fresh network of the right shape; its numbers do not matter, as they are set or loaded afterwards."""

    @staticmethod
    def policy(task: Any, config: Config, network: nn.Module) -> Policy:
        """What acts with this network."""

    @staticmethod
    def learner(task: Any, config: Config, seed: int) -> Learner:
        """What trains such a network from this seed, with `config["epochs"] * task.train_steps` steps ahead of it."""
