"""A person, a session, an API token."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.viewer import Role


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    username: str
    email: str
    full_name: str
    role: Role
    is_active: bool
    last_login_at: datetime | None
    settings: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which users to list. None: does not matter."""

    text: str | None = None
    role: Role | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One refresh token. Its family is every token that was rotated out of one login."""

    id: UUID
    user_id: UUID
    family_id: UUID
    agent: str
    address: str | None
    expires_at: datetime
    last_used_at: datetime
    created_at: datetime


class Scope(StrEnum):
    """What an API token may be limited to."""

    READ = "read"
    WRITE = "write"
    ACCOUNT = "account"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiToken:
    id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a store gives to check a login, and nothing else sees."""

    user: User
    password_hash: str = field(repr=False)
