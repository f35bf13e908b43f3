"""Recipes that people keep, to use them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.clock import Clock
from domain.datasets.model import SavedRecipe
from domain.datasets.recipes import read_recipe
from domain.datasets.rules import clean_description, clean_name
from domain.errors import Forbidden
from domain.ids import new_id
from domain.text import Problems
from domain.viewer import Viewer
from domain.work import UnitOfWork, Works


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeChanges:
    """None: leave it as it is."""

    name: str | None = None
    description: str | None = None
    steps: object | None = None

    def cleaned(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        with Problems() as problems:
            if self.name is not None:
                values["name"] = problems.take(clean_name, self.name)
            if self.description is not None:
                values["description"] = problems.take(clean_description, self.description)
            if self.steps is not None:
                values["steps"] = problems.take(_clean_steps, self.steps)
        return values


class SavedRecipes:
    """Save, change and delete recipes of one's own. What was made with them stays as it is."""

    def __init__(self, *, works: Works, clock: Clock) -> None:
        self._works = works
        self._clock = clock

    async def save(self, viewer: Viewer, new: RecipeChanges) -> SavedRecipe:
        blank = replace(new, name=new.name or "", steps=new.steps if new.steps is not None else [])
        now = self._clock()
        values = {"description": ""} | blank.cleaned()
        recipe = SavedRecipe(id=new_id(), owner_id=viewer.id, created_at=now, updated_at=now, **values)
        async with self._works() as work:
            await work.recipes.add(recipe)
        return recipe

    async def update(self, viewer: Viewer, id: UUID, changes: RecipeChanges) -> SavedRecipe:
        values = changes.cleaned()
        async with self._works() as work:
            recipe = replace(await self._own(work, viewer, id), **values, updated_at=self._clock())
            await work.recipes.save(recipe)
        return recipe

    async def delete(self, viewer: Viewer, id: UUID) -> SavedRecipe:
        async with self._works() as work:
            recipe = await self._own(work, viewer, id)
            await work.recipes.delete(id)
        return recipe

    async def _own(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> SavedRecipe:
        recipe = await work.recipes.lock(viewer, id)
        if recipe.owner_id != viewer.id and not viewer.is_admin:
            raise Forbidden("Only the owner of a recipe may change it.")
        return recipe


def _clean_steps(steps: object) -> list[dict[str, Any]]:
    return [step.to_json() for step in read_recipe(steps).steps]
