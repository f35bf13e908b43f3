"""Datasets, recipes, jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "datasets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("data_type", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("correction", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("recipe", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("data_type IN ('market_data', 'custom', 'synthetic')", name=op.f("ck_datasets_data_type")),
        sa.CheckConstraint("status IN ('empty', 'processing', 'ready', 'bad')", name=op.f("ck_datasets_status")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_datasets_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["datasets.id"], name=op.f("fk_datasets_parent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_datasets_project_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
    )
    op.create_index("ix_datasets_lower_name_id", "datasets", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index(op.f("ix_datasets_owner_id_id"), "datasets", ["owner_id", "id"], unique=False)
    op.create_index(
        "ix_datasets_owner_id_lower_name_id",
        "datasets",
        ["owner_id", sa.literal_column("lower(name)"), "id"],
        unique=False,
    )
    op.create_index(op.f("ix_datasets_parent_id_id"), "datasets", ["parent_id", "id"], unique=False)
    op.create_index(op.f("ix_datasets_project_id_id"), "datasets", ["project_id", "id"], unique=False)
    op.create_index(
        "ix_datasets_project_id_lower_name_id",
        "datasets",
        ["project_id", sa.literal_column("lower(name)"), "id"],
        unique=False,
    )
    op.create_index("ix_datasets_tags", "datasets", ["tags"], unique=False, postgresql_using="gin")
    op.create_table(
        "recipes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_recipes_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipes")),
    )
    op.create_index(op.f("ix_recipes_owner_id_id"), "recipes", ["owner_id", "id"], unique=False)
    op.create_index(
        "uq_recipes_owner_id_lower_name", "recipes", ["owner_id", sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("progress", sa.Double(), server_default="0", nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.String(length=50), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('training', 'evaluation', 'inspection', 'preprocessing', 'importing', 'labelling')",
            name=op.f("ck_jobs_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'completed', 'failed', 'cancelled')", name=op.f("ck_jobs_status")
        ),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_jobs_dataset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_jobs_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_dataset_id_id"), "jobs", ["dataset_id", "id"], unique=False)
    op.create_index(
        "ix_jobs_open", "jobs", ["id"], unique=False, postgresql_where=sa.text("status IN ('queued', 'running')")
    )
    op.create_index(op.f("ix_jobs_owner_id_id"), "jobs", ["owner_id", "id"], unique=False)
    op.create_index(op.f("ix_jobs_owner_id_status_id"), "jobs", ["owner_id", "status", "id"], unique=False)
    op.execute("CREATE INDEX ix_datasets_trgm ON datasets USING gin (lower(name || ' ' || description) gin_trgm_ops)")
    # Whatever deletes a dataset, its contents are given up with it.
    op.execute(
        "CREATE TRIGGER datasets_release_blobs AFTER DELETE ON datasets FOR EACH ROW "
        "EXECUTE FUNCTION release_blobs('dataset')"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_jobs_owner_id_status_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_owner_id_id"), table_name="jobs")
    op.drop_index("ix_jobs_open", table_name="jobs", postgresql_where=sa.text("status IN ('queued', 'running')"))
    op.drop_index(op.f("ix_jobs_dataset_id_id"), table_name="jobs")
    op.drop_table("jobs")
    op.drop_index("uq_recipes_owner_id_lower_name", table_name="recipes")
    op.drop_index(op.f("ix_recipes_owner_id_id"), table_name="recipes")
    op.drop_table("recipes")
    op.drop_index("ix_datasets_tags", table_name="datasets", postgresql_using="gin")
    op.drop_index("ix_datasets_project_id_lower_name_id", table_name="datasets")
    op.drop_index(op.f("ix_datasets_project_id_id"), table_name="datasets")
    op.drop_index(op.f("ix_datasets_parent_id_id"), table_name="datasets")
    op.drop_index("ix_datasets_owner_id_lower_name_id", table_name="datasets")
    op.drop_index(op.f("ix_datasets_owner_id_id"), table_name="datasets")
    op.drop_index("ix_datasets_lower_name_id", table_name="datasets")
    op.drop_table("datasets")
