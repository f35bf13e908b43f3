"""Evaluations of models, and which models each is of."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, SmallInteger, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from domain.evaluations.model import EvaluationKind
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, time_column, updated_at

evaluations = Table(
    "evaluations",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    reference("job_id", "jobs"),
    reference("dataset_id", "datasets", nullable=True, on_delete="SET NULL"),
    reference("strategy_id", "strategies", nullable=True, on_delete="SET NULL"),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("parameters", JSONB, nullable=False),
    # Figures, tables and comparisons; series and trades are files.
    Column("result", JSONB),
    time_column("finished_at"),
    created_at(),
    updated_at(),
    one_of("kind", EvaluationKind),
)
Index(None, evaluations.c.owner_id, evaluations.c.id)
Index("uq_evaluations_job_id", evaluations.c.job_id, unique=True)
Index(None, evaluations.c.dataset_id, evaluations.c.id)
Index(None, evaluations.c.strategy_id, evaluations.c.id)

evaluation_models = Table(
    "evaluation_models",
    metadata,
    reference("evaluation_id", "evaluations"),
    Column("place", SmallInteger, nullable=False),
    reference("model_id", "models", nullable=True, on_delete="SET NULL"),
    # Its figures, by name: what lists sort by.
    Column("measures", JSONB),
    PrimaryKeyConstraint("evaluation_id", "place"),
)
Index(None, evaluation_models.c.model_id, evaluation_models.c.evaluation_id)
