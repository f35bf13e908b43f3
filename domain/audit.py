"""The record of what changed access or was deleted. It is only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from domain.pages import Page, Window
from domain.viewer import Viewer


class Action(StrEnum):
    USER_REGISTERED = "user.registered"
    USER_ROLE_CHANGED = "user.role_changed"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    USER_RENAMED = "user.renamed"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105
    PASSWORD_RESET = "password.reset"  # noqa: S105
    SESSION_REVOKED = "session.revoked"
    SESSION_FAMILY_REVOKED = "session.family_revoked"
    TOKEN_CREATED = "token.created"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    PROJECT_DELETED = "project.deleted"
    MEMBER_ADDED = "member.added"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    STRATEGY_MOVED = "strategy.moved"
    STRATEGY_DELETED = "strategy.deleted"
    TEMPLATE_DELETED = "template.deleted"
    DATASET_MOVED = "dataset.moved"
    DATASET_DELETED = "dataset.deleted"
    JOB_DELETED = "job.deleted"
    EVALUATION_DELETED = "evaluation.deleted"
    MODEL_STAGE_CHANGED = "model.stage_changed"
    MODEL_DELETED = "model.deleted"
    CONFIG_CHANGED = "config.changed"
    BROADCAST_SENT = "broadcast.sent"
    DOCUMENTS_REGISTERED = "documents.registered"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: UUID
    actor_id: UUID | None
    action: Action
    object_type: str
    object_id: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None
    request_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list. None: does not matter."""

    action: Action | None = None
    actor_id: UUID | None = None
    object_type: str | None = None
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditReads(Protocol):
    """Reading side. Nobody but an admin finds anything."""

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[AuditEntry | None]: ...

    async def page(self, viewer: Viewer, window: Window, filter: AuditFilter) -> Page[AuditEntry]: ...

    async def count(self, viewer: Viewer, filter: AuditFilter) -> int: ...
