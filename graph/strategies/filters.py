"""How lists of strategies are filtered and sorted."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from domain.pages import NEWEST, OLDEST, Sort
from domain.strategies.model import StrategyFilter, TemplateFilter
from domain.strategies.status import StrategyStatus
from graph.catalogue.enums import AlgorithmName, TaskType
from graph.enums import described
from graph.fields import optional
from graph.ids import sought

described(
    StrategyStatus,
    "StrategyStatus",
    "Where a strategy stands.",
    {
        StrategyStatus.DRAFT: "Not yet run, or brought back from the archive.",
        StrategyStatus.ACTIVE: "Running.",
        StrategyStatus.PAUSED: "Held for a while; it may hold a position.",
        StrategyStatus.STOPPED: "No longer running.",
        StrategyStatus.ERROR: "Stopped by the platform, because something went wrong.",
        StrategyStatus.ARCHIVED: "Put away. It cannot be changed until it is restored.",
    },
)


class StrategyOrder(Enum):
    """Orders that an index supports, so that every page costs the same."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    NAME = Sort("NAME", "name")
    NAME_DESC = Sort("NAME_DESC", "name", descending=True)
    UPDATED = Sort("UPDATED", "updated_at", descending=True, kind=datetime)
    UPDATED_ASC = Sort("UPDATED_ASC", "updated_at", kind=datetime)


described(
    StrategyOrder,
    "StrategyOrder",
    "How a list of strategies is sorted.",
    {
        StrategyOrder.NEWEST: "Youngest first.",
        StrategyOrder.OLDEST: "Oldest first.",
        StrategyOrder.NAME: "By name, A to Z.",
        StrategyOrder.NAME_DESC: "By name, Z to A.",
        StrategyOrder.UPDATED: "What changed last comes first.",
        StrategyOrder.UPDATED_ASC: "What changed last comes last.",
    },
)


class StrategyTemplateOrder(Enum):
    """Orders that an index supports."""

    NEWEST = NEWEST
    OLDEST = OLDEST
    NAME = Sort("NAME", "name")
    NAME_DESC = Sort("NAME_DESC", "name", descending=True)


described(
    StrategyTemplateOrder,
    "StrategyTemplateOrder",
    "How a list of templates is sorted.",
    {
        StrategyTemplateOrder.NEWEST: "Youngest first.",
        StrategyTemplateOrder.OLDEST: "Oldest first.",
        StrategyTemplateOrder.NAME: "By name, A to Z.",
        StrategyTemplateOrder.NAME_DESC: "By name, Z to A.",
    },
)


@strawberry.input(name="StrategyFilter", description="Which strategies to list. What is left out does not matter.")
class StrategyFilterInput:
    text: str | None = optional("A piece of the name or description; capital letters do not matter.")
    task_type: TaskType | None = optional("Only those for this task.")
    algorithm: AlgorithmName | None = optional("Only those with this algorithm.")
    statuses: list[StrategyStatus] | None = optional(
        "Only those that stand so. Left out or empty: all but the archived ones; name ARCHIVED to see those."
    )
    project_id: strawberry.ID | None = optional("Only those in this project.")
    owner_id: strawberry.ID | None = optional("Only those of this person.")
    tags: list[str] | None = optional("Only those that have all of these tags; capital letters do not matter.")


@strawberry.input(name="StrategyTemplateFilter", description="Which templates to list.")
class StrategyTemplateFilterInput:
    text: str | None = optional("A piece of the name or description; capital letters do not matter.")
    task_type: TaskType | None = optional("Only those for this task.")
    algorithm: AlgorithmName | None = optional("Only those with this algorithm.")
    is_system: bool | None = optional("True: only the platform's own. False: only those that people made.")


StrategyFilterArgument = Annotated[StrategyFilterInput | None, strawberry.argument(description="Which ones.")]
StrategyOrderArgument = Annotated[StrategyOrder, strawberry.argument(description="In which order.")]


def strategies_wanted(given: StrategyFilterInput | None) -> StrategyFilter:
    if not given:
        return StrategyFilter()
    return StrategyFilter(
        text=given.text,
        task_type=given.task_type,
        algorithm=given.algorithm,
        statuses=tuple(dict.fromkeys(given.statuses or ())),
        project_id=sought(given.project_id, "Project"),
        owner_id=sought(given.owner_id, "User"),
        tags=tuple(_tag(tag) for tag in given.tags or ()),
    )


def templates_wanted(given: StrategyTemplateFilterInput | None) -> TemplateFilter:
    if not given:
        return TemplateFilter()
    return TemplateFilter(given.text, given.task_type, given.algorithm, given.is_system)


def _tag(tag: str) -> str:
    """As tags are kept. What cannot be stored stands for the empty one, which nothing has."""
    return "" if "\x00" in tag else tag.strip().lower()
