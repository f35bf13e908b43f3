"""Which notifications somebody has, and how one is read from its row."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select

from domain.notifications.model import NoticeKind, Notification, Tone
from persistence.access import VIEWER
from persistence.listing import Path, lying_in
from persistence.reading import Mapped
from persistence.tables.notifications import notification_choices, notification_reads, notifications

_choices, _reads = notification_choices.c, notification_reads.c
_read_by_viewer = and_(_reads.user_id == VIEWER, _reads.notification_id == notifications.c.id)
_read_at = select(_reads.read_at).where(_read_by_viewer).correlate(notifications).scalar_subquery()

notification_mapped = Mapped(
    Notification,
    notifications,
    convert={"kind": NoticeKind, "type": Tone},
    computed={"read_at": func.coalesce(notifications.c.read_at, _read_at)},
)

mine: ColumnElement[bool] = notifications.c.user_id == VIEWER
_declined = exists(
    select(literal(1)).where(
        _choices.user_id == VIEWER, _choices.kind == NoticeKind.BROADCAST.value, _choices.in_app.is_(False)
    )
)
# The id of a person is as old as the account.
everyones: ColumnElement[bool] = and_(notifications.c.user_id.is_(None), notifications.c.id > VIEWER, ~_declined)
_read_elsewhere = exists(select(literal(1)).select_from(notification_reads).where(_read_by_viewer)).correlate(
    notifications
)
not_read: ColumnElement[bool] = and_(
    notifications.c.read_at.is_(None), or_(notifications.c.user_id.is_not(None), ~_read_elsewhere)
)
PATHS = {"own": (lying_in(notifications.c.user_id, VIEWER), Path(everyones))}
"""An admin has no others than other people."""

notifications_seen: ColumnElement[bool] = or_(mine, everyones)
# Two counts, each of an index of its own.
_unread_mine = select(func.count()).where(mine, notifications.c.read_at.is_(None)).correlate(None).scalar_subquery()
_unread_everyones = (
    select(func.count()).select_from(notifications).where(everyones, not_read).correlate(None).scalar_subquery()
)
unread_count = select(_unread_mine + _unread_everyones)
