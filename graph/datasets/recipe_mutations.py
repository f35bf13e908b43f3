"""Changing recipes of one's own."""

import strawberry

from domain.datasets.saved import RecipeChanges
from graph.context import Info
from graph.datasets.inputs import DeleteRecipeInput, SaveRecipeInput, UpdateRecipeInput
from graph.datasets.types import Recipe
from graph.fields import optional
from graph.ids import decode
from graph.inputs import given
from graph.node import shown
from graph.payloads import Payload, mutation
from graph.policy import WRITER


@strawberry.type(description="Answer to saveRecipe.")
class SaveRecipePayload(Payload):
    recipe: Recipe | None = optional("The new recipe.")


@strawberry.type(description="Answer to updateRecipe.")
class UpdateRecipePayload(Payload):
    recipe: Recipe | None = optional("The recipe as it is now.")


@strawberry.type(description="Answer to deleteRecipe.")
class DeleteRecipePayload(Payload):
    recipe: Recipe | None = optional("The recipe as it was.")


async def _save(info: Info, input: SaveRecipeInput) -> SaveRecipePayload:
    new = RecipeChanges(name=input.name, description=input.description, steps=input.steps)
    return SaveRecipePayload(recipe=shown(await info.context.use.datasets.recipes.save(info.context.viewer, new)))


async def _update(info: Info, input: UpdateRecipeInput) -> UpdateRecipePayload:
    id_ = decode(input.id, "Recipe", "id")
    changes = RecipeChanges(name=given(input.name), description=given(input.description), steps=given(input.steps))
    recipe = await info.context.use.datasets.recipes.update(info.context.viewer, id_, changes)
    return UpdateRecipePayload(recipe=shown(recipe))


async def _delete(info: Info, input: DeleteRecipeInput) -> DeleteRecipePayload:
    id_ = decode(input.id, "Recipe", "id")
    return DeleteRecipePayload(recipe=shown(await info.context.use.datasets.recipes.delete(info.context.viewer, id_)))


@strawberry.type
class RecipeMutations:
    save_recipe: SaveRecipePayload = mutation(
        _save, policy=WRITER, description="Keep a recipe to use it again. Only you see it."
    )
    update_recipe: UpdateRecipePayload = mutation(
        _update, policy=WRITER, description="Change a recipe of your own. What was made with it stays as it is."
    )
    delete_recipe: DeleteRecipePayload = mutation(
        _delete, policy=WRITER, description="Delete a recipe of your own. What was made with it stays."
    )


__all__ = ["RecipeMutations"]
