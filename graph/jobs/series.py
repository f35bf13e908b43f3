"""Metrics of jobs as series for charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, Parent

from domain.errors import Code, Refused
from domain.jobs.model import Job as JobEntity
from domain.jobs.stores import SeriesWish
from domain.text import readable
from graph.context import Info
from graph.execution import columnwise
from graph.execution.limits import Cost
from graph.fields import plain
from graph.jobs.enums import Split

FEWEST_POINTS, USUAL_POINTS, MOST_POINTS = 4, 200, 2_000
MOST_NAMES = 50
LONGEST_NAME = 100

Splits = Annotated[
    list[Split] | None, strawberry.argument(description="Only on these parts of the data. Left out or empty: all.")
]
Points = Annotated[int, strawberry.argument(description="How many points of each series at most: 4 to 2,000.")]


@strawberry.type(description="One measurement.")
class MetricPoint:
    seq: int = plain("The event that it came with.")
    epoch: int = plain("In which epoch.")
    step: int = plain("After how many steps of training.")
    at: datetime = plain("When.")
    value: float = plain("The number.")


@strawberry.type(description="One metric over the steps of a training.")
class MetricSeries:
    name: str = plain("What was measured; that of a baseline is named like buy_and_hold.sharpe.")
    split: Split = plain("On which part of the data.")
    seed: int | None = plain("Of which of several runs; null: there is one, or it is of all.")
    count: int = plain("How many points there are; fewer may be shown.")
    points: list[MetricPoint] = plain("The points that are shown, by step.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What every list of metrics can be asked for."""

    names: Sequence[str] | None
    splits: Sequence[Split] | None
    points: int

    def wish(self, **bounds: Any) -> SeriesWish:
        if not FEWEST_POINTS <= self.points <= MOST_POINTS:
            message = f"`points` must be from {FEWEST_POINTS} to {MOST_POINTS:,}."
            raise Refused.because(Code.OUT_OF_RANGE, message, "points")
        names = tuple(dict.fromkeys(self.names or ()))
        if len(names) > MOST_NAMES:
            raise Refused.because(Code.TOO_LONG, f"Name at most {MOST_NAMES} metrics at once.", "names")
        for name in names:
            if len(name) > LONGEST_NAME or "\x00" in name:
                raise Refused.because(Code.UNKNOWN, f'There is no metric "{readable(name)}".', "names")
        return SeriesWish(
            names=names,
            splits=tuple(dict.fromkeys(self.splits or ())),
            points=self.points,
            **{name: None if value is UNSET else value for name, value in bounds.items()},
        )


@columnwise
def _metrics(
    parents: Parent[Sequence[JobEntity]],
    info: Info,
    names: Annotated[
        list[str] | None, strawberry.argument(description="Only these, up to 50. Left out or empty: all.")
    ] = UNSET,
    splits: Splits = UNSET,
    from_step: Annotated[int | None, strawberry.argument(description="The first step that is wanted.")] = UNSET,
    to_step: Annotated[int | None, strawberry.argument(description="The last step that is wanted.")] = UNSET,
    from_epoch: Annotated[int | None, strawberry.argument(description="The first epoch that is wanted.")] = UNSET,
    to_epoch: Annotated[int | None, strawberry.argument(description="The last epoch that is wanted.")] = UNSET,
    points: Points = USUAL_POINTS,
) -> list[Any]:
    bounds = {"from_step": from_step, "to_step": to_step, "from_epoch": from_epoch, "to_epoch": to_epoch}
    wish = Asked(names or None, splits or None, points).wish(**bounds)
    return [info.context.loaders.series_of_job(parent.id, wish) for parent in parents]


metrics: Any = strawberry.field(
    resolver=_metrics,
    description="What was measured, as series by name, split and seed; after a retry only those of the present run. "
    "Where more was measured than `points`, the steps are cut into stretches of equal length, and of each stretch the "
    "first, the last, the lowest and the highest point are shown. Refused above 100,000 points in one list of jobs.",
    metadata={"cost": Cost(multiplier_args=("points",))},
)
