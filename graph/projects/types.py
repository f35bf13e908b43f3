"""The types Project and ProjectMember."""

from collections.abc import Awaitable
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.accounts.model import User as UserEntity
from domain.pages import NEWEST, OLDEST, Sort
from domain.projects.model import Member, MemberRole
from domain.projects.model import Project as ProjectEntity
from graph.context import Info
from graph.enums import described
from graph.fields import edge, plain
from graph.node import Node, id_of
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.strategies.filters import StrategyFilterArgument, StrategyOrder, StrategyOrderArgument, strategies_wanted

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.strategies.types import Strategy

StrategyType = Annotated["Strategy", strawberry.lazy("graph.strategies.types")]
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


async def _members(
    parent: Parent[ProjectEntity],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    loaders = info.context.loaders
    page = await loaders.members_of(parent.id, window(OLDEST, first, after, last, before))
    return PageView(page, lambda: loaders.member_count(parent.id))


async def _strategies(
    parent: Parent[ProjectEntity],
    info: Info,
    filter: StrategyFilterArgument = UNSET,
    order_by: StrategyOrderArgument = StrategyOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    loaders, wanted = info.context.loaders, strategies_wanted(filter)
    part = window(order_by.value, first, after, last, before)
    page = await loaders.strategies_in_project(parent.id, part, wanted)
    return PageView(page, lambda: loaders.strategy_count_in_project(parent.id, wanted))


def _owner(parent: Parent[ProjectEntity], info: Info) -> Awaitable[UserEntity | None]:
    return info.context.loaders.user(parent.owner_id)


def _my_role(parent: Parent[ProjectEntity], info: Info) -> Awaitable[MemberRole | None]:
    return info.context.loaders.my_role(parent.id)


@strawberry.type(description="Where people work together on strategies.")
class Project(Node):
    __source__ = ProjectEntity

    id: strawberry.ID = id_of("Project")
    name: str = plain("Name, up to 100 characters.")
    description: str = plain("What the project is about.")
    settings: JSON = plain("Free settings of your front end.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    owner: UserType | None = edge(_owner, "Its first owner.")
    my_role: MemberRole | None = edge(_my_role, "Your own role in it; null for an admin who is no member.")
    members: Connection["ProjectMember"] = edge(_members, "Who works in it.")
    strategies: Connection[StrategyType] = edge(
        _strategies, "The strategies that lie in it; archived ones only when the filter names that status."
    )


def _user(parent: Parent[Member], info: Info) -> Awaitable[UserEntity | None]:
    return info.context.loaders.user(parent.user_id)


def _project(parent: Parent[Member], info: Info) -> Awaitable[ProjectEntity | None]:
    return info.context.loaders.project(parent.project_id)


@strawberry.type(description="A person's membership of a project.")
class ProjectMember(Node):
    __source__ = Member

    id: strawberry.ID = id_of("ProjectMember")
    role: MemberRole = plain("What the person may do in it.")
    created_at: datetime = plain("Since when.")
    updated_at: datetime = plain("When the role last changed.")
    user: UserType | None = edge(_user, "The person.")
    project: Project | None = edge(_project, "The project.")


__all__ = ["Project", "ProjectMember", "ProjectOrder"]
