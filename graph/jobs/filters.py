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


JobFilterArgument = Annotated[JobFilterInput | None, strawberry.argument(description="Which ones.")]
JobOrderArgument = Annotated[JobOrder, strawberry.argument(description="In which order.")]


def jobs_wanted(given: JobFilterInput | None) -> JobFilter:
    if not given:
        return JobFilter()
    return JobFilter(
        kind=given.kind,
        statuses=tuple(dict.fromkeys(given.statuses or ())),
        dataset_id=sought(given.dataset_id, "Dataset"),
    )
