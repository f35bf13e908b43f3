"""People, their sessions, their API tokens."""

from __future__ import annotations

from sqlalchemy import ARRAY, Boolean, Column, Index, LargeBinary, String, Table, Text, func
from sqlalchemy.dialects.postgresql import INET, JSONB

from domain.viewer import Role
from persistence.tables.base import created_at, id_column, metadata, one_of, reference, time_column, updated_at

users = Table(
    "users",
    metadata,
    id_column(),
    Column("username", String(50), nullable=False),
    Column("email", String(100), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("full_name", String(100), nullable=False, server_default=""),
    Column("role", String(10), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    time_column("last_login_at"),
    Column("settings", JSONB, nullable=False, server_default="{}"),
    created_at(),
    updated_at(),
    one_of("role", Role),
)
Index("uq_users_username_lower", func.lower(users.c.username), unique=True)
Index("uq_users_email_lower", func.lower(users.c.email), unique=True)

user_sessions = Table(
    "user_sessions",
    metadata,
    id_column(),
    reference("user_id", "users"),
    Column("family_id", id_column().type, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("agent", String(200), nullable=False, server_default=""),
    Column("address", INET),
    time_column("expires_at", nullable=False),
    time_column("last_used_at", nullable=False),
    time_column("rotated_at"),
    time_column("revoked_at"),
    created_at(),
)
Index(None, user_sessions.c.user_id, user_sessions.c.id)
Index(None, user_sessions.c.family_id)
Index(None, user_sessions.c.expires_at)

api_tokens = Table(
    "api_tokens",
    metadata,
    id_column(),
    reference("user_id", "users"),
    Column("name", String(100), nullable=False),
    Column("prefix", String(20), nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    time_column("expires_at"),
    time_column("last_used_at"),
    time_column("revoked_at"),
    created_at(),
)
Index(None, api_tokens.c.user_id, api_tokens.c.id)
