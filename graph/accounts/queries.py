"""Reading people, sessions and tokens."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.accounts.model import User as UserEntity
from domain.accounts.model import UserFilter
from domain.pages import NEWEST
from domain.viewer import Role
from graph.accounts.types import ApiToken, Session, User, UserOrder
from graph.context import Info
from graph.fields import optional
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import ACCOUNT, ADMIN, ANYONE


@strawberry.input(name="UserFilter", description="Which users to list. What is left out does not matter.")
class UserFilterInput:
    text: str | None = optional("A piece of the username, e-mail address or full name.")
    role: Role | None = optional("Only those with this role.")
    is_active: bool | None = optional("Only those who may, or may not, log in.")


async def _viewer(info: Info) -> UserEntity | None:
    user_id = info.context.viewer.user_id
    return await info.context.loaders.user(user_id) if user_id else None


async def _users(
    info: Info,
    filter: Annotated[UserFilterInput | None, strawberry.argument(description="Which ones.")] = UNSET,
    order_by: Annotated[UserOrder, strawberry.argument(description="In which order.")] = UserOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads = info.context.viewer, info.context.reads.accounts
    wanted = UserFilter(filter.text, filter.role, filter.is_active) if filter else UserFilter()
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


async def _sessions(
    info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
) -> PageView:
    context, now = info.context, info.context.clock()
    page = await context.reads.accounts.sessions(context.viewer, window(NEWEST, first, after, last, before), now)
    return PageView(page, lambda: context.reads.accounts.session_count(context.viewer, now))


async def _api_tokens(
    info: Info, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
) -> PageView:
    context, now = info.context, info.context.clock()
    page = await context.reads.accounts.api_tokens(context.viewer, window(NEWEST, first, after, last, before), now)
    return PageView(page, lambda: context.reads.accounts.api_token_count(context.viewer, now))


@strawberry.type
class AccountQueries:
    viewer: User | None = query(_viewer, policy=ANYONE, description="Who you are; null when you are not logged in.")
    users: Connection[User] = query(_users, policy=ADMIN, description="Everybody on the platform. For admins.")
    sessions: Connection[Session] = query(_sessions, policy=ACCOUNT, description="Where you are logged in.")
    api_tokens: Connection[ApiToken] = query(_api_tokens, policy=ACCOUNT, description="Your tokens for scripts.")
