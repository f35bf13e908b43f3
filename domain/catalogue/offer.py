"""What is offered: which algorithm for which task, and how to find it."""

from __future__ import annotations

from collections.abc import Sequence

from domain.catalogue.algorithms.execution import EXECUTION_ALGORITHMS
from domain.catalogue.algorithms.high_frequency import HIGH_FREQUENCY_ALGORITHMS
from domain.catalogue.algorithms.portfolio import PORTFOLIO_ALGORITHMS
from domain.catalogue.algorithms.portfolio_special import PORTFOLIO_SPECIAL_ALGORITHMS
from domain.catalogue.algorithms.trading import TRADING_ALGORITHMS
from domain.catalogue.model import Algorithm, Task, TaskType
from domain.catalogue.tasks import TASKS
from domain.catalogue.wording import hint
from domain.errors import Code, Problem, Refused
from domain.text import readable

_ALGORITHMS = (
    *TRADING_ALGORITHMS,
    *PORTFOLIO_ALGORITHMS,
    *PORTFOLIO_SPECIAL_ALGORITHMS,
    *EXECUTION_ALGORITHMS,
    *HIGH_FREQUENCY_ALGORITHMS,
)
_BY_PAIR: dict[tuple[str, str], Algorithm] = {(algorithm.task, algorithm.name): algorithm for algorithm in _ALGORITHMS}


def tasks() -> tuple[Task, ...]:
    return TASKS


def algorithms(task: TaskType | None = None) -> tuple[Algorithm, ...]:
    """All algorithms, or those of one task."""
    return tuple(algorithm for algorithm in _ALGORITHMS if task is None or algorithm.task == task)


def supported_algorithms() -> dict[str, list[str]]:
    """The names by task, as plain JSON for the system's own settings."""
    return {task.name.value: [algorithm.name.value for algorithm in algorithms(task.name)] for task in TASKS}


def find(task: str, algorithm: str) -> Algorithm:
    """The algorithm as it is offered for this task, or a refusal that says what is offered."""
    found = _BY_PAIR.get((task, algorithm))
    if found is not None:
        return found
    names = [known.value for known in TaskType]
    if task not in names:
        raise Refused(_unknown("There is no task", task, names, "task_type"))
    offered = [known.name.value for known in algorithms(TaskType(task))]
    raise Refused(_unknown(f"The task {task} has no algorithm", algorithm, offered, "algorithm"))


def _unknown(sentence: str, given: str, known: Sequence[str], field: str) -> Problem:
    message = f'{sentence} "{readable(given)}".{hint(given, known)} Choose one of: {", ".join(known)}.'
    return Problem(Code.UNKNOWN, message, (field,))
