"""Strategies, their versions, and the templates to start from."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.strategies.status import StrategyStatus
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, updated_at

strategies = Table(
    "strategies",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    reference("project_id", "projects", on_delete="SET NULL", nullable=True),
    Column("name", String(100), nullable=False),
    Column("description", String(2000), nullable=False, server_default=""),
    Column("task_type", String(50), nullable=False),
    Column("algorithm", String(50), nullable=False),
    Column("config", JSONB, nullable=False),
    Column("tm_config", JSONB, nullable=False, server_default="{}"),
    Column("status", String(10), nullable=False),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    # The number of the version whose config this is.
    Column("version", Integer, nullable=False),
    created_at(),
    updated_at(),
    one_of("status", StrategyStatus),
)
_name = func.lower(strategies.c.name)
Index("uq_strategies_owner_id_lower_name", strategies.c.owner_id, _name, unique=True)
# One index for each order that a list has, by each path that leads to it: what is mine, what lies in a project, all.
Index(None, strategies.c.owner_id, strategies.c.id)
Index(None, strategies.c.owner_id, strategies.c.status, strategies.c.id)
Index("ix_strategies_owner_id_lower_name_id", strategies.c.owner_id, _name, strategies.c.id)
Index(None, strategies.c.owner_id, strategies.c.updated_at, strategies.c.id)
Index(None, strategies.c.project_id, strategies.c.id)
Index("ix_strategies_project_id_lower_name_id", strategies.c.project_id, _name, strategies.c.id)
Index(None, strategies.c.project_id, strategies.c.updated_at, strategies.c.id)
Index("ix_strategies_lower_name_id", _name, strategies.c.id)
Index(None, strategies.c.updated_at, strategies.c.id)
Index(None, strategies.c.tags, postgresql_using="gin")

# Immutable: a trigger refuses UPDATE (migration 0004), but for the author's name when the author goes.
strategy_versions = Table(
    "strategy_versions",
    metadata,
    id_column(),
    reference("strategy_id", "strategies"),
    Column("version_number", Integer, nullable=False),
    Column("config", JSONB, nullable=False),
    Column("message", String(500), nullable=False, server_default=""),
    reference("author_id", "users", on_delete="SET NULL", nullable=True),
    created_at(),
    UniqueConstraint("strategy_id", "version_number"),
)
Index(None, strategy_versions.c.author_id)

strategy_templates = Table(
    "strategy_templates",
    metadata,
    id_column(),
    Column("name", String(100), nullable=False),
    # Only the platform's own have one: by it they are found again when the code brings a new text.
    Column("slug", String(100), unique=True),
    Column("description", String(2000), nullable=False, server_default=""),
    Column("task_type", String(50), nullable=False),
    Column("algorithm", String(50), nullable=False),
    Column("config_template", JSONB, nullable=False),
    Column("is_system", Boolean, nullable=False),
    reference("created_by", "users", nullable=True),
    created_at(),
    updated_at(),
    CheckConstraint("is_system = (created_by IS NULL) AND is_system = (slug IS NOT NULL)", name="origin"),
)
Index(None, strategy_templates.c.created_by, strategy_templates.c.id)
Index(
    "ix_strategy_templates_created_by_lower_name_id",
    strategy_templates.c.created_by,
    func.lower(strategy_templates.c.name),
    strategy_templates.c.id,
)
