"""Reading evaluations."""

from enum import Enum
from typing import Annotated

import strawberry
from strawberry import UNSET

from domain.evaluations.stores import EvaluationFilter
from domain.pages import NEWEST, OLDEST
from graph.context import Info
from graph.enums import described
from graph.evaluations.enums import EvaluationKind
from graph.evaluations.types import Evaluation
from graph.fields import optional
from graph.ids import sought
from graph.pages import After, Before, Connection, First, Last, PageView, window
from graph.payloads import query
from graph.policy import SIGNED_IN


class EvaluationOrder(Enum):
    """Orders that an index supports, so that every page costs the same."""

    NEWEST = NEWEST
    OLDEST = OLDEST


described(
    EvaluationOrder,
    "EvaluationOrder",
    "How a list of evaluations is sorted.",
    {EvaluationOrder.NEWEST: "Youngest first.", EvaluationOrder.OLDEST: "Oldest first."},
)


@strawberry.input(name="EvaluationFilter", description="Which evaluations to list. What is left out does not matter.")
class EvaluationFilterInput:
    kind: EvaluationKind | None = optional("Only those that find this out.")
    model_id: strawberry.ID | None = optional("Only those of this model.")
    dataset_id: strawberry.ID | None = optional("Only those on this dataset.")
    text: str | None = optional("A piece of the name; capital letters do not matter.")


FilterArgument = Annotated[EvaluationFilterInput | None, strawberry.argument(description="Which ones.")]
OrderArgument = Annotated[EvaluationOrder, strawberry.argument(description="In which order.")]


def _wanted(given: EvaluationFilterInput | None) -> EvaluationFilter:
    if not given:
        return EvaluationFilter()
    return EvaluationFilter(
        kind=given.kind,
        model_id=sought(given.model_id, "Model"),
        dataset_id=sought(given.dataset_id, "Dataset"),
        text=given.text,
    )


async def _evaluations(
    info: Info,
    filter: FilterArgument = UNSET,
    order_by: OrderArgument = EvaluationOrder.NEWEST,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> PageView:
    viewer, reads, wanted = info.context.viewer, info.context.reads.evaluations, _wanted(filter)
    page = await reads.page(viewer, window(order_by.value, first, after, last, before), wanted)
    return PageView(page, lambda: reads.count(viewer, wanted))


@strawberry.type
class EvaluationQueries:
    evaluations: Connection[Evaluation] = query(
        _evaluations,
        policy=SIGNED_IN,
        description="Your evaluations, and those of models of one strategy in your projects; all for an admin.",
    )
