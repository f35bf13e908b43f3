"""The type Notification, and what people choose to be told of."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent

from domain.notifications.model import NoticeKind, Tone
from domain.notifications.model import Notification as NotificationEntity
from graph.context import Info
from graph.enums import described
from graph.execution import columnwise
from graph.fields import edge, plain
from graph.ids import encode
from graph.node import Node, id_of
from graph.system.queries import NODES

described(
    NoticeKind,
    "NotificationKind",
    "What a notification is about.",
    {
        NoticeKind.JOB_COMPLETED: "A training, an evaluation or a labelling of yours is done.",
        NoticeKind.JOB_FAILED: "A training or an evaluation of yours failed.",
        NoticeKind.DATASET_BAD: "A dataset has no data to be used: its file cannot be read, or it could not be made.",
        NoticeKind.PROJECT_INVITATION: "Somebody let you into a project.",
        NoticeKind.BROADCAST: "An admin tells everyone something.",
    },
)
described(
    Tone,
    "NotificationType",
    "How a notification is meant.",
    {
        Tone.INFO: "Good to know.",
        Tone.WARNING: "Something may go wrong.",
        Tone.ERROR: "Something went wrong.",
        Tone.SUCCESS: "Something went well.",
    },
)


def _link_id(parent: Parent[NotificationEntity]) -> strawberry.ID | None:
    if parent.link_type is None or parent.link_id is None:
        return None
    return strawberry.ID(encode(parent.link_type, parent.link_id))


@columnwise
def _links(parents: Parent[list[NotificationEntity]], info: Info) -> list[Awaitable[Any] | None]:
    loaders, found = info.context.loaders, list[Awaitable[Any] | None]()
    for parent in parents:
        find = NODES.get(parent.link_type or "")
        found.append(find(loaders, parent.link_id) if find and parent.link_id else None)
    return found


def _is_for_everyone(parent: Parent[NotificationEntity]) -> bool:
    return parent.user_id is None


@strawberry.type(description="Something that you were told.")
class Notification(Node):
    __source__ = NotificationEntity

    id: strawberry.ID = id_of("Notification")
    kind: NoticeKind = plain("What it is about.")
    type: Tone = plain("How it is meant.")
    title: str = plain("The thing in a line, up to 200 characters.")
    message: str = plain("More about it, up to 2,000 characters; may be empty.")
    link_id: strawberry.ID | None = edge(_link_id, "The id of the object that it leads to; null: to none.")
    link: Node | None = edge(_links, "The object that it leads to; null when it is gone, or you do not see it.")
    is_for_everyone: bool = edge(_is_for_everyone, "Whether everyone was told.")
    read_at: datetime | None = plain("When you read it; null: not yet.")
    created_at: datetime = plain("When it was made.")


@strawberry.type(description="Where you are told of a kind of things.")
class NotificationChoice:
    kind: NoticeKind = plain("Of what.")
    in_app: bool = plain("In the application: in `notifications`, and live. Usual: yes.")
    mail: bool = plain("By mail. Usual: no.")


__all__ = ["Notification", "NotificationChoice"]
