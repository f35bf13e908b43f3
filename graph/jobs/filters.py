"""How lists of jobs are filtered and sorted."""

from enum import Enum
from typing import Annotated

import strawberry

from domain.jobs.model import JobFilter
from domain.pages import NEWEST, OLDEST
from graph.enums import described
from graph.fields import optional
from graph.ids import sought
from graph.jobs.enums import JobKind, JobStatus


class JobOrder(Enum):
    """Orders that an index supports, so that every page costs the same."""

    NEWEST = NEWEST
    OLDEST = OLDEST


described(
    JobOrder,
    "JobOrder",
    "How a list of jobs is sorted.",
    {JobOrder.NEWEST: "Youngest first.", JobOrder.OLDEST: "Oldest first."},
)


@strawberry.input(name="JobFilter", description="Which jobs to list. What is left out does not matter.")
class JobFilterInput:
    kind: JobKind | None = optional("Only those that do this.")
    statuses: list[JobStatus] | None = optional("Only those that stand so. Left out or empty: all.")
    dataset_id: strawberry.ID | None = optional("Only those about this dataset.")
    strategy_id: strawberry.ID | None = optional("Only those that train this strategy.")
    project_id: strawberry.ID | None = optional("Only those about a strategy or a dataset in this project.")
    engine: str | None = optional("Only those on this engine.")
    text: str | None = optional("A piece of the name; capital letters do not matter.")


JobFilterArgument = Annotated[JobFilterInput | None, strawberry.argument(description="Which ones.")]
JobOrderArgument = Annotated[JobOrder, strawberry.argument(description="In which order.")]


def _stored(word: str) -> str:
    """What cannot be stored stands for the empty one, which nothing has."""
    return "" if "\x00" in word else word


def jobs_wanted(given: JobFilterInput | None) -> JobFilter:
    if not given:
        return JobFilter()
    return JobFilter(
        kind=given.kind,
        statuses=tuple(dict.fromkeys(given.statuses or ())),
        dataset_id=sought(given.dataset_id, "Dataset"),
        strategy_id=sought(given.strategy_id, "Strategy"),
        project_id=sought(given.project_id, "Project"),
        engine=None if given.engine is None else _stored(given.engine),
        text=given.text,
    )
