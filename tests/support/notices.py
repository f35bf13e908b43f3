"""Notices as the use cases tell them."""

from __future__ import annotations

from app.factory import Factory
from domain.notifications.model import Notice, NoticeKind, Subject, Tone
from domain.notifications.notices import Notices
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.people import Person


def a_notice(
    title: str = "It failed", kind: NoticeKind = NoticeKind.JOB_FAILED, subject: Subject | None = None
) -> Notice:
    return Notice(kind, Tone.ERROR, title, "It broke.", subject)


async def tell(factory: Factory, who: Person, *notices: Notice) -> None:
    async with factory.works() as work:
        for notice in notices:
            await Notices(clock=factory.clock).tell(work, who.user.id, notice)


async def tell_everyone(factory: Factory, title: str) -> str:
    """The global id."""
    async with factory.works() as work:
        kept = await Notices(clock=factory.clock).tell_everyone(work, a_notice(title, NoticeKind.BROADCAST))
    return encode("Notification", kept.id)


async def titles(api: Api, who: Person, **filter: object) -> list[str]:
    document = "query($filter: NotificationFilter) { notifications(filter: $filter) { totalCount nodes { title } } }"
    found = (await api.data(document, who, filter=filter))["notifications"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["title"] for node in found["nodes"]]


async def ids_of(api: Api, who: Person) -> list[str]:
    found = await api.data("{ notifications { nodes { id } } }", who)
    return [node["id"] for node in found["notifications"]["nodes"]]


async def unread(api: Api, who: Person) -> int:
    number: int = (await api.data("{ unreadNotifications }", who))["unreadNotifications"]
    return number


async def choose(api: Api, who: Person, kind: NoticeKind, **wish: bool) -> JSON:
    payload = await api.do(
        "setNotificationChoice", who, {"kind": kind.name} | wish, "choice { inApp mail } errors { code }"
    )
    assert payload["errors"] == []
    choice: JSON = payload["choice"]
    return choice
