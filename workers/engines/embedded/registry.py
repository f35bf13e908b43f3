"""Which algorithm is for which task, and where each is. To add one, write its file and name it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from workers.engines.embedded.bars import Only
from workers.engines.embedded.market import Market
from workers.engines.embedded.shapes import Algorithm, BadInput, Config, Task

TaskOf = Callable[[Market, Config], Task]

_ROOM = "workers.engines.embedded"


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where the class of a task is, and whether its market has one symbol."""

    place: str
    only: Only


_TASKS = {
    "algorithmic_trading": _Kind("environments.trading:TradingTask", "one"),
    "portfolio_management": _Kind("environments.portfolio:PortfolioTask", "all"),
    "order_execution": _Kind("environments.execution:ExecutionTask", "one"),
    "high_frequency_trading": _Kind("environments.high_frequency:HighFrequencyTask", "one"),
}
_ALGORITHMS = {
    ("algorithmic_trading", "dqn"): "dqn",
    ("algorithmic_trading", "ddqn"): "ddqn",
    ("algorithmic_trading", "deepscalper"): "deepscalper",
    ("portfolio_management", "ppo"): "ppo",
    ("portfolio_management", "a2c"): "a2c",
    ("portfolio_management", "pg"): "pg",
    ("portfolio_management", "ddpg"): "ddpg",
    ("portfolio_management", "sac"): "sac",
    ("portfolio_management", "td3"): "td3",
    ("portfolio_management", "eiie"): "eiie",
    ("portfolio_management", "sarl"): "sarl",
    ("portfolio_management", "deeptrader"): "deeptrader",
    ("portfolio_management", "investor_imitator"): "investor_imitator",
    ("order_execution", "eteo"): "eteo",
    ("order_execution", "pd"): "pd",
    ("high_frequency_trading", "ddqn"): "high_frequency_ddqn",
}


def pairs() -> tuple[tuple[str, str], ...]:
    """Every task with each algorithm that the engine has for it."""
    return tuple(_ALGORITHMS)


def algorithm_of(task: str, name: str) -> Algorithm:
    """The module that has it. It is imported only when it is used."""
    if (task, name) not in _ALGORITHMS:
        known = ", ".join(each for of, each in _ALGORITHMS if of == task)
        message = f'For the task "{task}" there is no algorithm "{name}". Choose one of: {known or "none"}.'
        raise BadInput("UNKNOWN_ALGORITHM", message)
    return cast("Algorithm", import_module(f"{_ROOM}.algorithms.{_ALGORITHMS[task, name]}"))


def task_of(name: str) -> TaskOf:
    module, kind = _kind(name).place.split(":")
    return cast("TaskOf", getattr(import_module(f"{_ROOM}.{module}"), kind))


def symbols_of(name: str) -> Only:
    """Whether the task works on one symbol or on all that the data has."""
    return _kind(name).only


def _kind(name: str) -> _Kind:
    if name not in _TASKS:
        raise BadInput("UNKNOWN_TASK", f'There is no task "{name}". Choose one of: {", ".join(_TASKS)}.')
    return _TASKS[name]
