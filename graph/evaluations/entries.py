"""What came out for one model, or for one of what needs no model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry
from strawberry import Parent

from domain.evaluations.model import Evaluation
from graph.evaluations.enums import EntryWarning
from graph.evaluations.figures import DrawdownPeriod, MonthlyReturn, Performance, Risk, YearlyReturn, drawdown
from graph.fields import edge, loaded, plain
from graph.loaders import Loaders

if TYPE_CHECKING:
    from graph.models.types import Model

ModelType = Annotated["Model", strawberry.lazy("graph.models.types")]


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry of a result, and where it stands."""

    evaluation: Evaluation
    key: str
    name: str
    is_baseline: bool
    model_id: UUID | None
    told: Mapping[str, Any]


def entries_of(evaluation: Evaluation) -> list[EntryView]:
    models = {each["key"]: UUID(each["id"]) for each in evaluation.parameters["models"]}
    return [
        EntryView(evaluation, each["key"], each["name"], each["key"] not in models, models.get(each["key"]), each)
        for each in (evaluation.result or {}).get("entries", ())
    ]


def _performance(parent: Parent[EntryView]) -> Performance | None:
    told = parent.told["performance"]
    return Performance(**told) if told else None


def _risk(parent: Parent[EntryView]) -> Risk | None:
    told = parent.told["risk"]
    return Risk(**told) if told else None


def _monthly(parent: Parent[EntryView]) -> list[MonthlyReturn]:
    return [MonthlyReturn(**each) for each in parent.told["monthly"]]


def _yearly(parent: Parent[EntryView]) -> list[YearlyReturn]:
    return [YearlyReturn(**each) for each in parent.told["yearly"]]


def _warnings(parent: Parent[EntryView]) -> list[EntryWarning]:
    return [EntryWarning(each) for each in parent.told.get("warnings", ())]


def _drawdowns(parent: Parent[EntryView]) -> list[DrawdownPeriod]:
    return [drawdown(each) for each in parent.told["drawdowns"]]


@strawberry.type(description="What came out for a model, or for a baseline, which needs no model.")
class EvaluationEntry:
    key: str = plain(
        "Its name in this evaluation: model-1, model-2 and so on; buy_and_hold, equal_weight, random, flat; beside "
        "models that work off orders twap, vwap, arrival."
    )
    name: str = plain("Its name for people, as it was then.")
    is_baseline: bool = plain("Whether it needs no model.")
    model: ModelType | None = loaded("model_id", Loaders.model, "The model; null: none, gone, or you do not see it.")
    performance: Performance | None = edge(_performance, "What was earned; null: it works off orders, see `execution`.")
    risk: Risk | None = edge(_risk, "What may be lost; null where `performance` is.")
    warnings: list[EntryWarning] = edge(_warnings, "Why not to trust these figures; mostly empty.")
    monthly_returns: list[MonthlyReturn] = edge(_monthly, "By month.")
    yearly_returns: list[YearlyReturn] = edge(_yearly, "By year.")
    drawdowns: list[DrawdownPeriod] = edge(_drawdowns, "The ten deepest falls, the deepest first.")
