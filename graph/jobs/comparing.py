"""Jobs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.errors import Code, Refused
from domain.jobs.comparing import Difference, differences
from domain.jobs.model import Job as JobEntity
from domain.jobs.stores import Aligned
from graph.context import Info
from graph.fields import edge, plain
from graph.ids import sought
from graph.jobs.enums import Split
from graph.jobs.series import USUAL_POINTS, Asked, Points, Splits
from graph.jobs.types import Job
from graph.payloads import query
from graph.policy import SIGNED_IN

MOST = 20
MOST_ROWS = 10_000
LOOK = 200
"""What a comparison costs: many rows are read for few that are shown."""


def _values(parent: Parent[Difference]) -> list[JSON | None]:
    return [None if value is None else JSON(value) for value in parent.values]


@strawberry.type(description="A parameter that is not the same everywhere. A list counts as one value.")
class ParameterDifference:
    path: list[str] = plain("Where it is.")
    values: list[JSON | None] = edge(_values, "Its values, in the order of the ids; null: it is not there.")


@strawberry.type(description="What several jobs had measured at one step.")
class ComparedRow:
    step: int = plain("After how many steps of training.")
    values: list[float | None] = plain("The numbers, in the order of the ids; null: nothing was measured then.")


@strawberry.type(description="One metric of several jobs.")
class MetricComparison:
    name: str = plain("What was measured.")
    split: Split = plain("On which part of the data.")
    count: int = plain("How many different steps there are; fewer rows may be shown.")
    rows: list[ComparedRow] = plain("By step.")


@dataclass(frozen=True, slots=True)
class _Comparison:
    jobs: Sequence[JobEntity | None]
    metrics: Sequence[Aligned]
    parameter_differences: Sequence[Difference]


@strawberry.type(description="Jobs side by side.")
class JobComparison:
    jobs: list[Job | None] = plain("The jobs in the order of the ids; null: there is none that you may see.")
    parameter_differences: list[ParameterDifference] = plain("What they were asked to do differently.")
    metrics: list[MetricComparison] = plain("What was measured, by name and split.")


def asked_for(ids: Sequence[strawberry.ID], type_name: str) -> list[UUID]:
    """What the ids name, each once; the id of something else is the id of nothing."""
    if not 1 <= len(ids) <= MOST:
        raise Refused.because(Code.OUT_OF_RANGE, f"Compare 1 to {MOST} at once.", "ids")
    if len(set(ids)) < len(ids):
        raise Refused.because(Code.INVALID, "The same id is there twice.", "ids")
    return [id_ for given in ids if (id_ := sought(given, type_name))]


async def _compare(
    info: Info,
    ids: Annotated[list[strawberry.ID], strawberry.argument(description="The jobs, 1 to 20.")],
    names: Annotated[list[str], strawberry.argument(description="The metrics to compare by, 1 to 50.")],
    splits: Splits = UNSET,
    points: Points = USUAL_POINTS,
) -> Any:
    wanted, wish = asked_for(ids, "Job"), Asked(names, splits or None, points).wish()
    if not wish.names:
        raise Refused.because(Code.REQUIRED, "Name the metrics to compare by.", "names")
    if len(wish.names) * (len(wish.splits) or len(Split)) * points > MOST_ROWS:
        message = f"These are more than {MOST_ROWS:,} rows. Ask for fewer points, metrics or parts of the data."
        raise Refused.because(Code.OUT_OF_RANGE, message, "points")
    viewer, reads = info.context.viewer, info.context.reads.jobs
    jobs = await reads.by_ids(viewer, wanted)
    aligned = await reads.aligned(viewer, wanted, wish)
    return _Comparison(jobs, aligned, differences([job.parameters if job else None for job in jobs]))


@strawberry.type
class ComparisonQueries:
    compare_jobs: JobComparison = query(
        _compare,
        policy=SIGNED_IN,
        cost=LOOK,
        description="Metrics of several jobs by step, and what they were asked to do differently. Of several seeds the "
        "mean is shown. Where there are more steps than `points`, they are cut, in order, into as many stretches; a "
        "row stands for one, at its last step, with the last value of each job in it.",
    )
