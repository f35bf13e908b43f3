"""What people ask for when they make or change a strategy or a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.catalogue import AlgorithmName, TaskType
from domain.free_json import clean_object
from domain.projects.places import Move
from domain.strategies.rules import MAX_MESSAGE, clean_description, clean_message, clean_name, clean_tags
from domain.text import Problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What can be said about a strategy beside its configuration. None: leave it as it is."""

    name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    tm_config: object | None = None

    def cleaned(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        with Problems() as problems:
            if self.name is not None:
                values["name"] = problems.take(clean_name, self.name)
            if self.description is not None:
                values["description"] = problems.take(clean_description, self.description)
            if self.tags is not None:
                values["tags"] = problems.take(clean_tags, self.tags)
            if self.tm_config is not None:
                values["tm_config"] = problems.take(clean_object, self.tm_config, "tm_config")
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStrategy:
    """From a template, or from scratch with a task and an algorithm."""

    words: Words
    project_id: UUID | None = None
    template_id: UUID | None = None
    task_type: TaskType | None = None
    algorithm: AlgorithmName | None = None
    config: object | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyChanges:
    """None: leave it as it is."""

    words: Words = Words()
    move: Move | None = None
    config: object | None = None
    """Parameters to change; the others keep their values."""
    message: str | None = None
    expected_version: int | None = None
    """Refuse when the configuration has gone beyond this version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTemplate:
    """From a strategy, or from scratch with a task and an algorithm."""

    words: Words
    strategy_id: UUID | None = None
    task_type: TaskType | None = None
    algorithm: AlgorithmName | None = None
    config: object | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChanges:
    """None: leave it as it is."""

    words: Words = Words()
    config: object | None = None


def message_or(message: str | None, default: str) -> str:
    """What a person says about a version, or else what the platform says."""
    return clean_message(message or "") or default[:MAX_MESSAGE]
