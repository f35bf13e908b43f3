"""Reading what one was told."""

from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from domain.notifications.model import NoticeKind, NotificationFilter
from domain.pages import NEWEST
from graph.context import Info
from graph.fields import optional
from graph.notifications.types import Notification, NotificationChoice
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN


@strawberry.input(name="NotificationFilter", description="Which ones to list. What is left out does not matter.")
class NotificationFilterInput:
    unread: bool | None = optional("True: only those that you have not read; false: only those that you have.")
    kinds: list[NoticeKind] | None = optional("Only those about such things. Empty: all.")


def _wanted(given: NotificationFilterInput | None) -> NotificationFilter:
    if not given:
        return NotificationFilter()
    return NotificationFilter(unread=given.unread, kinds=tuple(dict.fromkeys(given.kinds or ())))


async def _notifications(
    info: Info,
    filter: Annotated[NotificationFilterInput | None, strawberry.argument(description="Which ones.")] = UNSET,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.notifications, _wanted(filter)
    page = await reads.page(viewer, window(NEWEST, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


async def _unread(info: Info) -> int:
    return await info.context.reads.notifications.unread(info.context.viewer)


async def _choices(info: Info) -> Any:
    return await info.context.reads.notifications.choices(info.context.viewer)


@strawberry.type
class NotificationQueries:
    notifications: Connection[Notification] = query(
        _notifications,
        policy=SIGNED_IN,
        description="What you were told, the latest first: you alone, or everyone since you registered.",
    )
    unread_notifications: int = query(_unread, policy=SIGNED_IN, description="How many of them you have not read.")
    notification_choices: list[NotificationChoice] = query(
        _choices, policy=SIGNED_IN, description="Where you are told of each kind of things."
    )


__all__ = ["NotificationQueries"]
