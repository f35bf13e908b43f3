"""Being told as it happens."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET, Parent

from domain.notifications.model import end_of
from graph.context import Info
from graph.fields import edge, plain
from graph.ids import decode, encode
from graph.notifications.streams import Change, NoticeStream
from graph.notifications.types import Notification
from graph.payloads import subscription
from graph.policy import SIGNED_IN


def _cursor(parent: Parent[Change]) -> strawberry.ID:
    return strawberry.ID(encode("Notification", parent.cursor))


@strawberry.type(description="What changed in your notifications.")
class NotificationChange:
    cursor: strawberry.ID = edge(_cursor, "Give it as `after` to go on from here.")
    unread: int = plain("How many you have not read.")
    notification: Notification | None = plain("The new one; null in the first item, and when only the number changed.")


async def _notifications(
    info: Info,
    after: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The `cursor` of the item that you saw last, or the id of a notification: all later ones come. "
            "Left out: only those from now on."
        ),
    ] = UNSET,
) -> AsyncIterator[NotificationChange]:
    context = info.context
    return NoticeStream(
        inboxes=context.use.notifications.inboxes,
        watchers=context.live.watchers,
        viewer=context.viewer,
        after=_begin(decode(after, "Notification", "after") if after else None, context.resume_seq),
    )


def _begin(after: UUID | None, resumed: int) -> UUID | None:
    """Whichever is later, of what the operation says and what a client says that comes back."""
    if not resumed or (after and after > end_of(resumed)):
        return after
    return end_of(resumed)


@strawberry.type
class NotificationSubscriptions:
    notifications: NotificationChange = subscription(
        _notifications,
        policy=SIGNED_IN,
        description="Your notifications as they come, each once and in order. The first item says how many are unread.",
    )


__all__ = ["NotificationSubscriptions"]
