"""The type Evaluation."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Parent
from strawberry.scalars import JSON

from domain.evaluations.model import Evaluation as EvaluationEntity
from graph.analysis.fields import performance_of_evaluation, risk_of_evaluation
from graph.analysis.types import PerformanceAnalysis, RiskAnalysis
from graph.context import Info
from graph.evaluations import figures
from graph.evaluations.entries import EntryView, EvaluationEntry, entries_of
from graph.evaluations.enums import EvaluationKind
from graph.evaluations.figures import EntryComparison, RegimePeriod, RegimeResult, StressResult
from graph.evaluations.orders import ExecutionResult, execution_result
from graph.evaluations.pictures import EvaluationPictureLink, pictures
from graph.evaluations.walk import WalkFold, WalkSummary, walk_fold
from graph.fields import edge, loaded, plain
from graph.jobs.enums import JobStatus
from graph.loaders import Loaders
from graph.node import Node, id_of

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.datasets.types import Dataset
    from graph.jobs.types import Job
    from graph.models.types import Model

DatasetType = Annotated["Dataset", strawberry.lazy("graph.datasets.types")]
JobType = Annotated["Job", strawberry.lazy("graph.jobs.types")]
ModelType = Annotated["Model", strawberry.lazy("graph.models.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]


async def _status(parent: Parent[EvaluationEntity], info: Info) -> JobStatus | None:
    job = await info.context.loaders.job(parent.job_id)
    return job.status if job else None


def _entries(parent: Parent[EvaluationEntity]) -> list[EntryView]:
    return entries_of(parent)


async def _models(parent: Parent[EvaluationEntity], info: Info) -> list[Any]:
    loaders = info.context.loaders
    # All are asked for before one is waited for.
    wanted = [each.model_id and loaders.model(each.model_id) for each in await loaders.models_of_evaluation(parent.id)]
    return [await each if each else None for each in wanted]


def _comparison(parent: Parent[EvaluationEntity]) -> EntryComparison | None:
    told = (parent.result or {}).get("comparison")
    return figures.comparison(told) if told else None


def _regimes(parent: Parent[EvaluationEntity]) -> list[RegimePeriod]:
    return [figures.regime_period(each) for each in (parent.result or {}).get("regimes", ())]


def _by_regime(parent: Parent[EvaluationEntity]) -> list[RegimeResult]:
    return [figures.regime_result(each) for each in (parent.result or {}).get("by_regime", ())]


def _scenarios(parent: Parent[EvaluationEntity]) -> list[StressResult]:
    return [figures.stress_result(each) for each in (parent.result or {}).get("scenarios", ())]


def _execution(parent: Parent[EvaluationEntity]) -> ExecutionResult | None:
    told = (parent.result or {}).get("execution")
    return execution_result(told) if told else None


def _folds(parent: Parent[EvaluationEntity]) -> list[WalkFold]:
    return [walk_fold(each) for each in (parent.result or {}).get("folds", ())]


def _walk(parent: Parent[EvaluationEntity]) -> WalkSummary | None:
    told = (parent.result or {}).get("walk")
    return WalkSummary(**told) if told else None


def _bars(parent: Parent[EvaluationEntity]) -> int | None:
    return (parent.result or {}).get("bars")


def _trials(parent: Parent[EvaluationEntity]) -> int | None:
    return (parent.result or {}).get("trials")


def _time(name: str) -> Any:
    def resolve(parent: Parent[EvaluationEntity]) -> datetime | None:
        told = (parent.result or {}).get(name)
        return datetime.fromisoformat(told) if told else None

    return resolve


@strawberry.type(description="Models judged on data, beside what needs no model.")
class Evaluation(Node):
    __source__ = EvaluationEntity

    id: strawberry.ID = id_of("Evaluation")
    kind: EvaluationKind = plain("What was to be found out.")
    name: str = plain("What it is called; no two need differ.")
    status: JobStatus | None = edge(_status, "Where its job stands.")
    parameters: JSON = plain("What it was asked to do, complete.")
    bars: int | None = edge(_bars, "How many bars were judged; null before its end, and so all that follows is empty.")
    from_: datetime | None = strawberry.field(name="from", resolver=_time("first"), description="The first of them.")
    to: datetime | None = edge(_time("last"), "The last of them.")
    trials: int | None = edge(
        _trials,
        "How many models were tried before these were chosen, when it was asked for, as far as its owner saw them: "
        "those of the same strategy, or else the owner's on the same data, 1,000 at most. What `deflatedSharpe` is "
        "deflated by.",
    )
    entries: list[EvaluationEntry] = edge(_entries, "What came out: of the models in their order, then of baselines.")
    comparison: EntryComparison | None = edge(_comparison, "Entries against each other; of several models only.")
    regimes: list[RegimePeriod] = edge(_regimes, "Which kinds of market there were, as buying and holding had it.")
    by_regime: list[RegimeResult] = edge(_by_regime, "Results in each kind of market.")
    scenarios: list[StressResult] = edge(_scenarios, "Results of a stress test.")
    execution: ExecutionResult | None = edge(_execution, "What orders cost; of models that work off orders only.")
    folds: list[WalkFold] = edge(_folds, "What came of each window of a walk-forward.")
    walk: WalkSummary | None = edge(_walk, "What came of a walk-forward as a whole.")
    pictures: list[EvaluationPictureLink] = edge(
        pictures, "The pictures that make sense, with addresses for <img>; none before its end."
    )
    performance_analysis: PerformanceAnalysis | None = performance_of_evaluation
    risk_analysis: RiskAnalysis | None = risk_of_evaluation
    models: list[ModelType | None] = edge(_models, "The models in their order; null: gone, or you do not see it.")
    created_at: datetime = plain("When it was asked for.")
    updated_at: datetime = plain("When it last changed.")
    finished_at: datetime | None = plain("When its results were there.")
    owner: UserType | None = loaded("owner_id", Loaders.user, "Who asked for it; null when you share no project.")
    job: JobType | None = loaded("job_id", Loaders.job, "The job that does it; cancel, retry and delete it there.")
    dataset: DatasetType | None = loaded(
        "dataset_id", Loaders.dataset, "What it is judged on; null when it is gone, or you do not see it."
    )


__all__ = ["Evaluation"]
