"""The types TaskDefinition, AlgorithmDefinition and ParameterDefinition."""

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.catalogue import Algorithm, Parameter, Task, algorithms, complete, json_schema
from graph.catalogue.enums import AlgorithmName, Family, Group, Kind, TaskType
from graph.fields import edge, plain
from graph.payloads import UserError


def _default(parent: Parent[Parameter]) -> JSON:
    return JSON(list(parent.default) if isinstance(parent.default, tuple) else parent.default)


@strawberry.type(description="One value that you may set in the config of an algorithm.")
class ParameterDefinition:
    name: str = plain("Its key in the config.")
    title: str = plain("Its name for people.")
    help: str = plain("What it does, in a sentence.")
    kind: Kind = plain("What sort of value it takes.")
    group: Group = plain("Where it stands in a form.")
    advanced: bool = plain("Whether a form may hide it at first.")
    default: JSON = edge(_default, "The value when you leave it out.")
    unit: str | None = plain("What it is counted in; null where there is no unit.")
    minimum: float | None = plain("Smallest value; null where values are no numbers.")
    maximum: float | None = plain("Largest value; null where values are no numbers.")
    exclusive_minimum: bool = plain("Whether the value must be more than `minimum`, not equal to it.")
    exclusive_maximum: bool = plain("Whether the value must be less than `maximum`, not equal to it.")
    min_items: int | None = plain("Fewest items of a list; null where values are no lists.")
    max_items: int | None = plain("Most items of a list; null where values are no lists.")
    choices: list[str] = plain("What can be chosen; empty where anything in range goes.")


@strawberry.type(description="What must hold between several parameters.")
class ParameterRule:
    fields: list[str] = plain("Names of the parameters that it binds.")
    text: str = plain("What must hold, in a sentence.")


def _json_schema(parent: Parent[Algorithm]) -> JSON:
    return JSON(json_schema(parent))


def _defaults(parent: Parent[Algorithm]) -> JSON:
    return JSON(complete(parent.task, parent.name, {}))


@strawberry.type(description="An algorithm as it is offered for one task, with all that its config may hold.")
class AlgorithmDefinition:
    task: TaskType = plain("The task that it is offered for.")
    name: AlgorithmName = plain("Its name in the API.")
    title: str = plain("Its name for people.")
    summary: str = plain("What it does, and when to take it.")
    family: Family = plain("What it learns.")
    reference: str = plain("The paper that it comes from.")
    parameters: list[ParameterDefinition] = plain("Its parameters, in the order of a form.")
    rules: list[ParameterRule] = plain("What must hold between parameters, beyond what `jsonSchema` can say.")
    json_schema: JSON = edge(_json_schema, "The parameters as JSON Schema (draft 2020-12): draw a form from it.")
    default_config: JSON = edge(_defaults, "The config that you get when you set nothing.")


def _algorithms(parent: Parent[Task]) -> tuple[Algorithm, ...]:
    return algorithms(parent.name)


@strawberry.type(description="A kind of work that an agent is trained for.")
class TaskDefinition:
    name: TaskType = plain("Its name in the API.")
    title: str = plain("Its name for people.")
    summary: str = plain("What the agent does.")
    data: str = plain("Which data it needs.")
    algorithms: list[AlgorithmDefinition] = edge(_algorithms, "What it can be done by.")


@strawberry.type(description="Whether a config can be used.")
class ValidationResult:
    valid: bool = strawberry.field(description="Whether it can be used as it is.")
    errors: list[UserError] = strawberry.field(description="All that is wrong, each with its field.")
    completed: JSON | None = strawberry.field(
        description="The whole config, with defaults for what you left out; null when something is wrong."
    )


__all__ = ["AlgorithmDefinition", "ParameterDefinition", "ParameterRule", "TaskDefinition", "ValidationResult"]
