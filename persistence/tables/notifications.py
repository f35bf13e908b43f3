"""What people are told of, what they have read, and what they want to be told of."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, PrimaryKeyConstraint, String, Table, Uuid, text

from domain.notifications.model import MAX_MESSAGE, MAX_TITLE, NoticeKind, Tone
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, time_column, updated_at

notifications = Table(
    "notifications",
    metadata,
    id_column(),
    # NULL: everyone's. Those who were registered by then have a lower id.
    reference("user_id", "users", nullable=True),
    Column("kind", String(20), nullable=False),
    Column("type", String(10), nullable=False),
    Column("title", String(MAX_TITLE), nullable=False),
    Column("message", String(MAX_MESSAGE), nullable=False),
    # No foreign key: there are several types, and the notification outlives the object.
    Column("link_type", String(50)),
    Column("link_id", Uuid),
    # Of one that is everyone's: see notification_reads.
    time_column("read_at"),
    created_at(),
    one_of("kind", NoticeKind),
    one_of("type", Tone),
    CheckConstraint("(link_type IS NULL) = (link_id IS NULL)", name="link"),
)
Index(None, notifications.c.user_id, notifications.c.id)
Index(
    "ix_notifications_unread",
    notifications.c.user_id,
    notifications.c.id,
    postgresql_where=text("read_at IS NULL AND user_id IS NOT NULL"),
)
Index("ix_notifications_everyone", notifications.c.id, postgresql_where=text("user_id IS NULL"))
Index("ix_notifications_read_at", notifications.c.read_at, postgresql_where=text("read_at IS NOT NULL"))

notification_reads = Table(
    "notification_reads",
    metadata,
    reference("user_id", "users"),
    reference("notification_id", "notifications"),
    time_column("read_at", nullable=False),
    PrimaryKeyConstraint("user_id", "notification_id"),
)
Index(None, notification_reads.c.notification_id)

# Only what is not as usual.
notification_choices = Table(
    "notification_choices",
    metadata,
    reference("user_id", "users"),
    Column("kind", String(20), nullable=False),
    Column("in_app", Boolean, nullable=False),
    Column("mail", Boolean, nullable=False),
    updated_at(),
    PrimaryKeyConstraint("user_id", "kind"),
    one_of("kind", NoticeKind),
)
Index(
    "ix_notification_choices_mail",
    notification_choices.c.kind,
    notification_choices.c.user_id,
    postgresql_where=text("mail"),
)
