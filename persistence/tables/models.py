"""Trained agents."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, Index, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from domain.models.model import Stage
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, updated_at

models = Table(
    "models",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    reference("job_id", "jobs"),
    reference("strategy_id", "strategies", nullable=True),
    reference("dataset_id", "datasets", nullable=True, on_delete="SET NULL"),
    Column("name", String(200), nullable=False),
    Column("task_type", String(50), nullable=False),
    Column("algorithm", String(50), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    # Large, and read only when it is asked for.
    Column("card", JSONB, nullable=False),
    Column("hyperparameters", JSONB, nullable=False),
    # By split, then by name.
    Column("measures", JSONB, nullable=False),
    Column("score", String(50), nullable=False),
    Column("best_score", Double, nullable=False),
    Column("stage", String(10), nullable=False),
    created_at(),
    updated_at(),
    one_of("stage", Stage),
)
Index(None, models.c.owner_id, models.c.id)
Index(None, models.c.job_id, models.c.id)
Index(None, models.c.strategy_id, models.c.id)
Index(None, models.c.dataset_id, models.c.id)
Index(None, models.c.best_score, models.c.id)
Index("ix_models_owner_id_best_score", models.c.owner_id, models.c.best_score, models.c.id)
Index("ix_models_strategy_id_best_score", models.c.strategy_id, models.c.best_score, models.c.id)
