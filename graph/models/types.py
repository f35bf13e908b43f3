"""The type Model."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET, Parent
from strawberry.scalars import JSON

from domain.models.model import Model as ModelEntity
from domain.pages import NEWEST
from graph.analysis.fields import performance_of_model, risk_of_model
from graph.analysis.types import PerformanceAnalysis, RiskAnalysis
from graph.catalogue.enums import AlgorithmName, TaskType
from graph.context import Info
from graph.execution import columnwise
from graph.fields import edge, loaded, plain
from graph.jobs.enums import Split
from graph.loaders import Loaders
from graph.models.filters import Stage
from graph.node import Node, id_of
from graph.pages import After, Before, Connection, First, Last, PageView, below, window

if TYPE_CHECKING:
    from graph.accounts.types import User
    from graph.datasets.types import Dataset
    from graph.evaluations.types import Evaluation
    from graph.jobs.types import Job
    from graph.strategies.types import Strategy

DatasetType = Annotated["Dataset", strawberry.lazy("graph.datasets.types")]
EvaluationType = Annotated["Evaluation", strawberry.lazy("graph.evaluations.types")]
JobType = Annotated["Job", strawberry.lazy("graph.jobs.types")]
StrategyType = Annotated["Strategy", strawberry.lazy("graph.strategies.types")]
UserType = Annotated["User", strawberry.lazy("graph.accounts.types")]


_PLACE = {split: place for place, split in enumerate(Split)}


@strawberry.type(description="One figure of a model.")
class Measure:
    split: Split = plain("On which part of the data.")
    name: str = plain("What was measured; that of a baseline is named like buy_and_hold.sharpe.")
    value: float = plain("The number.")


def by_split(measures: Iterable[tuple[str, str]]) -> list[tuple[Split, str]]:
    """Splits and names in the order in which tables show them."""
    return sorted(((Split(split), name) for split, name in measures), key=lambda each: (_PLACE[each[0]], each[1]))


def _measures(parent: Parent[ModelEntity]) -> list[Measure]:
    table = parent.measures
    keys = by_split((split, name) for split, values in table.items() for name in values)
    return [Measure(split=split, name=name, value=table[split][name]) for split, name in keys]


@columnwise
async def _evaluations(
    parents: Parent[Sequence[ModelEntity]],
    info: Info,
    first: First = UNSET,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> list[PageView]:
    loaders, part = info.context.loaders, window(NEWEST, first, after, last, before)
    return await below(parents, lambda id_: loaders.evaluations_of_model(id_, part), loaders.evaluation_count_of_model)


@strawberry.type(description="The best agent of a training, with its papers.")
class Model(Node):
    __source__ = ModelEntity

    id: strawberry.ID = id_of("Model")
    name: str = plain("Name, up to 200 characters; several models may have the same.")
    task_type: TaskType = plain("What it was trained to do.")
    algorithm: AlgorithmName = plain("How it learnt.")
    size: int = plain("How many bytes its weights have.")
    sha256: str = plain("Hash of its weights.")
    score: str = plain("The measure by which the best agent was chosen, on the part VALID.")
    best_score: float = plain("What it reached there.")
    measures: list[Measure] = edge(_measures, "What was measured, baselines beside it.")
    hyperparameters: JSON = plain("What it was trained with, defaults included.")
    card: JSON | None = loaded(
        "id", Loaders.model_card, "Its papers: what it is, what made it, what it takes and gives."
    )
    stage: Stage = plain("How far it has come.")
    performance_analysis: PerformanceAnalysis | None = performance_of_model
    risk_analysis: RiskAnalysis | None = risk_of_model
    evaluations: Connection[EvaluationType] = edge(_evaluations, "Those that it is part of, the youngest first.")
    created_at: datetime = plain("When it was made.")
    updated_at: datetime = plain("When it last changed.")
    owner: UserType | None = loaded("owner_id", Loaders.user, "Whose it is; null when you share no project.")
    job: JobType | None = loaded("job_id", Loaders.job, "The training that made it; null when you do not see it.")
    strategy: StrategyType | None = loaded(
        "strategy_id", Loaders.strategy, "What was trained; null when you do not see it."
    )
    dataset: DatasetType | None = loaded(
        "dataset_id", Loaders.dataset, "What it was trained on; null when it is gone, or you do not see it."
    )


__all__ = ["Measure", "Model", "by_split"]
