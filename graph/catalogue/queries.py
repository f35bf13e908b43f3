"""Reading the catalogue, and trying out a config."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from strawberry import UNSET
from strawberry.scalars import JSON

from domain import catalogue
from domain.errors import Refused
from graph.catalogue.enums import AlgorithmName, TaskType
from graph.catalogue.types import AlgorithmDefinition, TaskDefinition, ValidationResult
from graph.payloads import UserError, query
from graph.policy import ANYONE

_Task = Annotated[TaskType, strawberry.argument(description="The task.")]
_Name = Annotated[AlgorithmName, strawberry.argument(description="The algorithm.")]


async def _tasks() -> Sequence[catalogue.Task]:
    return catalogue.tasks()


async def _algorithms(
    task: Annotated[TaskType | None, strawberry.argument(description="Only those for this task.")] = UNSET,
) -> Sequence[catalogue.Algorithm]:
    return catalogue.algorithms(task or None)


async def _algorithm(task: _Task, name: _Name) -> catalogue.Algorithm | None:
    return next((algorithm for algorithm in catalogue.algorithms(task) if algorithm.name is name), None)


async def _validate(
    task: _Task,
    algorithm: _Name,
    config: Annotated[JSON, strawberry.argument(description="An object: names of parameters and their values.")],
) -> ValidationResult:
    try:
        completed = catalogue.complete(task, algorithm, config)
    except Refused as refused:
        return ValidationResult(valid=False, errors=[UserError.of(one) for one in refused.problems], completed=None)
    return ValidationResult(valid=True, errors=[], completed=JSON(completed))


@strawberry.type
class CatalogueQueries:
    tasks: list[TaskDefinition] = query(_tasks, policy=ANYONE, description="The kinds of work an agent is trained for.")
    algorithms: list[AlgorithmDefinition] = query(
        _algorithms, policy=ANYONE, description="What agents can learn by, with the parameters of each."
    )
    algorithm: AlgorithmDefinition | None = query(
        _algorithm, policy=ANYONE, description="One algorithm; null when it is not offered for that task."
    )
    validate_strategy_config: ValidationResult = query(
        _validate, policy=ANYONE, description="Try a config before you save it. Nothing is kept."
    )
