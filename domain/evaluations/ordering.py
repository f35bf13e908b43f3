"""How a wish becomes an order: everything that was left out is settled, so that nothing that changes later matters."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.analysis.setup import Drift, Setup
from domain.catalogue import TaskType
from domain.datasets.model import Dataset
from domain.evaluations.model import EvaluationKind, Order, key_of, setup_to_json
from domain.evaluations.wish import EvaluationWish
from domain.jobs.model import Job
from domain.models.model import Model
from domain.trainings.wish import MAX_NAME

TEST = "test"
_TITLES = {
    EvaluationKind.BACKTEST: "Backtest of {}",
    EvaluationKind.STRESS_TEST: "Stress test of {}",
    EvaluationKind.COMPARISON: "Comparison of {}",
}


def order_of(id: UUID, wish: EvaluationWish, models: list[Model], dataset: Dataset) -> Order:
    is_own = all(model.dataset_id == dataset.id for model in models)
    anywhere = wish.split is None and wish.since is None and wish.until is None
    return Order(
        evaluation=str(id),
        kind=wish.kind.value,
        models=tuple(_about(place, model) for place, model in enumerate(models)),
        dataset={
            "id": str(dataset.id),
            "name": dataset.name,
            "sha256": dataset.sha256,
            "data_type": dataset.data_type.value,
        },
        symbol=wish.symbol,
        # On its own data a model is judged on what it has not seen, unless somebody wants otherwise.
        split=TEST if anywhere and is_own else wish.split,
        since=_iso(wish.since),
        until=_iso(wish.until),
        setup=setup_to_json(_setup(wish, models)),
        benchmark=wish.benchmark,
        stress=_stress(wish),
        seed=wish.seed,
    )


def _setup(wish: EvaluationWish, models: list[Model]) -> Setup:
    trained = models[0].hyperparameters
    alone = all(model.task_type is TaskType.ALGORITHMIC_TRADING for model in models)
    return Setup(
        transaction_cost=_given(wish.transaction_cost, trained.get("transaction_cost")),
        slippage=_given(wish.slippage, trained.get("slippage")),
        start_capital=wish.start_capital,
        latency_bars=wish.latency_bars,
        max_position=wish.max_position,
        drift=Drift.GROSS if alone else Drift.NET,
    )


def _given(wanted: float | None, trained: Any) -> float:
    return float(trained or 0.0) if wanted is None else wanted


def _about(place: int, model: Model) -> dict[str, Any]:
    return {
        "id": str(model.id),
        "key": key_of(place),
        "name": model.name,
        "task": model.task_type.value,
        "algorithm": model.algorithm.value,
        "sha256": model.sha256,
    }


def title_of(kind: EvaluationKind, models: list[Model], dataset: Dataset) -> str:
    whom = models[0].name if len(models) == 1 else f"{len(models)} models"
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
        ((_iso(wish.since), _iso(wish.until)), (order.since, order.until)),
        *((getattr(wish, name), order.setup[name]) for name in ("start_capital", "latency_bars", "max_position")),
    )
    given = (
        (wish.dataset_id and str(wish.dataset_id), order.dataset["id"]),
        (wish.split, order.split),
        (wish.name, made.name),
        *((getattr(wish, name), order.setup[name]) for name in ("transaction_cost", "slippage")),
    )
    return all(one == other for one, other in asked) and all(one in {None, other} for one, other in given)


def _stress(wish: EvaluationWish) -> tuple[dict[str, Any], ...]:
    return tuple({"scenario": one.scenario.value, "strength": one.strength, "runs": one.runs} for one in wish.stress)


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
