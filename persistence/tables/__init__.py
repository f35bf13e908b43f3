"""Tables, as SQLAlchemy Core sees them. One file per group of nouns."""

from persistence.tables import projects, strategies, system, users
from persistence.tables.base import metadata

__all__ = ["metadata", "projects", "strategies", "system", "users"]
