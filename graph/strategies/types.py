"""The types Strategy, StrategyVersion and StrategyTemplate."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.pages import NEWEST, Sort
from domain.strategies.diff import Change, ChangeKind, diff
from domain.strategies.model import Strategy as StrategyEntity
from domain.strategies.model import StrategyTemplate as TemplateEntity
from domain.strategies.model import StrategyVersion as VersionEntity
from domain.strategies.status import StrategyStatus
from graph.catalogue.enums import AlgorithmName, TaskType
from graph.context import Info
from graph.enums import described
from graph.execution import columnwise
from graph.fields import edge, loaded, plain
from graph.loaders import Loaders
from graph.models.filters import ModelOrder, ModelOrderArgument
from graph.models.rankings import RankedModel, ranking_of_strategy
from graph.node import Node, id_of
from graph.pages import After, Before, Connection, First, Last, PageView, below, window

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.jobs.types import Job
    from graph.models.types import Model
    from graph.projects.types import Project

JobType = Annotated["Job", strawberry.lazy("graph.jobs.types")]
ModelType = Annotated["Model", strawberry.lazy("graph.models.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]
ProjectType = Annotated["Project", strawberry.lazy("graph.projects.types")]

_LATEST = Sort("LATEST", "version_number", descending=True, kind=int)

described(
    ChangeKind,
    "ConfigChangeKind",
    "What happened to a value.",
    {
        ChangeKind.ADDED: "It was not there before.",
        ChangeKind.REMOVED: "It is not there any more.",
        ChangeKind.CHANGED: "It has another value.",
    },
)


def _before(parent: Parent[Change]) -> JSON | None:
    return JSON(parent.before)


def _after(parent: Parent[Change]) -> JSON | None:
    return JSON(parent.after)


@strawberry.type(description="One value that differs between two versions of a config. A list counts as one value.")
class ConfigChange:
    path: list[str] = plain("Where it is in the config.")
    kind: ChangeKind = plain("What happened to it.")
    before: JSON | None = edge(_before, "Its value in the version that you compare from.")
    after: JSON | None = edge(_after, "Its value in the version that you compare to.")


@strawberry.type(description="What a strategy's config was at one time. A version never changes.")
class StrategyVersion(Node):
    __source__ = VersionEntity

    id: strawberry.ID = id_of("StrategyVersion")
    version_number: int = strawberry.field(name="number", description="Counts from 1 in each strategy.")
    config: JSON = plain("The whole config, defaults included.")
    message: str = plain("What was changed, in the words of the author.")
    created_at: datetime = plain("When it was made.")
    author: UserType | None = loaded(
        "author_id", Loaders.user, "Who made it; null when you share no project, or the person left."
    )
    strategy: "Strategy | None" = loaded("strategy_id", Loaders.strategy, "Whose version it is.")


@columnwise
async def _versions(
    parents: Parent[Sequence[StrategyEntity]],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(_LATEST, first, after, last, before)
    # Numbers grow by one and none is ever taken away.
    numbers = {parent.id: parent.version for parent in parents}

    async def count(id_: UUID) -> int:
        return numbers[id_]

    return await below(parents, lambda id_: loaders.versions_of(id_, part), count)


@columnwise
async def _jobs(
    parents: Parent[Sequence[StrategyEntity]],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(NEWEST, first, after, last, before)
    return await below(parents, lambda id_: loaders.jobs_of_strategy(id_, part), loaders.job_count_of_strategy)


@columnwise
async def _models(
    parents: Parent[Sequence[StrategyEntity]],
    info: Info,
    order_by: ModelOrderArgument = ModelOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(order_by.value, first, after, last, before)
    return await below(parents, lambda id_: loaders.models_of_strategy(id_, part), loaders.model_count_of_strategy)


async def _diff(
    parent: Parent[StrategyEntity],
    info: Info,
    from_: Annotated[int, strawberry.argument(name="from", description="Number of the version that you compare from.")],
    to: Annotated[
        int | None, strawberry.argument(description="Number of the version that you compare to; usually the present.")
    ] = UNSET,
) -> Sequence[Change] | None:
    numbers = (from_, parent.version if to is None or to is UNSET else to)
    # Both are asked for before one is waited for, so that they come in one statement.
    wanted = [info.context.loaders.version_at((parent.id, number)) for number in numbers]
    before, after = [await version for version in wanted]
    return diff(before.config, after.config) if before and after else None


@strawberry.type(description="What to trade and how: a task, an algorithm, and its config in versions.")
class Strategy(Node):
    __source__ = StrategyEntity

    id: strawberry.ID = id_of("Strategy")
    name: str = plain("Name, up to 100 characters; no two strategies of one owner have the same.")
    description: str = plain("What it is about.")
    task_type: TaskType = plain("What the agent is trained to do. It never changes.")
    algorithm: AlgorithmName = plain("How the agent learns. It never changes.")
    config: JSON = plain("Parameters of the algorithm, defaults included; `algorithm` describes each.")
    tm_config: JSON = plain("Further settings, handed to the training engine as they are.")
    status: StrategyStatus = plain("Where it stands.")
    tags: list[str] = plain("Tags, in small letters.")
    version: int = plain("Number of the present version of the config.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    owner: UserType | None = loaded("owner_id", Loaders.user, "Whose it is; null when you share no project.")
    project: ProjectType | None = loaded(
        "project_id", Loaders.project, "Where it lies; null: with its owner alone, or where you are no member."
    )
    versions: Connection[StrategyVersion] = edge(_versions, "All versions of its config, the latest first.")
    jobs: Connection[JobType] = edge(_jobs, "Its trainings, the youngest first, whoever started them.")
    models: Connection[ModelType] = edge(_models, "What came out of its trainings, archived ones too.")
    ranking: list[RankedModel] = ranking_of_strategy
    diff: list[ConfigChange] | None = edge(
        _diff, "What changed in the config between two versions; null when there is no version of that number."
    )


@strawberry.type(description="A config to start a strategy from: give its id to createStrategy as `templateId`.")
class StrategyTemplate(Node):
    __source__ = TemplateEntity

    id: strawberry.ID = id_of("StrategyTemplate")
    name: str = plain("Name, up to 100 characters.")
    slug: str | None = plain("Short name of a template of the platform, the same in every installation.")
    description: str = plain("What it is for.")
    task_type: TaskType = plain("What the agent is trained to do.")
    algorithm: AlgorithmName = plain("How the agent learns.")
    config_template: JSON = strawberry.field(name="config", description="Parameters of the algorithm.")
    is_system: bool = plain("Whether it came with the platform; such a template cannot be changed.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    created_by: UserType | None = loaded("created_by", Loaders.user, "Who made it; null for those of the platform.")


__all__ = ["ConfigChange", "Strategy", "StrategyTemplate", "StrategyVersion"]
