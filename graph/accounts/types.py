"""The types User, Session and ApiToken."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.accounts.model import ApiToken as ApiTokenEntity
from domain.accounts.model import Scope
from domain.accounts.model import Session as SessionEntity
from domain.accounts.model import User as UserEntity
from domain.pages import NEWEST, OLDEST, Sort
from domain.viewer import Role
from graph.context import Info
from graph.enums import described
from graph.fields import edge, plain
from graph.node import Node, id_of
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.strategies.filters import StrategyFilterArgument, StrategyOrder, StrategyOrderArgument, strategies_wanted

if TYPE_CHECKING:
    from graph.strategies.types import Strategy

StrategyType = Annotated["Strategy", strawberry.lazy("graph.strategies.types")]

described(
    Role,
    "Role",
    "What a person may do on the platform.",
    {
        Role.ADMIN: "Sees and manages everything.",
        Role.USER: "Owns projects and strategies.",
        Role.GUEST: "Reads what is shared with them.",
    },
)
described(
    Scope,
    "Scope",
    "What an API token may be limited to.",
    {
        Scope.READ: "Read.",
        Scope.WRITE: "Change projects and strategies.",
        Scope.ACCOUNT: "Change the account itself: profile, password, sessions, tokens.",
        Scope.ADMIN: "What an admin may, for an admin's token.",
    },
)


class UserOrder(Enum):
    """Orders that an index supports."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    USERNAME = Sort("USERNAME", "username")
    USERNAME_DESC = Sort("USERNAME_DESC", "username", descending=True)


described(
    UserOrder,
    "UserOrder",
    "How a list of users is sorted.",
    {
        UserOrder.NEWEST: "Youngest account first.",
        UserOrder.OLDEST: "Oldest account first.",
        UserOrder.USERNAME: "By username, A to Z.",
        UserOrder.USERNAME_DESC: "By username, Z to A.",
    },
)


@dataclass(frozen=True, slots=True)
class Oneself(UserEntity):
    """Somebody who has just proven to be this person, in a request that came from nobody: a login, say."""

    @classmethod
    def of(cls, user: UserEntity) -> Self:
        return cls(**{field.name: getattr(user, field.name) for field in fields(user)})


def _private(parent: UserEntity, info: Info) -> bool:
    viewer = info.context.viewer
    return viewer.is_admin or viewer.user_id == parent.id or isinstance(parent, Oneself)


def _email(parent: Parent[UserEntity], info: Info) -> str | None:
    return parent.email if _private(parent, info) else None


def _role(parent: Parent[UserEntity], info: Info) -> Role | None:
    return parent.role if _private(parent, info) else None


def _is_active(parent: Parent[UserEntity], info: Info) -> bool | None:
    return parent.is_active if _private(parent, info) else None


def _last_login_at(parent: Parent[UserEntity], info: Info) -> datetime | None:
    return parent.last_login_at if _private(parent, info) else None


def _settings(parent: Parent[UserEntity], info: Info) -> JSON | None:
    return JSON(parent.settings) if _private(parent, info) else None


async def _strategies(
    parent: Parent[UserEntity],
    info: Info,
    filter: StrategyFilterArgument = UNSET,
    order_by: StrategyOrderArgument = StrategyOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView | None:
    if not _private(parent, info) or info.context.viewer.user_id is None:
        return None
    loaders, wanted = info.context.loaders, strategies_wanted(filter)
    part = window(order_by.value, first, after, last, before)
    page = await loaders.strategies_of_owner(parent.id, part, wanted)
    return PageView(page, lambda: loaders.strategy_count_of_owner(parent.id, wanted))


@strawberry.type(description="A person. Others see the name; what is private is null but for the person and admins.")
class User(Node):
    __source__ = UserEntity

    id: strawberry.ID = id_of("User")
    username: str = plain("Name to log in with, unique.")
    full_name: str = plain("Name to show; may be empty.")
    created_at: datetime = plain("When the account was made.")
    email: str | None = edge(_email, "E-mail address. Private.")
    role: Role | None = edge(_role, "Role on the platform. Private.")
    is_active: bool | None = edge(_is_active, "Whether the person may log in. Private.")
    last_login_at: datetime | None = edge(_last_login_at, "Last login. Private.")
    settings: JSON | None = edge(_settings, "Free settings of your front end. Private.")
    strategies: Connection[StrategyType] | None = edge(
        _strategies, "Strategies that the person owns; archived ones only when the filter names that status. Private."
    )


def _is_current(parent: Parent[SessionEntity], info: Info) -> bool:
    return info.context.viewer.session_id == parent.id


@strawberry.type(description="A device that is logged in.")
class Session(Node):
    __source__ = SessionEntity

    id: strawberry.ID = id_of("Session")
    agent: str = plain("The program, as it called itself.")
    address: str | None = plain("Network address at the last use.")
    created_at: datetime = plain("When its present token was made.")
    last_used_at: datetime = plain("When it was last refreshed.")
    expires_at: datetime = plain("When it ends unless it is refreshed.")
    is_current: bool = edge(_is_current, "Whether this very request came from it.")


@strawberry.type(description="A personal token for scripts. The secret itself is shown only when it is made.")
class ApiToken(Node):
    __source__ = ApiTokenEntity

    id: strawberry.ID = id_of("ApiToken")
    name: str = plain("What it is for.")
    prefix: str = plain("First characters of the secret, to tell tokens apart.")
    scopes: list[Scope] = plain("What it is limited to.")
    created_at: datetime = plain("When it was made.")
    expires_at: datetime | None = plain("When it ends; null: never.")
    last_used_at: datetime | None = plain("When it was last used, to the minute.")
