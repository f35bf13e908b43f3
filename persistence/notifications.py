"""Notifications, written inside units of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.ids import new_id
from domain.notifications.model import Choice, Notice, NoticeKind, Notification, following
from domain.viewer import Viewer
from persistence.notification_rows import (
    everyones,
    mine,
    not_read,
    notification_mapped,
    notifications_seen,
    unread_count,
)
from persistence.tables.notifications import notification_choices, notification_reads, notifications
from persistence.tables.users import users
from persistence.writing import WriteStore

_TURN = 6_079_215_530_014_338_091
_newest_first = select(notifications.c.id).order_by(notifications.c.id.desc()).limit(1)


class PostgresNotifications(WriteStore):
    """Implements domain.notifications.stores.NotificationStore."""

    async def add(self, user_id: UUID | None, notice: Notice, now: datetime) -> Notification:
        subject = notice.subject
        notification = Notification(
            id=await self._next_id(),
            user_id=user_id,
            kind=notice.kind,
            type=notice.tone,
            title=notice.title,
            message=notice.message,
            link_type=subject.type if subject else None,
            link_id=subject.id if subject else None,
            read_at=None,
            created_at=now,
        )
        await self._insert(notifications, notification)
        return notification

    async def choice(self, user_id: UUID, kind: NoticeKind) -> Choice:
        row = await self._one(
            select(notification_choices.c.in_app, notification_choices.c.mail).where(
                notification_choices.c.user_id == user_id, notification_choices.c.kind == kind
            )
        )
        return Choice(kind, row.in_app, row.mail) if row else Choice(kind)

    async def choose(self, user_id: UUID, choice: Choice, now: datetime) -> None:
        values = {"in_app": choice.in_app, "mail": choice.mail, "updated_at": now}
        statement = insert(notification_choices).values(user_id=user_id, kind=choice.kind, **values)
        key = [notification_choices.c.user_id, notification_choices.c.kind]
        await self._connection.execute(statement.on_conflict_do_update(index_elements=key, set_=values))

    async def who_want_mail(self, kind: NoticeKind, after: UUID | None, limit: int) -> Sequence[UUID]:
        person = notification_choices.c.user_id
        wanted = [notification_choices.c.kind == kind, notification_choices.c.mail, users.c.is_active]
        if after is not None:
            wanted.append(person > after)
        statement = select(person).join(users, users.c.id == person).where(*wanted).order_by(person).limit(limit)
        return list((await self._connection.execute(statement)).scalars())

    async def mark_read(self, viewer: Viewer, ids: Sequence[UUID], now: datetime) -> Sequence[Notification]:
        named = notifications.c.id.in_(ids)
        await self._mark(viewer, now, named)
        statement = select(*notification_mapped.columns).where(named, notifications_seen)
        return notification_mapped.many((await self._connection.execute(statement, {"viewer": viewer.id})).all())

    async def mark_all_read(self, viewer: Viewer, now: datetime) -> int:
        return await self._mark(viewer, now)

    async def unread(self, viewer: Viewer) -> int:
        return int((await self._connection.execute(unread_count, {"viewer": viewer.id})).scalar_one())

    async def _mark(self, viewer: Viewer, now: datetime, *which: Any) -> int:
        """Rows are locked in one order, so that two who mark at once do not wait for each other for ever."""
        own = select(notifications.c.id).where(mine, notifications.c.read_at.is_(None), *which)
        locked = own.order_by(notifications.c.id).with_for_update().subquery()
        marked = update(notifications).where(notifications.c.id == locked.c.id).values(read_at=now)
        of_all = select(
            literal(viewer.id, Uuid), notifications.c.id, literal(now, notifications.c.created_at.type)
        ).where(everyones, not_read, *which)
        read = insert(notification_reads).from_select(
            ["user_id", "notification_id", "read_at"], of_all.order_by(notifications.c.id)
        )
        counts = [
            (await self._connection.execute(statement, {"viewer": viewer.id})).rowcount
            for statement in (marked, read.on_conflict_do_nothing())
        ]
        return sum(counts)

    async def _next_id(self) -> UUID:
        """Above all that are committed, as nobody else makes one before this is; whatever the clocks say."""
        await self._connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        last = (await self._connection.execute(_newest_first)).scalar_one_or_none()
        return following(new_id(), last) if last else new_id()
