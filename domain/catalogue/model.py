"""The words of the catalogue: tasks, algorithms and their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

Value = bool | int | float | str | tuple[int, ...]


class TaskType(StrEnum):
    """What an agent is trained to do."""

    ALGORITHMIC_TRADING = "algorithmic_trading"
    PORTFOLIO_MANAGEMENT = "portfolio_management"
    ORDER_EXECUTION = "order_execution"
    HIGH_FREQUENCY_TRADING = "high_frequency_trading"


class AlgorithmName(StrEnum):
    """How an agent learns. One name may be offered for several tasks."""

    DQN = "dqn"
    DDQN = "ddqn"
    DEEPSCALPER = "deepscalper"
    PPO = "ppo"
    A2C = "a2c"
    PG = "pg"
    DDPG = "ddpg"
    SAC = "sac"
    TD3 = "td3"
    EIIE = "eiie"
    SARL = "sarl"
    DEEPTRADER = "deeptrader"
    INVESTOR_IMITATOR = "investor_imitator"
    ETEO = "eteo"
    PD = "pd"


class Kind(StrEnum):
    """What sort of value a parameter takes."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    INTEGER_LIST = "integer_list"


class Group(StrEnum):
    """Where a parameter stands in a form, in this order."""

    TRAINING = "training"
    NETWORK = "network"
    EXPLORATION = "exploration"
    REPLAY = "replay"
    ALGORITHM = "algorithm"
    RISK = "risk"
    ENVIRONMENT = "environment"


class Family(StrEnum):
    """What an algorithm learns from."""

    VALUE_BASED = "value_based"
    POLICY_GRADIENT = "policy_gradient"
    ACTOR_CRITIC = "actor_critic"
    IMITATION = "imitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value that a person may set. In a list the range holds for each item."""

    name: str
    title: str
    kind: Kind
    default: Value
    group: Group
    help: str
    unit: str | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    min_items: int | None = None
    max_items: int | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False

    def with_default(self, default: Value) -> Parameter:
        return replace(self, default=default)


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold between several parameters. It binds every algorithm that has all of them."""

    fields: tuple[str, ...]
    text: str
    holds: Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A kind of work, and the data that it needs."""

    name: TaskType
    title: str
    summary: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Algorithm:
    """A way of learning, offered for one task."""

    task: TaskType
    name: AlgorithmName
    title: str
    summary: str
    family: Family
    reference: str
    parameters: tuple[Parameter, ...]
    rules: tuple[Rule, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        return next((parameter for parameter in self.parameters if parameter.name == name), None)
