"""Projects and who works in them."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB

from domain.projects.model import MemberRole
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, updated_at

projects = Table(
    "projects",
    metadata,
    id_column(),
    reference("owner_id", "users"),
    Column("name", String(100), nullable=False),
    Column("description", String(2000), nullable=False, server_default=""),
    Column("settings", JSONB, nullable=False, server_default="{}"),
    created_at(),
    updated_at(),
)
Index(None, projects.c.owner_id, projects.c.id)
Index("ix_projects_lower_name_id", func.lower(projects.c.name), projects.c.id)

project_members = Table(
    "project_members",
    metadata,
    id_column(),
    reference("project_id", "projects"),
    reference("user_id", "users"),
    Column("role", String(10), nullable=False),
    created_at(),
    updated_at(),
    UniqueConstraint("project_id", "user_id"),
    one_of("role", MemberRole),
)
Index(None, project_members.c.user_id, project_members.c.project_id)
Index(None, project_members.c.project_id, project_members.c.id)
