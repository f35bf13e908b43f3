"""What the platform keeps about itself: configuration, audit, work to hand out, trusted documents."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB

from persistence.tables.base import created_at, id_column, metadata, reference, time_column, updated_at

system_configs = Table(
    "system_configs",
    metadata,
    id_column(),
    Column("key", String(100), nullable=False, unique=True),
    Column("value", JSONB, nullable=False),
    Column("description", String(500), nullable=False, server_default=""),
    created_at(),
    updated_at(),
)

# Append only: a trigger refuses UPDATE and DELETE (migration 0001).
audit_log = Table(
    "audit_log",
    metadata,
    id_column(),
    # No foreign key: the record outlives the person and the object.
    Column("actor_id", Uuid),
    Column("action", String(50), nullable=False),
    Column("object_type", String(50), nullable=False),
    Column("object_id", Uuid),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("address", INET),
    Column("request_id", String(64), nullable=False, server_default=""),
    created_at(),
)
Index(None, audit_log.c.actor_id, audit_log.c.id)
Index(None, audit_log.c.object_type, audit_log.c.object_id, audit_log.c.id)
Index(None, audit_log.c.action, audit_log.c.id)

# Short work that a use case asked for, in the same transaction. A worker deletes the row when it is done.
outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("queue", String(20), nullable=False),
    Column("task", String(50), nullable=False),
    Column("payload", JSONB, nullable=False),
    # Of long work: whose turn it is is decided by who waits. No foreign key: mails have no owner, and rows live short.
    Column("owner_id", Uuid),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    # The worker that has it: machine, pid and start, so that a neighbour can tell that it died.
    Column("claimed_by", String(200)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    time_column("due_at", nullable=False),
    time_column("failed_at"),
    Column("error", Text),
    created_at(),
)
# Each serves one part of persistence/queue_order.py: what has no owner, each owner's own list, who is at work.
Index("ix_outbox_due", outbox.c.queue, outbox.c.due_at, postgresql_where=text("failed_at IS NULL AND owner_id IS NULL"))
Index(
    "ix_outbox_turns",
    outbox.c.queue,
    outbox.c.owner_id,
    outbox.c.priority.desc(),
    outbox.c.id,
    postgresql_where=text("failed_at IS NULL AND owner_id IS NOT NULL"),
)
Index(
    "ix_outbox_claimed",
    outbox.c.owner_id,
    outbox.c.queue,
    postgresql_where=text("failed_at IS NULL AND claimed_by IS NOT NULL"),
)

# Who was served last comes last among those with as much at work. A number, as the clocks of workers differ.
queue_turns = Table(
    "queue_turns",
    metadata,
    reference("owner_id", "users"),
    Column("queue", String(20), nullable=False),
    Column("turn", BigInteger, Identity(), nullable=False),
    PrimaryKeyConstraint("owner_id", "queue"),
)

trusted_documents = Table(
    "trusted_documents",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("document", Text, nullable=False),
    created_at(),
)
