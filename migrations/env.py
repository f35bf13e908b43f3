"""Runs migrations on a connection that app/migrate.py opened."""

from __future__ import annotations

from alembic import context

from persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Indexes for text search are written by hand: Alembic cannot compare their expressions.
    include_name=lambda name, kind, _: not (kind == "index" and name is not None and name.endswith("_trgm")),
    compare_type=True,
    compare_server_default=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
