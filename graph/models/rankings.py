"""Models in order of what was measured of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry import Parent

from domain.models.rankings import MOST_EVALUATIONS, Board, Ranked, RankedBy, RankingWish
from graph.context import Info
from graph.enums import described
from graph.execution import columnwise
from graph.fields import edge, loaded, plain
from graph.jobs.enums import Split
from graph.loaders import Loaders

if TYPE_CHECKING:
    from graph.evaluations.types import Evaluation
    from graph.models.types import Model

EvaluationType = Annotated["Evaluation", strawberry.lazy("graph.evaluations.types")]
ModelType = Annotated["Model", strawberry.lazy("graph.models.types")]

described(
    RankedBy,
    "RankedBy",
    "By what models are ranked. The best comes first: with what is a risk or a cost, the one that has least of it.",
    {
        RankedBy.SHARPE: "Mean return by volatility.",
        RankedBy.SORTINO: "Mean return by what fell.",
        RankedBy.TOTAL_RETURN: "What was earned.",
        RankedBy.ANNUAL_RETURN: "What was earned a year.",
        RankedBy.MAX_DRAWDOWN: "The deepest fall, which is 0 or less: the shallowest first.",
        RankedBy.VOLATILITY: "Deviation of returns: the least first.",
        RankedBy.WIN_RATE: "How often it gained; of a training by bars, of an evaluation by closed positions.",
        RankedBy.TURNOVER: "What was traded: the least first.",
        RankedBy.TRADES: "How many trades: the fewest first.",
        RankedBy.EXPOSURE: "What was held: the least first.",
        RankedBy.SAVING_BPS: "Of order execution: what it saved against trading evenly.",
        RankedBy.COST_BPS: "Of order execution: what it cost, the least first.",
        RankedBy.FILLED: "Of order execution: the share of orders that was filled.",
        RankedBy.SHORTFALL: "Of order execution, in evaluations only: what orders cost, the least first.",
    },
)

By = Annotated[RankedBy, strawberry.argument(description="By what.")]
On = Annotated[Split, strawberry.argument(description="On which part of the data.")]
First = Annotated[int, strawberry.argument(description="How many, the best ones: 1 to 100.")]
Archived = Annotated[bool, strawberry.argument(description="Whether archived models are among them.")]


_PLACE = plain("Counts from 1 among the models that you see; of equal values the older model has the better place.")


@strawberry.type(description="A model and its place.")
class RankedModel:
    __source__ = Ranked

    place: int = _PLACE
    value: float | None = plain("What was measured; null: nothing, and such models come last.")
    model: ModelType = plain("The model.")


@strawberry.type(description="A model and its place in a leaderboard.")
class LeaderboardEntry:
    __source__ = Ranked

    place: int = _PLACE
    value: float = plain("What was measured.")
    model: ModelType = plain("The model.")
    evaluation: EvaluationType | None = loaded(
        "evaluation_id", Loaders.evaluation, "Where it was measured; null: in its training."
    )


def _condition(name: str) -> Any:
    def resolve(parent: Parent[Board]) -> Any:
        return parent.conditions.get(name)

    return resolve


def _is_of_evaluations(parent: Parent[Board]) -> bool:
    return parent.since is not None


@strawberry.type(description="Figures that compare: measured on the same bars under the same conditions.")
class Leaderboard:
    is_of_evaluations: bool = edge(_is_of_evaluations, "Whether evaluations found them, rather than trainings.")
    since: datetime | None = strawberry.field(
        name="from", description="The first bar of these evaluations; null: a part of the data, of trainings."
    )
    until: datetime | None = strawberry.field(name="to", description="The last of them.")
    symbol: str | None = edge(_condition("symbol"), "Which symbol was traded, where one was named.")
    transaction_cost: float | None = edge(_condition("transaction_cost"), "As a share of what is traded.")
    slippage: float | None = edge(_condition("slippage"), "How much worse than the price was traded.")
    latency_bars: int | None = edge(_condition("latency_bars"), "How late trades were; of evaluations only.")
    max_position: float | None = edge(_condition("max_position"), "The limit of evaluations; null: none.")
    count: int = plain("How many models stand in it, of those that you see.")
    entries: list[LeaderboardEntry] = plain("The best of them.")


def _of_each(asked: Callable[[Loaders, UUID, RankingWish], Any]) -> Any:
    @columnwise
    def resolve(
        parents: Parent[Sequence[Any]],
        info: Info,
        measure: By = RankedBy.SHARPE,
        split: On = Split.TEST,
        first: First = 10,
        archived: Archived = False,
    ) -> list[Any]:
        wish = RankingWish(measure, split, first, archived).checked()
        return [asked(info.context.loaders, parent.id, wish) for parent in parents]

    return resolve


_TOLD = "by what their trainings measured. Compare only what was trained on the same data at the same costs"
ranking_of_strategy: Any = edge(_of_each(Loaders.ranking_of_strategy), f"Its models, the best first, {_TOLD}.")
ranking_of_project: Any = edge(
    _of_each(Loaders.ranking_of_project),
    f"The models of all strategies that lie in it, the best first, {_TOLD}: see `leaderboard` of datasets.",
)
leaderboard_of_dataset: Any = edge(
    _of_each(Loaders.leaderboards_of_dataset),
    "Models by what was measured on this very content, as far as you see them, in boards whose figures compare; the "
    "largest 20 boards. Trainings stand beside trainings for the same task, with the same symbol and costs, by their "
    "own figures on `split`. Backtests and comparisons that are at their end stand beside those of the same bars, "
    "symbol, costs, latency and limits: those on `split`; and of models that learnt from other content, those on any "
    f"period. Of a model that was judged again the latest counts, of the latest {MOST_EVALUATIONS:,} evaluations.",
)

__all__ = ["Leaderboard", "RankedModel", "leaderboard_of_dataset", "ranking_of_project", "ranking_of_strategy"]
