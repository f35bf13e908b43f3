"""Which models can be judged together, and in which way: some hold positions, others work off orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.catalogue import TaskType
from domain.errors import Code, Problem, Refused
from domain.evaluations.model import EvaluationKind
from domain.evaluations.wish import EvaluationWish
from domain.models.model import Model

_OF_ORDERS = frozenset({EvaluationKind.BACKTEST, EvaluationKind.COMPARISON})
_ALIKE = ("side", "order_size", "horizon")
"""What orders must have in common, by the name of the hyperparameter."""


def must_fit(wish: EvaluationWish, models: Sequence[Model]) -> None:
    """Refuses what cannot be judged together, or not in this way."""
    if found := list(_problems(wish, models)):
        raise Refused(*found)


def _problems(wish: EvaluationWish, models: Sequence[Model]) -> Iterator[Problem]:
    tasks = {model.task_type for model in models}
    if TaskType.ORDER_EXECUTION not in tasks:
        yield from _of_positions(tasks)
    elif len(tasks) > 1:
        message = "Models that work off orders and models that hold positions cannot be compared. Choose one kind."
        yield Problem(Code.INVALID, message, ("model_ids",))
    else:
        yield from _of_orders(wish, models)


def _of_positions(tasks: set[TaskType]) -> Iterator[Problem]:
    if tasks >= {TaskType.HIGH_FREQUENCY_TRADING, TaskType.PORTFOLIO_MANAGEMENT}:
        message = (
            "Models for high-frequency trading trade one symbol on its order book, those for portfolio management "
            "several at their closes. Judge them apart."
        )
        yield Problem(Code.INVALID, message, ("model_ids",))


def _of_orders(wish: EvaluationWish, models: Sequence[Model]) -> Iterator[Problem]:
    if wish.kind not in _OF_ORDERS:
        message = "Models for order execution can be backtested and compared, nothing else. Choose one of these."
        yield Problem(Code.INVALID, message, ("kind",))
    other = [name for name in _ALIKE if len({model.hyperparameters.get(name) for model in models}) > 1]
    if other:
        message = f"These models work off different orders: {', '.join(other)}. Compare those that agree in it."
        yield Problem(Code.INVALID, message, ("model_ids",))
    if wish.latency_bars:
        message = "An order is filled where the model decides, as in its training. Leave the latency out."
        yield Problem(Code.INVALID, message, ("latency_bars",))
    if wish.max_position is not None:
        message = "Who works off orders holds no positions. Leave the largest one out."
        yield Problem(Code.INVALID, message, ("max_position",))
