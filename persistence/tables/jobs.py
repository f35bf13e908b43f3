"""Long work of every kind: one table, one machinery."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ColumnElement, Double, Index, Integer, String, Table, Text, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.jobs.status import JobKind, JobStatus
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, time_column, updated_at

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    Column("kind", String(20), nullable=False),
    reference("dataset_id", "datasets", nullable=True),
    Column("name", String(200), nullable=False),
    Column("status", String(12), nullable=False),
    Column("progress", Double, nullable=False, server_default="0"),
    Column("parameters", JSONB, nullable=False, server_default="{}"),
    Column("attempt", Integer, nullable=False, server_default="0"),
    # How many attempts ended in an error; an attempt that a restart or a dead worker ended is not among them.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error_code", String(50)),
    Column("error_message", Text),
    time_column("cancel_requested_at"),
    time_column("started_at"),
    time_column("finished_at"),
    created_at(),
    updated_at(),
    one_of("kind", JobKind),
    one_of("status", JobStatus),
)
Index(None, jobs.c.owner_id, jobs.c.id)
Index(None, jobs.c.owner_id, jobs.c.status, jobs.c.id)
Index(None, jobs.c.dataset_id, jobs.c.id)
# The words of the index, not parameters: so it serves every plan.
is_open: ColumnElement[bool] = literal_column("jobs.status IN ('queued', 'running')", Boolean)
Index("ix_jobs_open", jobs.c.id, postgresql_where=text("status IN ('queued', 'running')"))
