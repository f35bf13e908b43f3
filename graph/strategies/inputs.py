"""What mutations of strategies take."""

import strawberry
from strawberry.scalars import JSON

from graph.catalogue.enums import AlgorithmName, TaskType
from graph.fields import optional, plain

_NAME = "Name, 1 to 100 characters; no two of your strategies may have the same."
_OVERLAY = "Parameters to change; the others keep their values, and null puts one back to its default."
_MESSAGE = "What you changed and why, up to 500 characters; kept with the new version."


@strawberry.input(
    description="A new strategy: from a template (`templateId`), or from scratch (`taskType` and `algorithm`)."
)
class CreateStrategyInput:
    name: str = plain(_NAME)
    description: str = optional("What it is about, up to 2,000 characters.", "")
    project_id: strawberry.ID | None = optional("Project to put it into; you must be an editor or owner there.")
    template_id: strawberry.ID | None = optional("Template to start from; `strategyTemplates` lists them.")
    task_type: TaskType | None = optional("What the agent is trained to do. A template brings its own.")
    algorithm: AlgorithmName | None = optional("How the agent learns. A template brings its own.")
    config: JSON | None = optional(
        "An object: parameters that shall differ from the template or from the defaults. "
        "`algorithm` lists the parameters; `validateStrategyConfig` tries them out."
    )
    tm_config: JSON | None = optional("Further settings for the training engine: an object.")
    tags: list[str] | None = optional("Up to 20 tags of up to 30 characters; they are kept in small letters.")
    message: str | None = optional("What to say about the first version, up to 500 characters.")


@strawberry.input(
    description="Changes to a strategy. What is left out stays as it is. Task and algorithm cannot change: "
    "make a new strategy for another one."
)
class UpdateStrategyInput:
    id: strawberry.ID = plain("The strategy.")
    name: strawberry.Maybe[str] = plain("New name.")
    description: strawberry.Maybe[str] = plain("New description.")
    project_id: strawberry.Maybe[strawberry.ID | None] = plain(
        "Project to move it to; you must be an editor or owner there. Null: out of its project."
    )
    tags: strawberry.Maybe[list[str]] = plain("New tags; they replace the old ones.")
    tm_config: strawberry.Maybe[JSON] = plain("New settings for the training engine; they replace the old ones.")
    config: strawberry.Maybe[JSON] = plain(f"{_OVERLAY} A change makes a new version.")
    message: str | None = optional(_MESSAGE)
    expected_version: int | None = optional(
        "The `version` that you last read. When it is no longer the present one, the change is refused."
    )


@strawberry.input(description="The strategy to put away.")
class ArchiveStrategyInput:
    id: strawberry.ID = plain("The strategy.")


@strawberry.input(description="The strategy to bring back.")
class RestoreStrategyInput:
    id: strawberry.ID = plain("The strategy.")


@strawberry.input(description="The strategy to delete.")
class DeleteStrategyInput:
    id: strawberry.ID = plain("The strategy.")


@strawberry.input(description="What to copy, and where to.")
class CloneStrategyInput:
    id: strawberry.ID = plain("The strategy to copy. It may be anybody's, as long as you see it.")
    name: str | None = optional('Name of the copy; left out: the name of the original and " copy".')
    project_id: strawberry.ID | None = optional(
        "Project to put the copy into; left out: none, so that only you see it."
    )


@strawberry.input(description="Which version to bring back.")
class RestoreStrategyVersionInput:
    id: strawberry.ID = plain("The strategy.")
    version_number: int = plain("Number of the version whose config shall be the present one again.")
    message: str | None = optional(_MESSAGE)


@strawberry.input(
    description="A new template of your own: from a strategy (`strategyId`), or from scratch "
    "(`taskType` and `algorithm`)."
)
class CreateStrategyTemplateInput:
    name: str = plain("Name, 1 to 100 characters.")
    description: str = optional("What it is for, up to 2,000 characters.", "")
    strategy_id: strawberry.ID | None = optional("Strategy whose config to take.")
    task_type: TaskType | None = optional("What the agent is trained to do. A strategy brings its own.")
    algorithm: AlgorithmName | None = optional("How the agent learns. A strategy brings its own.")
    config: JSON | None = optional("An object: parameters that shall differ from the strategy or from the defaults.")


@strawberry.input(description="Changes to a template of your own. What is left out stays as it is.")
class UpdateStrategyTemplateInput:
    id: strawberry.ID = plain("The template.")
    name: strawberry.Maybe[str] = plain("New name.")
    description: strawberry.Maybe[str] = plain("New description.")
    config: strawberry.Maybe[JSON] = plain(_OVERLAY)


@strawberry.input(description="The template to delete.")
class DeleteStrategyTemplateInput:
    id: strawberry.ID = plain("The template.")
