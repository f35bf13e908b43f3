"""The types Project and ProjectMember."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.pages import NEWEST, OLDEST, Sort
from domain.projects.model import Member, MemberRole
from domain.projects.model import Project as ProjectEntity
from graph.context import Info
from graph.datasets.filters import DatasetFilterArgument, DatasetOrder, DatasetOrderArgument, datasets_wanted
from graph.enums import described
from graph.execution import columnwise
from graph.fields import edge, loaded, plain
from graph.loaders import Loaders
from graph.models.rankings import RankedModel, ranking_of_project
from graph.node import Node, id_of
from graph.pages import After, Before, Connection, First, Last, PageView, below, window
from graph.strategies.filters import StrategyFilterArgument, StrategyOrder, StrategyOrderArgument, strategies_wanted

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.datasets.types import Dataset
    from graph.strategies.types import Strategy

StrategyType = Annotated["Strategy", strawberry.lazy("graph.strategies.types")]
DatasetType = Annotated["Dataset", strawberry.lazy("graph.datasets.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]

described(
    MemberRole,
    "MemberRole",
    "What a person may do in a project.",
    {
        MemberRole.OWNER: "Everything, people and deletion included.",
        MemberRole.EDITOR: "Change the project and the strategies in it.",
        MemberRole.VIEWER: "Look.",
    },
)


class ProjectOrder(Enum):
    """Orders that an index supports, so that every page costs the same."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    NAME = Sort("NAME", "name")
    NAME_DESC = Sort("NAME_DESC", "name", descending=True)


described(
    ProjectOrder,
    "ProjectOrder",
    "How a list of projects is sorted.",
    {
        ProjectOrder.NEWEST: "Youngest first.",
        ProjectOrder.OLDEST: "Oldest first.",
        ProjectOrder.NAME: "By name, A to Z.",
        ProjectOrder.NAME_DESC: "By name, Z to A.",
    },
)


@columnwise
async def _members(
    parents: Parent[Sequence[ProjectEntity]],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(OLDEST, first, after, last, before)
    return await below(parents, lambda id_: loaders.members_of(id_, part), loaders.member_count)


@columnwise
async def _strategies(
    parents: Parent[Sequence[ProjectEntity]],
    info: Info,
    filter: StrategyFilterArgument = UNSET,
    order_by: StrategyOrderArgument = StrategyOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, wanted = info.context.loaders, strategies_wanted(filter)
    part = window(order_by.value, first, after, last, before)
    return await below(
        parents,
        lambda id_: loaders.strategies_in_project(id_, part, wanted),
        lambda id_: loaders.strategy_count_in_project(id_, wanted),
    )


@columnwise
async def _datasets(
    parents: Parent[Sequence[ProjectEntity]],
    info: Info,
    filter: DatasetFilterArgument = UNSET,
    order_by: DatasetOrderArgument = DatasetOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, wanted = info.context.loaders, datasets_wanted(filter)
    part = window(order_by.value, first, after, last, before)
    return await below(
        parents,
        lambda id_: loaders.datasets_in_project(id_, part, wanted),
        lambda id_: loaders.dataset_count_in_project(id_, wanted),
    )


@strawberry.type(description="Where people work together on strategies and data.")
class Project(Node):
    __source__ = ProjectEntity

    id: strawberry.ID = id_of("Project")
    name: str = plain("Name, up to 100 characters.")
    description: str = plain("What the project is about.")
    settings: JSON = plain("Free settings of your front end.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    owner: UserType | None = loaded("owner_id", Loaders.user, "Its first owner.")
    my_role: MemberRole | None = loaded(
        "id", Loaders.my_role, "Your own role in it; null for an admin who is no member."
    )
    members: Connection["ProjectMember"] = edge(_members, "Who works in it.")
    strategies: Connection[StrategyType] = edge(
        _strategies, "The strategies that lie in it; archived ones only when the filter names that status."
    )
    datasets: Connection[DatasetType] = edge(_datasets, "The datasets that lie in it.")
    ranking: list[RankedModel] = ranking_of_project


@strawberry.type(description="A person's membership of a project.")
class ProjectMember(Node):
    __source__ = Member

    id: strawberry.ID = id_of("ProjectMember")
    role: MemberRole = plain("What the person may do in it.")
    created_at: datetime = plain("Since when.")
    updated_at: datetime = plain("When the role last changed.")
    user: UserType | None = loaded("user_id", Loaders.user, "The person.")
    project: Project | None = loaded("project_id", Loaders.project, "The project.")


__all__ = ["Project", "ProjectMember", "ProjectOrder"]
