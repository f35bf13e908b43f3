"""Recipes: what is done to raw market data before a training, as data that can be kept, checked and run again."""

from __future__ import annotations

from domain.datasets.recipes.flow import columns_after
from domain.datasets.recipes.manifest import Change, Column, Manifest, Scale, SplitPart
from domain.datasets.recipes.model import Group, Recipe, Step, StepKind
from domain.datasets.recipes.offer import step_kind, step_kinds
from domain.datasets.recipes.reading import read_recipe, validate_recipe
from domain.datasets.recipes.schema import MAX_STEPS, recipe_schema, step_schema

__all__ = [
    "MAX_STEPS",
    "Change",
    "Column",
    "Group",
    "Manifest",
    "Recipe",
    "Scale",
    "SplitPart",
    "Step",
    "StepKind",
    "columns_after",
    "read_recipe",
    "recipe_schema",
    "step_kind",
    "step_kinds",
    "step_schema",
    "validate_recipe",
]
