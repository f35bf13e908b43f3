"""A project and its members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class MemberRole(StrEnum):
    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    @property
    def may_edit(self) -> bool:
        return self is not MemberRole.VIEWER


@dataclass(frozen=True, slots=True)
class Project:
    id: UUID
    owner_id: UUID
    name: str
    description: str
    settings: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """Which projects to list. None: does not matter."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    id: UUID
    project_id: UUID
    user_id: UUID
    role: MemberRole
    created_at: datetime
    updated_at: datetime
