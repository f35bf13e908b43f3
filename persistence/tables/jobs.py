"""Long work of every kind: one table, one machinery."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Double,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.jobs.events import EventKind, Split
from domain.jobs.status import JobKind, JobStatus
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, time_column, updated_at

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    Column("kind", String(20), nullable=False),
    # A dataset takes along the jobs that read or made it (PostgresDatasets.delete), not those that trained on it.
    reference("dataset_id", "datasets", nullable=True, on_delete="SET NULL"),
    reference("strategy_id", "strategies", nullable=True),
    Column("name", String(200), nullable=False),
    Column("engine", String(50)),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    Column("idempotency_key", String(100)),
    Column("status", String(12), nullable=False),
    Column("progress", Double, nullable=False, server_default="0"),
    Column("epoch", Integer),
    Column("epochs", Integer),
    Column("step", BigInteger),
    Column("steps", BigInteger),
    Column("steps_per_second", Double),
    Column("seconds_left", Double),
    Column("parameters", JSONB, nullable=False, server_default="{}"),
    Column("result", JSONB),
    Column("attempt", Integer, nullable=False, server_default="0"),
    # Of its events. Whoever writes one locks the row and counts on from here, so there is no hole and no double.
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    # How many numbered facts of the engine are kept; a resumed run repeats some, which are dropped.
    Column("heard", BigInteger, nullable=False, server_default="0"),
    Column("series_from", BigInteger, nullable=False, server_default="0"),
    Column("has_checkpoint", Boolean, nullable=False, server_default="false"),
    # Where the present attempt runs: machine, pid and start of the worker, and the process group that works for it.
    Column("process", JSONB),
    # The session of a remote engine, by which a later attempt finds it again.
    Column("remote_session", String(100)),
    # How many attempts ended in an error; an attempt that a restart or a dead worker ended is not among them.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error_code", String(50)),
    Column("error_message", Text),
    time_column("cancel_requested_at"),
    time_column("queued_at", nullable=False),
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
Index(None, jobs.c.strategy_id, jobs.c.id)
Index("uq_jobs_owner_id_idempotency_key", jobs.c.owner_id, jobs.c.idempotency_key, unique=True)
# The words of the index, not parameters: so it serves every plan.
is_open: ColumnElement[bool] = literal_column("jobs.status IN ('queued', 'running')", Boolean)
Index("ix_jobs_open", jobs.c.id, postgresql_where=text("status IN ('queued', 'running')"))

# One log per job: the key is what forbids a double. The views job_logs and job_metrics show its two large parts.
job_events = Table(
    "job_events",
    metadata,
    reference("job_id", "jobs"),
    Column("seq", BigInteger, nullable=False),
    time_column("at", nullable=False),
    Column("kind", String(10), nullable=False),
    # Of a log line; the level as its rank (domain.jobs.events.Level), 0 for debug to 3 for error.
    Column("level", SmallInteger),
    Column("message", Text),
    # Of a metric.
    Column("epoch", Integer),
    Column("step", BigInteger),
    Column("split", String(5)),
    Column("seed", BigInteger),
    # Metric: its values by name. All other kinds: their fields.
    Column("body", JSONB),
    PrimaryKeyConstraint("job_id", "seq"),
    one_of("kind", EventKind),
    CheckConstraint(f"split IN ({', '.join(repr(str(split)) for split in Split)})", name="split"),
)
Index("ix_job_events_logs", job_events.c.job_id, job_events.c.seq, postgresql_where=text("kind = 'log'"))
Index("ix_job_events_metrics", job_events.c.job_id, job_events.c.seq, postgresql_where=text("kind = 'metric'"))
