"""What jobs tell while they run, how they wait, and the models that trainings make."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# For people with psql and for reports; the platform reads the table.
VIEWS = (
    ("job_logs", "log", "job_id, seq, level, message, at"),
    ("job_metrics", "metric", "job_id, seq, epoch, step, split, seed, body AS values, at"),
)
WAITING = (
    ("ix_outbox_due", ["queue", "due_at"], "owner_id IS NULL"),
    ("ix_outbox_turns", ["queue", "owner_id", sa.text("priority DESC"), "id"], "owner_id IS NOT NULL"),
    ("ix_outbox_claimed", ["owner_id", "queue"], "claimed_by IS NOT NULL"),
)
OWNERS = (("jobs", "job"), ("models", "model"))


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "job_events",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=True),
        sa.Column("split", sa.String(length=5), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "kind IN ('log', 'metric', 'progress', 'status', 'checkpoint', 'result')", name=op.f("ck_job_events_kind")
        ),
        sa.CheckConstraint("split IN ('train', 'valid', 'test')", name=op.f("ck_job_events_split")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_events_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "seq", name=op.f("pk_job_events")),
    )
    op.create_index(
        "ix_job_events_logs", "job_events", ["job_id", "seq"], unique=False, postgresql_where=sa.text("kind = 'log'")
    )
    op.create_index(
        "ix_job_events_metrics",
        "job_events",
        ["job_id", "seq"],
        unique=False,
        postgresql_where=sa.text("kind = 'metric'"),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("strategy_id", sa.Uuid(), nullable=True),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("task_type", sa.String(length=50), nullable=False),
        sa.Column("algorithm", sa.String(length=50), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("card", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hyperparameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("score", sa.String(length=50), nullable=False),
        sa.Column("best_score", sa.Double(), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("stage IN ('none', 'staging', 'production', 'archived')", name=op.f("ck_models_stage")),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_models_dataset_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_models_job_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_models_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.id"], name=op.f("fk_models_strategy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
    )
    op.create_index(op.f("ix_models_best_score_id"), "models", ["best_score", "id"], unique=False)
    op.create_index(op.f("ix_models_dataset_id_id"), "models", ["dataset_id", "id"], unique=False)
    op.create_index(op.f("ix_models_job_id_id"), "models", ["job_id", "id"], unique=False)
    op.create_index("ix_models_owner_id_best_score", "models", ["owner_id", "best_score", "id"], unique=False)
    op.create_index(op.f("ix_models_owner_id_id"), "models", ["owner_id", "id"], unique=False)
    op.create_index("ix_models_strategy_id_best_score", "models", ["strategy_id", "best_score", "id"], unique=False)
    op.create_index(op.f("ix_models_strategy_id_id"), "models", ["strategy_id", "id"], unique=False)
    op.add_column("jobs", sa.Column("strategy_id", sa.Uuid(), nullable=True))
    op.add_column("jobs", sa.Column("engine", sa.String(length=50), nullable=True))
    op.add_column("jobs", sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("idempotency_key", sa.String(length=100), nullable=True))
    op.add_column("jobs", sa.Column("epoch", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("epochs", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("step", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("steps", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("steps_per_second", sa.Double(), nullable=True))
    op.add_column("jobs", sa.Column("seconds_left", sa.Double(), nullable=True))
    op.add_column("jobs", sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("jobs", sa.Column("last_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("heard", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("series_from", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("has_checkpoint", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("jobs", sa.Column("process", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("jobs", sa.Column("remote_session", sa.String(length=100), nullable=True))
    op.add_column("jobs", sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE jobs SET queued_at = created_at")
    op.alter_column("jobs", "queued_at", nullable=False)
    op.create_index(op.f("ix_jobs_strategy_id_id"), "jobs", ["strategy_id", "id"], unique=False)
    op.create_index("uq_jobs_owner_id_idempotency_key", "jobs", ["owner_id", "idempotency_key"], unique=True)
    op.drop_constraint(op.f("fk_jobs_dataset_id"), "jobs", type_="foreignkey")
    op.create_foreign_key(
        op.f("fk_jobs_strategy_id"), "jobs", "strategies", ["strategy_id"], ["id"], ondelete="CASCADE"
    )
    op.create_foreign_key(op.f("fk_jobs_dataset_id"), "jobs", "datasets", ["dataset_id"], ["id"], ondelete="SET NULL")
    op.add_column("outbox", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.add_column("outbox", sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("claimed_by", sa.String(length=200), nullable=True))
    op.drop_index("ix_outbox_due", table_name="outbox")
    for name, columns, condition in WAITING:
        op.create_index(
            name, "outbox", columns, unique=False, postgresql_where=sa.text(f"failed_at IS NULL AND {condition}")
        )
    op.create_table(
        "queue_turns",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("turn", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_queue_turns_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner_id", "queue", name=op.f("pk_queue_turns")),
    )
    for view, kind, columns in VIEWS:
        op.execute(f"CREATE VIEW {view} AS SELECT {columns} FROM job_events WHERE kind = '{kind}'")  # noqa: S608 - our own constants
    # Whatever deletes a job or a model, its contents are given up with it.
    for table, owner in OWNERS:
        op.execute(
            f"CREATE TRIGGER {table}_release_blobs AFTER DELETE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION release_blobs('{owner}')"
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, _ in OWNERS:
        op.execute(f"DROP TRIGGER {table}_release_blobs ON {table}")
    for view, *_ in VIEWS:
        op.execute(f"DROP VIEW {view}")
    op.drop_table("queue_turns")
    for name, *_ in WAITING:
        op.drop_index(name, table_name="outbox")
    op.create_index("ix_outbox_due", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("failed_at IS NULL"))
    op.drop_column("outbox", "claimed_by")
    op.drop_column("outbox", "priority")
    op.drop_column("outbox", "owner_id")
    op.drop_constraint(op.f("fk_jobs_dataset_id"), "jobs", type_="foreignkey")
    op.drop_constraint(op.f("fk_jobs_strategy_id"), "jobs", type_="foreignkey")
    op.create_foreign_key(op.f("fk_jobs_dataset_id"), "jobs", "datasets", ["dataset_id"], ["id"], ondelete="CASCADE")
    op.drop_index("uq_jobs_owner_id_idempotency_key", table_name="jobs")
    op.drop_index(op.f("ix_jobs_strategy_id_id"), table_name="jobs")
    op.drop_column("jobs", "queued_at")
    op.drop_column("jobs", "remote_session")
    op.drop_column("jobs", "process")
    op.drop_column("jobs", "has_checkpoint")
    op.drop_column("jobs", "series_from")
    op.drop_column("jobs", "heard")
    op.drop_column("jobs", "last_seq")
    op.drop_column("jobs", "result")
    op.drop_column("jobs", "seconds_left")
    op.drop_column("jobs", "steps_per_second")
    op.drop_column("jobs", "steps")
    op.drop_column("jobs", "step")
    op.drop_column("jobs", "epochs")
    op.drop_column("jobs", "epoch")
    op.drop_column("jobs", "idempotency_key")
    op.drop_column("jobs", "priority")
    op.drop_column("jobs", "engine")
    op.drop_column("jobs", "strategy_id")
    op.drop_index(op.f("ix_models_strategy_id_id"), table_name="models")
    op.drop_index("ix_models_strategy_id_best_score", table_name="models")
    op.drop_index(op.f("ix_models_owner_id_id"), table_name="models")
    op.drop_index("ix_models_owner_id_best_score", table_name="models")
    op.drop_index(op.f("ix_models_job_id_id"), table_name="models")
    op.drop_index(op.f("ix_models_dataset_id_id"), table_name="models")
    op.drop_index(op.f("ix_models_best_score_id"), table_name="models")
    op.drop_table("models")
    op.drop_index("ix_job_events_metrics", table_name="job_events", postgresql_where=sa.text("kind = 'metric'"))
    op.drop_index("ix_job_events_logs", table_name="job_events", postgresql_where=sa.text("kind = 'log'"))
    op.drop_table("job_events")
