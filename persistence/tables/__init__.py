"""Tables, as SQLAlchemy Core sees them. One file per group of nouns."""

from persistence.tables import (
    blobs,
    datasets,
    evaluations,
    jobs,
    models,
    notifications,
    projects,
    strategies,
    system,
    users,
)
from persistence.tables.base import metadata

__all__ = [
    "blobs",
    "datasets",
    "evaluations",
    "jobs",
    "metadata",
    "models",
    "notifications",
    "projects",
    "strategies",
    "system",
    "users",
]
