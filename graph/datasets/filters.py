"""How lists of datasets and saved recipes are filtered and sorted."""

from enum import Enum
from typing import Annotated

import strawberry

from domain.datasets.model import DatasetFilter
from domain.pages import NEWEST, OLDEST, Sort
from graph.datasets.enums import DatasetStatus, DataType
from graph.enums import described
from graph.fields import optional
from graph.ids import sought


class DatasetOrder(Enum):
    """Orders that an index supports, so that every page costs the same."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    NAME = Sort("NAME", "name")
    NAME_DESC = Sort("NAME_DESC", "name", descending=True)


described(
    DatasetOrder,
    "DatasetOrder",
    "How a list of datasets is sorted.",
    {
        DatasetOrder.NEWEST: "Youngest first.",
        DatasetOrder.OLDEST: "Oldest first.",
        DatasetOrder.NAME: "By name, A to Z.",
        DatasetOrder.NAME_DESC: "By name, Z to A.",
    },
)


class RecipeOrder(Enum):
    """A person has few recipes."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    NAME = Sort("NAME", "name")


described(
    RecipeOrder,
    "RecipeOrder",
    "How a list of recipes is sorted.",
    {
        RecipeOrder.NEWEST: "Youngest first.",
        RecipeOrder.OLDEST: "Oldest first.",
        RecipeOrder.NAME: "By name, A to Z.",
    },
)


@strawberry.input(name="DatasetFilter", description="Which datasets to list. What is left out does not matter.")
class DatasetFilterInput:
    text: str | None = optional("A piece of the name or description; capital letters do not matter.")
    data_type: DataType | None = optional("Only those of this sort.")
    statuses: list[DatasetStatus] | None = optional("Only those that stand so. Left out or empty: all.")
    project_id: strawberry.ID | None = optional("Only those in this project.")
    tags: list[str] | None = optional("Only those that have all of these tags; capital letters do not matter.")


DatasetFilterArgument = Annotated[DatasetFilterInput | None, strawberry.argument(description="Which ones.")]
DatasetOrderArgument = Annotated[DatasetOrder, strawberry.argument(description="In which order.")]


def datasets_wanted(given: DatasetFilterInput | None) -> DatasetFilter:
    if not given:
        return DatasetFilter()
    return DatasetFilter(
        text=given.text,
        data_type=given.data_type,
        statuses=tuple(dict.fromkeys(given.statuses or ())),
        project_id=sought(given.project_id, "Project"),
        tags=tuple(_tag(tag) for tag in given.tags or ()),
    )


def _tag(tag: str) -> str:
    """As tags are kept. What cannot be stored stands for the empty one, which nothing has."""
    return "" if "\x00" in tag else tag.strip().lower()
