"""Strategies, their versions, templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A migration that cannot get its lock gives way, instead of holding up everybody behind it.
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "strategy_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=True),
        sa.Column("description", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("task_type", sa.String(length=50), nullable=False),
        sa.Column("algorithm", sa.String(length=50), nullable=False),
        sa.Column("config_template", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_system", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "is_system = (created_by IS NULL) AND is_system = (slug IS NOT NULL)",
            name=op.f("ck_strategy_templates_origin"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_strategy_templates_created_by"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_templates")),
        sa.UniqueConstraint("slug", name=op.f("uq_strategy_templates_slug")),
    )
    op.create_index(
        op.f("ix_strategy_templates_created_by_id"), "strategy_templates", ["created_by", "id"], unique=False
    )
    op.create_index(
        "ix_strategy_templates_created_by_lower_name_id",
        "strategy_templates",
        ["created_by", sa.literal_column("lower(name)"), "id"],
        unique=False,
    )
    op.create_table(
        "strategies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("task_type", sa.String(length=50), nullable=False),
        sa.Column("algorithm", sa.String(length=50), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tm_config", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'paused', 'stopped', 'error', 'archived')", name=op.f("ck_strategies_status")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_strategies_owner_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_strategies_project_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategies")),
    )
    op.create_index("ix_strategies_lower_name_id", "strategies", [sa.literal_column("lower(name)"), "id"], unique=False)
    op.create_index(op.f("ix_strategies_owner_id_id"), "strategies", ["owner_id", "id"], unique=False)
    op.create_index(
        "ix_strategies_owner_id_lower_name_id",
        "strategies",
        ["owner_id", sa.literal_column("lower(name)"), "id"],
        unique=False,
    )
    op.create_index(op.f("ix_strategies_owner_id_status_id"), "strategies", ["owner_id", "status", "id"], unique=False)
    op.create_index(
        op.f("ix_strategies_owner_id_updated_at_id"), "strategies", ["owner_id", "updated_at", "id"], unique=False
    )
    op.create_index(op.f("ix_strategies_project_id_id"), "strategies", ["project_id", "id"], unique=False)
    op.create_index(
        "ix_strategies_project_id_lower_name_id",
        "strategies",
        ["project_id", sa.literal_column("lower(name)"), "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_strategies_project_id_updated_at_id"), "strategies", ["project_id", "updated_at", "id"], unique=False
    )
    op.create_index(op.f("ix_strategies_tags"), "strategies", ["tags"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_strategies_updated_at_id"), "strategies", ["updated_at", "id"], unique=False)
    op.create_index(
        "uq_strategies_owner_id_lower_name", "strategies", ["owner_id", sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "strategy_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("strategy_id", sa.Uuid(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("config", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("message", sa.String(length=500), server_default="", nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_strategy_versions_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["strategy_id"], ["strategies.id"], name=op.f("fk_strategy_versions_strategy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strategy_versions")),
        sa.UniqueConstraint(
            "strategy_id", "version_number", name=op.f("uq_strategy_versions_strategy_id_version_number")
        ),
    )
    op.create_index(op.f("ix_strategy_versions_author_id"), "strategy_versions", ["author_id"], unique=False)
    for table in ("strategies", "strategy_templates"):
        op.execute(
            f"CREATE INDEX ix_{table}_trgm ON {table} USING gin (lower(name || ' ' || description) gin_trgm_ops)"
        )
    # A version never changes. Only its author may be forgotten, when that person's account is deleted.
    op.execute(
        "CREATE TRIGGER strategy_versions_immutable BEFORE UPDATE ON strategy_versions FOR EACH ROW "
        "WHEN (NEW.author_id IS NOT NULL OR to_jsonb(NEW) - 'author_id' IS DISTINCT FROM to_jsonb(OLD) - 'author_id') "
        "EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_strategy_versions_author_id"), table_name="strategy_versions")
    op.drop_table("strategy_versions")
    op.drop_index("uq_strategies_owner_id_lower_name", table_name="strategies")
    op.drop_index(op.f("ix_strategies_updated_at_id"), table_name="strategies")
    op.drop_index(op.f("ix_strategies_tags"), table_name="strategies", postgresql_using="gin")
    op.drop_index(op.f("ix_strategies_project_id_updated_at_id"), table_name="strategies")
    op.drop_index("ix_strategies_project_id_lower_name_id", table_name="strategies")
    op.drop_index(op.f("ix_strategies_project_id_id"), table_name="strategies")
    op.drop_index(op.f("ix_strategies_owner_id_updated_at_id"), table_name="strategies")
    op.drop_index(op.f("ix_strategies_owner_id_status_id"), table_name="strategies")
    op.drop_index("ix_strategies_owner_id_lower_name_id", table_name="strategies")
    op.drop_index(op.f("ix_strategies_owner_id_id"), table_name="strategies")
    op.drop_index("ix_strategies_lower_name_id", table_name="strategies")
    op.drop_table("strategies")
    op.drop_index("ix_strategy_templates_created_by_lower_name_id", table_name="strategy_templates")
    op.drop_index(op.f("ix_strategy_templates_created_by_id"), table_name="strategy_templates")
    op.drop_table("strategy_templates")
