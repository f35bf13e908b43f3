"""The catalogue of tasks and algorithms: one definition for validation, templates, forms and training."""

from __future__ import annotations

from domain.catalogue.model import (
    Algorithm,
    AlgorithmName,
    Family,
    Group,
    Kind,
    Parameter,
    Rule,
    Task,
    TaskType,
    Value,
)
from domain.catalogue.offer import algorithms, find, supported_algorithms, tasks
from domain.catalogue.schema import json_schema
from domain.catalogue.templates import SystemTemplate, system_templates
from domain.catalogue.validation import MAX_KEYS, complete, validate

__all__ = [
    "MAX_KEYS",
    "Algorithm",
    "AlgorithmName",
    "Family",
    "Group",
    "Kind",
    "Parameter",
    "Rule",
    "SystemTemplate",
    "Task",
    "TaskType",
    "Value",
    "algorithms",
    "complete",
    "find",
    "json_schema",
    "supported_algorithms",
    "system_templates",
    "tasks",
    "validate",
]
