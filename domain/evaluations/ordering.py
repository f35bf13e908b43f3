"""How a wish becomes an order: everything that was left out is settled, so that nothing that changes later matters."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.analysis.setup import Drift, Setup
from domain.analysis.tries import Tried
from domain.catalogue import TaskType
from domain.datasets.model import Dataset
from domain.evaluations.model import EvaluationKind, Order, key_of, setup_to_json
from domain.evaluations.walk import walk_to_json
from domain.evaluations.wish import EvaluationWish
from domain.jobs.model import Job
from domain.models.model import Model
from domain.trainings.wish import MAX_NAME

TEST = "test"
USUAL_CAPITAL = 100_000.0
_TITLES = {
    EvaluationKind.BACKTEST: "Backtest of {}",
    EvaluationKind.STRESS_TEST: "Stress test of {}",
    EvaluationKind.COMPARISON: "Comparison of {}",
    EvaluationKind.WALK_FORWARD: "Walk-forward of {}",
}


def order_of(id: UUID, wish: EvaluationWish, models: list[Model], dataset: Dataset, tried: Tried) -> Order:
    is_own = all(model.dataset_id == dataset.id for model in models)
    anywhere = wish.split is None and wish.since is None and wish.until is None
    return Order(
        evaluation=str(id),
        kind=wish.kind.value,
        models=tuple(_about(place, model, dataset) for place, model in enumerate(models)),
        dataset={
            "id": str(dataset.id),
            "name": dataset.name,
            "sha256": dataset.sha256,
            "data_type": dataset.data_type.value,
        },
        symbol=wish.symbol,
        # On its own data a model is judged on what it has not seen, unless somebody wants otherwise.
        split=TEST if anywhere and is_own and wish.walk is None else wish.split,
        since=_iso(wish.since),
        until=_iso(wish.until),
        setup=setup_to_json(_setup(wish, models)),
        benchmark=wish.benchmark,
        stress=_stress(wish),
        # A walk-forward judges none of those that were chosen among.
        tried=asdict(tried) if tried.count and wish.walk is None else None,
        walk=walk_to_json(wish.walk),
        seed=wish.seed,
    )


def _setup(wish: EvaluationWish, models: list[Model]) -> Setup:
    trained = models[0].hyperparameters
    several = any(model.task_type is TaskType.PORTFOLIO_MANAGEMENT for model in models)
    return Setup(
        transaction_cost=_given(wish.transaction_cost, trained.get("transaction_cost")),
        slippage=_given(wish.slippage, trained.get("slippage")),
        start_capital=_given(wish.start_capital, trained.get("initial_capital", USUAL_CAPITAL)),
        latency_bars=wish.latency_bars,
        max_position=wish.max_position,
        drift=Drift.NET if several else Drift.GROSS,
    )


def _given(wanted: float | None, trained: Any) -> float:
    return float(trained or 0.0) if wanted is None else wanted


def _about(place: int, model: Model, dataset: Dataset) -> dict[str, Any]:
    return {
        "id": str(model.id),
        "key": key_of(place),
        "name": model.name,
        "task": model.task_type.value,
        "algorithm": model.algorithm.value,
        "sha256": model.sha256,
        "trained_on_it": model.dataset_id == dataset.id,
    }


def title_of(kind: EvaluationKind, models: list[Model], dataset: Dataset) -> str:
    # As models are usually called, their names end with the data.
    whom = models[0].name.removesuffix(f" on {dataset.name}") if len(models) == 1 else f"{len(models)} models"
    return f"{_TITLES[kind].format(whom)} on {dataset.name}"[:MAX_NAME]


def is_for(made: Job, order: Order, wish: EvaluationWish) -> bool:
    """Whether the job was made for this wish. What was left out of the wish may have become anything."""
    asked = (
        (wish.kind.value, order.kind),
        ([str(id_) for id_ in wish.model_ids], [model["id"] for model in order.models]),
        (wish.symbol, order.symbol),
        (wish.seed, order.seed),
        (wish.benchmark, order.benchmark),
        (_stress(wish), order.stress),
        (walk_to_json(wish.walk), order.walk),
        ((_iso(wish.since), _iso(wish.until)), (order.since, order.until)),
        *((getattr(wish, name), order.setup[name]) for name in ("latency_bars", "max_position")),
    )
    given = (
        (wish.dataset_id and str(wish.dataset_id), order.dataset["id"]),
        (wish.split, order.split),
        (wish.name, made.name),
        *((getattr(wish, name), order.setup[name]) for name in ("transaction_cost", "slippage", "start_capital")),
    )
    return all(one == other for one, other in asked) and all(one in {None, other} for one, other in given)


def _stress(wish: EvaluationWish) -> tuple[dict[str, Any], ...]:
    return tuple({"scenario": one.scenario.value, "strength": one.strength, "runs": one.runs} for one in wish.stress)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
