"""Having read notifications, choosing them, and telling everyone something."""

import strawberry

from domain.errors import Code, Refused
from domain.notifications.model import NoticeKind, Subject, Tone
from graph.context import Info
from graph.fields import optional, plain
from graph.ids import decode, split
from graph.node import shown
from graph.notifications.types import Notification, NotificationChoice
from graph.payloads import Payload, mutation
from graph.policy import ACCOUNT, ADMIN
from graph.system.queries import NODES


@strawberry.input(description="The notifications that you have read.")
class MarkNotificationsReadInput:
    ids: list[strawberry.ID] = plain("The notifications, 1 to 100.")


@strawberry.input(description="Where you want to be told of a kind of things. What is left out stays as it is.")
class SetNotificationChoiceInput:
    kind: NoticeKind = plain("Of what.")
    in_app: bool | None = optional("In the application.")
    mail: bool | None = optional("By mail.")


@strawberry.input(description="What everyone is to be told.")
class BroadcastInput:
    title: str = plain("The thing in a line, 1 to 200 characters.")
    message: str = optional("More about it, up to 2,000 characters.", "")
    type: Tone = optional("How it is meant.", Tone.INFO)
    link: strawberry.ID | None = optional("The object that it leads to. Who does not see it gets no link.")


@strawberry.type(description="Answer to markNotificationsRead.")
class MarkNotificationsReadPayload(Payload):
    notifications: list[Notification] | None = optional("The notifications as they are now, in the order of the ids.")
    unread: int | None = optional("How many you have not read yet.")


@strawberry.type(description="Answer to markAllNotificationsRead.")
class MarkAllNotificationsReadPayload(Payload):
    marked: int | None = optional("How many you had not read.")


@strawberry.type(description="Answer to setNotificationChoice.")
class SetNotificationChoicePayload(Payload):
    choice: NotificationChoice | None = optional("What holds now.")


@strawberry.type(description="Answer to broadcast.")
class BroadcastPayload(Payload):
    notification: Notification | None = optional("What everyone is told.")


async def _mark(info: Info, input: MarkNotificationsReadInput) -> MarkNotificationsReadPayload:
    ids = [decode(id_, "Notification", "ids", str(place)) for place, id_ in enumerate(input.ids)]
    found, unread = await info.context.use.notifications.service.mark_read(info.context.viewer, ids)
    return MarkNotificationsReadPayload(notifications=shown(found), unread=unread)


async def _mark_all(info: Info) -> MarkAllNotificationsReadPayload:
    marked = await info.context.use.notifications.service.mark_all_read(info.context.viewer)
    return MarkAllNotificationsReadPayload(marked=marked)


async def _choose(info: Info, input: SetNotificationChoiceInput) -> SetNotificationChoicePayload:
    service, viewer = info.context.use.notifications.service, info.context.viewer
    choice = await service.choose(viewer, input.kind, in_app=input.in_app, mail=input.mail)
    return SetNotificationChoicePayload(choice=shown(choice))


async def _broadcast(info: Info, input: BroadcastInput) -> BroadcastPayload:
    subject = await _subject(info, input.link) if input.link else None
    kept = await info.context.use.notifications.service.broadcast(
        info.context.viewer, title=input.title, message=input.message, tone=input.type, subject=subject
    )
    return BroadcastPayload(notification=shown(kept))


async def _subject(info: Info, link: str) -> Subject:
    parts = split(link)
    find = NODES.get(parts[0]) if parts else None
    if parts is None or find is None or await find(info.context.loaders, parts[1]) is None:
        raise Refused.because(Code.NOT_FOUND, "There is no object with this id.", "link")
    return Subject(*parts)


@strawberry.type
class NotificationMutations:
    mark_notifications_read: MarkNotificationsReadPayload = mutation(
        _mark, policy=ACCOUNT, description="Say that you have read these. All of them are marked, or none."
    )
    mark_all_notifications_read: MarkAllNotificationsReadPayload = mutation(
        _mark_all, policy=ACCOUNT, description="Say that you have read all there are."
    )
    set_notification_choice: SetNotificationChoicePayload = mutation(
        _choose, policy=ACCOUNT, description="Choose where you are told of a kind of things."
    )
    broadcast: BroadcastPayload = mutation(_broadcast, policy=ADMIN, description="Tell everyone something. For admins.")


__all__ = ["NotificationMutations"]
