"""Evaluations of models, and which models each is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("strategy_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('backtest', 'stress_test', 'comparison')", name=op.f("ck_evaluations_kind")),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_evaluations_dataset_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_evaluations_job_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_evaluations_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.id"], name=op.f("fk_evaluations_strategy_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(op.f("ix_evaluations_dataset_id_id"), "evaluations", ["dataset_id", "id"], unique=False)
    op.create_index(op.f("ix_evaluations_owner_id_id"), "evaluations", ["owner_id", "id"], unique=False)
    op.create_index(op.f("ix_evaluations_strategy_id_id"), "evaluations", ["strategy_id", "id"], unique=False)
    op.create_index("uq_evaluations_job_id", "evaluations", ["job_id"], unique=True)
    op.create_table(
        "evaluation_models",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("measures", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name=op.f("fk_evaluation_models_evaluation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name=op.f("fk_evaluation_models_model_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("evaluation_id", "place", name=op.f("pk_evaluation_models")),
    )
    op.create_index(
        op.f("ix_evaluation_models_model_id_evaluation_id"),
        "evaluation_models",
        ["model_id", "evaluation_id"],
        unique=False,
    )
    # Whatever deletes an evaluation, its files are given up with it.
    op.execute(
        "CREATE TRIGGER evaluations_release_blobs AFTER DELETE ON evaluations FOR EACH ROW "
        "EXECUTE FUNCTION release_blobs('evaluation')"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("evaluation_models")
    op.execute("DROP TRIGGER evaluations_release_blobs ON evaluations")
    op.drop_table("evaluations")
