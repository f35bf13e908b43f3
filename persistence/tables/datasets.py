"""Datasets and saved recipes. Their bytes are in the blob storage (tables/blobs.py)."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Index, String, Table, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.datasets.model import DatasetStatus, DataType
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, time_column, updated_at

datasets = Table(
    "datasets",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    reference("project_id", "projects", on_delete="SET NULL", nullable=True),
    # Lineage outlives the parent.
    reference("parent_id", "datasets", on_delete="SET NULL", nullable=True),
    Column("name", String(100), nullable=False),
    Column("description", String(2000), nullable=False, server_default=""),
    Column("data_type", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("filename", String(255)),
    Column("file_size", BigInteger),
    Column("sha256", String(64)),
    Column("row_count", BigInteger),
    Column("report", JSONB),
    Column("correction", JSONB),
    Column("recipe", JSONB),
    Column("manifest", JSONB),
    Column("tags", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    # A client's word for one wish, by which its second try is known.
    Column("idempotency_key", String(100)),
    created_at(),
    updated_at(),
    one_of("data_type", DataType),
    one_of("status", DatasetStatus),
)
Index(None, datasets.c.owner_id, datasets.c.id)
Index(None, datasets.c.project_id, datasets.c.id)
Index(None, datasets.c.parent_id, datasets.c.id)
Index("uq_datasets_owner_id_idempotency_key", datasets.c.owner_id, datasets.c.idempotency_key, unique=True)
Index("ix_datasets_owner_id_lower_name_id", datasets.c.owner_id, func.lower(datasets.c.name), datasets.c.id)
Index("ix_datasets_project_id_lower_name_id", datasets.c.project_id, func.lower(datasets.c.name), datasets.c.id)
Index("ix_datasets_lower_name_id", func.lower(datasets.c.name), datasets.c.id)
Index("ix_datasets_tags", datasets.c.tags, postgresql_using="gin")

# Files that were promised: their bytes come through a door that knows no datasets.
dataset_uploads = Table(
    "dataset_uploads",
    metadata,
    id_column(),
    reference("dataset_id", "datasets"),
    reference("user_id", "users"),
    Column("filename", String(255), nullable=False),
    Column("idempotency_key", String(100)),
    time_column("done_at"),
    created_at(),
)
Index(None, dataset_uploads.c.dataset_id)
Index(
    "uq_dataset_uploads_user_id_idempotency_key",
    dataset_uploads.c.user_id,
    dataset_uploads.c.idempotency_key,
    unique=True,
)

recipes = Table(
    "recipes",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    Column("name", String(100), nullable=False),
    Column("description", String(2000), nullable=False, server_default=""),
    Column("steps", JSONB, nullable=False),
    created_at(),
    updated_at(),
)
Index("uq_recipes_owner_id_lower_name", recipes.c.owner_id, func.lower(recipes.c.name), unique=True)
Index(None, recipes.c.owner_id, recipes.c.id)
