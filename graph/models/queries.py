"""Reading models, and comparing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry import UNSET

from domain.jobs.comparing import Difference, differences
from domain.models.model import Model as ModelEntity
from graph.context import Info
from graph.fields import plain
from graph.jobs.comparing import LOOK, ParameterDifference, asked_for
from graph.jobs.enums import Split
from graph.models.filters import ModelFilterArgument, ModelOrder, ModelOrderArgument, models_wanted
from graph.models.types import Model, by_split
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN


@strawberry.type(description="One figure of several models.")
class MeasureComparison:
    split: Split = plain("On which part of the data.")
    name: str = plain("What was measured.")
    values: list[float | None] = plain("The numbers, in the order of the ids; null: it was not measured.")


@dataclass(frozen=True, slots=True)
class _Comparison:
    models: Sequence[ModelEntity | None]
    measures: Sequence[MeasureComparison]
    parameter_differences: Sequence[Difference]


@strawberry.type(description="Models side by side.")
class ModelComparison:
    models: list[Model | None] = plain("The models in the order of the ids; null: there is none that you may see.")
    measures: list[MeasureComparison] = plain("What was measured of them, by split and name.")
    parameter_differences: list[ParameterDifference] = plain("What they were trained with differently.")


def _measures(models: Sequence[ModelEntity | None]) -> list[MeasureComparison]:
    tables = [model.measures if model else {} for model in models]
    keys = by_split({(split, name) for table in tables for split, values in table.items() for name in values})
    return [
        MeasureComparison(split=split, name=name, values=[table.get(split, {}).get(name) for table in tables])
        for split, name in keys
    ]


async def _models(
    info: Info,
    filter: ModelFilterArgument = UNSET,
    order_by: ModelOrderArgument = ModelOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.models, models_wanted(filter)
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


async def _compare(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The models, 1 to 20.")]
) -> Any:
    models = await info.context.reads.models.by_ids(info.context.viewer, asked_for(ids, "Model"))
    parameters = [model.hyperparameters if model else None for model in models]
    return _Comparison(models, _measures(models), differences(parameters))


@strawberry.type
class ModelQueries:
    models: Connection[Model] = query(
        _models,
        policy=SIGNED_IN,
        description="Your models and those of strategies in your projects; every model for an admin. Archived ones are "
        "listed only when the filter names that stage.",
    )
    compare_models: ModelComparison = query(
        _compare,
        policy=SIGNED_IN,
        cost=LOOK,
        description="What was measured of several models, and what they were trained with differently.",
    )
