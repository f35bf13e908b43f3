"""Saved recipes in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError

from domain.datasets.model import SavedRecipe
from domain.errors import Code, Refused
from domain.pages import Page, Window
from domain.viewer import Viewer
from persistence.access import VIEWER, access, seen
from persistence.database import Reader, in_order
from persistence.listing import EVERYTHING, Listing, Path
from persistence.reading import Mapped, compiled
from persistence.search import contains, pattern
from persistence.tables.datasets import recipes
from persistence.writing import WriteStore, violated

_mapped = Mapped(SavedRecipe, recipes)
_own = recipes.c.owner_id == VIEWER
_wanted = recipes.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))

_recipes = Listing(
    _mapped,
    recipes,
    sorts={"name": func.lower(recipes.c.name)},
    # A person has few recipes, so there is no index for this.
    filters={"text": contains(recipes.c.name, recipes.c.description)},
    paths={"admin": EVERYTHING, "member": (Path(_own),)},
)
_by_ids = {
    "admin": compiled(select(*_mapped.columns).where(_wanted)),
    "member": compiled(select(*_mapped.columns).where(_wanted, _own)),
}


class PostgresRecipeReads:
    """Implements domain.datasets.stores.RecipeReads."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_ids(self, viewer: Viewer, ids: Sequence[UUID]) -> Sequence[SavedRecipe | None]:
        records = await self._reader.rows(_by_ids[access(viewer)], ids=ids, viewer=viewer.id)
        return in_order(ids, _mapped.by("id", records))

    async def page(self, viewer: Viewer, window: Window, text: str | None) -> Page[SavedRecipe]:
        return await _recipes.page(self._reader, window, access(viewer), viewer=viewer.id, text=pattern(text))

    async def count(self, viewer: Viewer, text: str | None) -> int:
        return await _recipes.count(self._reader, access(viewer), viewer=viewer.id, text=pattern(text))


class PostgresRecipes(WriteStore):
    """Implements domain.datasets.stores.RecipeStore."""

    async def lock(self, viewer: Viewer, id: UUID) -> SavedRecipe:
        statement = select(*_mapped.columns).where(recipes.c.id == id, seen(viewer, _own)).with_for_update()
        row = await self._one(statement, {} if viewer.is_admin else {"viewer": viewer.id})
        if row is None:
            raise Refused.because(Code.NOT_FOUND, "There is no such recipe, or you may not see it.", "id")
        return _mapped.one(row)

    async def add(self, recipe: SavedRecipe) -> None:
        try:
            await self._insert(recipes, recipe)
        except IntegrityError as error:
            raise _taken(error) from error

    async def save(self, recipe: SavedRecipe) -> None:
        try:
            await self._update(recipes, recipe)
        except IntegrityError as error:
            raise _taken(error) from error

    async def delete(self, id: UUID) -> None:
        await self._connection.execute(delete(recipes).where(recipes.c.id == id))


def _taken(error: IntegrityError) -> Exception:
    if violated(error) != "uq_recipes_owner_id_lower_name":
        return error
    message = "You have a recipe of this name; small and capital letters count as the same. Choose another name."
    return Refused.because(Code.ALREADY_EXISTS, message, "name")
