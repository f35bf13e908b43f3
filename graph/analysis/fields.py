"""The fields performanceAnalysis and riskAnalysis of what has an account: evaluations, models, and their jobs."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, Parent

from domain.analysis.looks import AnalysisWanted
from domain.analysis.names import BUY_AND_HOLD
from domain.analysis.service import Source, source_of_evaluation, source_of_model
from domain.clock import in_utc
from domain.evaluations.model import Evaluation
from domain.jobs.model import Job
from domain.jobs.status import JobKind
from domain.models.model import Model
from graph.context import Info
from graph.execution import Cost
from graph.jobs.enums import Split

LOOK = 50
"""What it costs: another process reads a file, once for both fields where their arguments are the same."""

From = Annotated[
    datetime | None, strawberry.argument(name="from", description="The first time that is wanted; left out: all.")
]
To = Annotated[datetime | None, strawberry.argument(description="The first time that is not wanted; left out: all.")]
Benchmark = Annotated[
    str,
    strawberry.argument(
        description="What it stands beside: buy_and_hold, or another baseline or entry that is kept there."
    ),
]
Points = Annotated[int, strawberry.argument(description="Points of each series at most: 3 to 5,000.")]
Key = Annotated[
    str | None,
    strawberry.argument(description="Of an evaluation: which of its entries. May be left out of a single model."),
]
Part = Annotated[Split, strawberry.argument(description="Of a training: VALID or TEST, the parts that are kept.")]
_POINTS = 300


def _wanted(since: datetime | None, until: datetime | None, benchmark: str, points: int, **more: Any) -> AnalysisWanted:
    return AnalysisWanted(
        since=in_utc(since, "from") if since else None,
        until=in_utc(until, "to") if until else None,
        benchmark=benchmark,
        points=points,
        **more,
    ).checked()


def _of_evaluation(evaluation: Evaluation | None, wanted: AnalysisWanted) -> Source | None:
    return None if evaluation is None else source_of_evaluation(evaluation, wanted)


async def _look(info: Info, source: Source | None, wanted: AnalysisWanted) -> Any:
    if source is None:
        return None
    # Key and part are in the source already: so what is asked in two ways is read once.
    period = AnalysisWanted(since=wanted.since, until=wanted.until, benchmark=wanted.benchmark, points=wanted.points)
    return await info.context.loaders.analysis(info.context.use.analyses.of, source, period)


async def _evaluation(
    parent: Parent[Evaluation],
    info: Info,
    from_: From = UNSET,
    to: To = UNSET,
    benchmark: Benchmark = BUY_AND_HOLD,
    key: Key = UNSET,
    points: Points = _POINTS,
) -> Any:
    wanted = _wanted(from_, to, benchmark, points, key=key or None)
    return await _look(info, _of_evaluation(parent, wanted), wanted)


async def _model(
    parent: Parent[Model],
    info: Info,
    from_: From = UNSET,
    to: To = UNSET,
    benchmark: Benchmark = BUY_AND_HOLD,
    split: Part = Split.TEST,
    points: Points = _POINTS,
) -> Any:
    wanted = _wanted(from_, to, benchmark, points, split=split.value)
    return await _look(info, source_of_model(parent, wanted), wanted)


async def _job(
    parent: Parent[Job],
    info: Info,
    from_: From = UNSET,
    to: To = UNSET,
    benchmark: Benchmark = BUY_AND_HOLD,
    key: Key = UNSET,
    split: Part = Split.TEST,
    points: Points = _POINTS,
) -> Any:
    wanted = _wanted(from_, to, benchmark, points, key=key or None, split=split.value)
    if parent.kind is JobKind.EVALUATION:
        return await _look(
            info, _of_evaluation(await info.context.loaders.evaluation_of_job(parent.id), wanted), wanted
        )
    if parent.kind is not JobKind.TRAINING:
        return None
    model = await info.context.loaders.model_of_job(parent.id)
    return await _look(info, source_of_model(model, wanted) if model else None, wanted)


def _field(resolver: Callable[..., Awaitable[Any]], description: str) -> Any:
    return strawberry.field(resolver=resolver, description=description, metadata={"cost": Cost(weight=LOOK)})


_ENDED = "Null before its end."
_KEPT = (
    "The account of the agent that its training kept. An older model, one for order execution and one of another "
    "engine has none; then it is refused, and an evaluation helps."
)
_EITHER = "Of an evaluation, or of the model that a training made. Null before its end, and for other kinds of jobs."
_EARNED, _RISKED = "What was earned in any period, bar by bar.", "What was risked in any period, bar by bar."

performance_of_evaluation = _field(_evaluation, f"{_EARNED} {_ENDED}")
performance_of_model = _field(_model, f"{_EARNED} {_KEPT}")
performance_of_job = _field(_job, f"{_EARNED} {_EITHER}")
risk_of_evaluation = _field(_evaluation, f"{_RISKED} {_ENDED}")
risk_of_model = _field(_model, f"{_RISKED} {_KEPT}")
risk_of_job = _field(_job, f"{_RISKED} {_EITHER}")
