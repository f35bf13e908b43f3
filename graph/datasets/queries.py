"""Reading datasets and saved recipes."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.datasets.filters import (
    DatasetFilterArgument,
    DatasetOrder,
    DatasetOrderArgument,
    RecipeOrder,
    datasets_wanted,
)
from graph.datasets.types import Dataset, Recipe
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN


async def _datasets(
    info: Info,
    filter: DatasetFilterArgument = UNSET,
    order_by: DatasetOrderArgument = DatasetOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.datasets, datasets_wanted(filter)
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


async def _recipes(
    info: Info,
    text: Annotated[str | None, strawberry.argument(description="A piece of the name or description.")] = UNSET,
    order_by: Annotated[RecipeOrder, strawberry.argument(description="In which order.")] = RecipeOrder.NAME,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.recipes, text or None
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


@strawberry.type
class DatasetQueries:
    datasets: Connection[Dataset] = query(
        _datasets,
        policy=SIGNED_IN,
        description="Your datasets and those in your projects; every dataset for an admin.",
    )
    recipes: Connection[Recipe] = query(
        _recipes, policy=SIGNED_IN, description="Recipes that you saved; everybody's for an admin."
    )
