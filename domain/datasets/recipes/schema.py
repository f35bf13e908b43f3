"""Recipes as JSON Schema (draft 2020-12)."""

from __future__ import annotations

from typing import Any

from domain.datasets.forms import DIALECT, form_schema
from domain.datasets.recipes.model import StepKind
from domain.datasets.recipes.offer import step_kinds

MAX_STEPS = 50


def step_schema(kind: StepKind) -> dict[str, Any]:
    return form_schema(kind.form, {"kind": kind.name}) | {"x-group": kind.group.value}


def recipe_schema() -> dict[str, Any]:
    """Says what single fields may be. What must hold between steps and columns is said by validation alone."""
    kinds = [step_schema(kind) for kind in step_kinds()]
    steps = {"type": "array", "minItems": 1, "maxItems": MAX_STEPS, "items": {"oneOf": kinds}}
    return {
        "$schema": DIALECT,
        "title": "Recipe",
        "description": "What is done to raw market data before a training.",
        "type": "object",
        "properties": {"steps": steps},
        "required": ["steps"],
        "additionalProperties": False,
    }
