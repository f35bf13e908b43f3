"""A strategy, its versions, and the templates to start from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.catalogue import AlgorithmName, TaskType
from domain.strategies.status import StrategyStatus


@dataclass(frozen=True, slots=True)
class Strategy:
    """`config` is always whole: a default that changes later changes no strategy that exists."""

    id: UUID
    owner_id: UUID
    project_id: UUID | None
    name: str
    description: str
    task_type: TaskType
    algorithm: AlgorithmName
    config: dict[str, Any]
    tm_config: dict[str, Any]
    status: StrategyStatus
    tags: tuple[str, ...]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StrategyVersion:
    """What the configuration was at one time. It never changes."""

    id: UUID
    strategy_id: UUID
    version_number: int
    config: dict[str, Any]
    message: str
    author_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StrategyTemplate:
    """A configuration to start from: the platform's own (a system one), or a person's."""

    id: UUID
    name: str
    slug: str | None
    description: str
    task_type: TaskType
    algorithm: AlgorithmName
    config_template: dict[str, Any]
    is_system: bool
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StrategyFilter:
    """Which strategies to list. None: does not matter. No status: all but the archived ones."""

    text: str | None = None
    task_type: TaskType | None = None
    algorithm: AlgorithmName | None = None
    statuses: tuple[StrategyStatus, ...] = ()
    project_id: UUID | None = None
    owner_id: UUID | None = None
    tags: tuple[str, ...] = ()
    """A strategy must have all of them."""


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """Which templates to list. None: does not matter."""

    text: str | None = None
    task_type: TaskType | None = None
    algorithm: AlgorithmName | None = None
    is_system: bool | None = None
