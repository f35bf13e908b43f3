"""Notifications, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, any_, bindparam, literal, select, true, union_all

from domain.notifications.model import Choice, NoticeKind, Notification, NotificationFilter
from domain.notifications.stores import News
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import VIEWER
from persistence.database import Reader, in_order
from persistence.listing import Listing
from persistence.notification_rows import (
    PATHS,
    everyones,
    mine,
    not_read,
    notification_mapped,
    notifications_seen,
    unread_count,
)
from persistence.reading import compiled
from persistence.tables.notifications import notification_choices, notifications

_ACCESS = "own"
_id = notifications.c.id
_AFTER, _LIMIT = bindparam("after", type_=Uuid), bindparam("limit", type_=Integer)

_notifications = Listing(
    notification_mapped,
    notifications,
    sorts={},
    filters={
        "unread": not_read,
        "read": ~not_read,
        "kinds": notifications.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))),
    },
    paths=PATHS,
)
_by_ids = compiled(
    select(*notification_mapped.columns).where(_id == any_(bindparam("ids", type_=ARRAY(Uuid))), notifications_seen)
)
_unread = compiled(unread_count)
_choices = compiled(
    select(notification_choices.c.kind, notification_choices.c.in_app, notification_choices.c.mail).where(
        notification_choices.c.user_id == VIEWER
    )
)


def _ids(of: Any, *, limit: Any, newest: bool) -> Any:
    """One index for what is one's own, another for what is everyone's."""
    return select(_id).where(of).order_by(_id.desc() if newest else _id).limit(limit).subquery().select()


_newest = union_all(*(_ids(of, limit=1, newest=True) for of in (mine, everyones))).subquery()
# One statement, so that the number is that of the same moment.
_unread_then = unread_count.scalar_subquery()
_STATE = compiled(select(select(_newest.c.id).order_by(_newest.c.id.desc()).limit(1).scalar_subquery(), _unread_then))
_later = union_all(*(_ids(of & (_id > _AFTER), limit=_LIMIT, newest=False) for of in (mine, everyones))).subquery()
_once = select(literal(1)).subquery()
_LATER = compiled(
    select(*notification_mapped.columns, _unread_then)
    .select_from(_once.outerjoin(_later.join(notifications, _later.c.id == _id), true()))
    .order_by(_id)
    .limit(_LIMIT)
)
_TIP = compiled(select(_id).order_by(_id.desc()).limit(1))
_SINCE = compiled(select(_id, notifications.c.user_id).where(_id > _AFTER).order_by(_id).limit(_LIMIT))
_NONE = UUID(int=0)


class PostgresNotificationReads:
    """Implements domain.notifications.stores.NotificationReads and NewsReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[Notification | None]:
        records = await self._reader.rows(_by_ids, ids=ids, viewer=viewer.id)
        return in_order(ids, notification_mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, filter: NotificationFilter) -> Page[Notification]:
        return await _notifications.page(self._reader, window, _ACCESS, **_values(viewer, filter))

    async def count(self, viewer: Viewer, filter: NotificationFilter) -> int:
        return await _notifications.count(self._reader, _ACCESS, **_values(viewer, filter))

    async def unread(self, viewer: Viewer) -> int:
        return int(await self._reader.value(_unread, viewer=viewer.id))

    async def choices(self, viewer: Viewer) -> Sequence[Choice]:
        records = await self._reader.rows(_choices, viewer=viewer.id)
        chosen = {record[0]: Choice(NoticeKind(record[0]), record[1], record[2]) for record in records}
        return [chosen.get(kind.value) or Choice(kind) for kind in NoticeKind]

    async def newest(self, viewer: Viewer) -> tuple[UUID, int]:
        [record] = await self._reader.rows(_STATE, viewer=viewer.id)
        return record[0] or _NONE, record[1]

    async def after(self, viewer: Viewer, id: UUID, limit: int) -> tuple[Sequence[Notification], int]:
        records = await self._reader.rows(_LATER, viewer=viewer.id, after=id, limit=limit)
        # Where there is none, the number stands alone.
        return notification_mapped.many(each for each in records if each[0] is not None), records[0][-1]

    async def tip(self) -> UUID | None:
        found: UUID | None = await self._reader.value(_TIP)
        return found

    async def since(self, id: UUID | None, limit: int) -> Sequence[News]:
        records = await self._reader.rows(_SINCE, after=id or _NONE, limit=limit)
        return [News(record[0], record[1]) for record in records]


def _values(viewer: Viewer, filter: NotificationFilter) -> dict[str, object]:
    return {
        "viewer": viewer.id,
        "unread": True if filter.unread else None,
        "read": True if filter.unread is False else None,
        "kinds": filter.kinds or None,
    }
