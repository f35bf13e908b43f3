"""Models that work off orders, one after another over the period, beside those who need no skill for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np

from domain.analysis import slices
from domain.analysis.backtest import Table
from domain.analysis.execution import BUY, SELL, Fills, Orders, against_each_other, figures, shortfalls
from domain.analysis.names import TWAP
from domain.analysis.report import iso
from domain.analysis.series import Series
from workers.engines.embedded.predict import Predictor
from workers.engines.embedded.shapes import BadInput
from workers.engines.embedded.voice import Voice
from workers.evaluations import order_files, order_wording
from workers.evaluations.field import Field, field_of
from workers.evaluations.order_desk import Desk, desk_of, leak_of, must_be_alike
from workers.evaluations.request import Request
from workers.evaluations.warned import bars_seen, warnings_of
from workers.evaluations.wording import looked, trained_on

TASK = "order_execution"
_NOT_OF_ORDERS: dict[str, Any] = {"performance": None, "risk": None, "monthly": [], "yearly": [], "drawdowns": []}


def evaluate_orders(request: Request, predictors: Mapping[str, Predictor], voice: Voice) -> dict[str, Any]:
    """The result. Raises BadInput where a person has to choose otherwise."""
    return _Evaluation(request, predictors, voice).whole()


def works_off_orders(predictors: Iterable[Predictor]) -> bool:
    """Whether they do, or hold positions. Both kinds together cannot be judged."""
    kinds = {each.card["task"] == TASK for each in predictors}
    if len(kinds) > 1:
        message = "Models that work off orders and models that hold positions cannot be compared. Choose one kind."
        raise BadInput("OTHER_TASK", message)
    return kinds == {True}


class _Evaluation:
    def __init__(self, request: Request, predictors: Mapping[str, Predictor], voice: Voice) -> None:
        self._request, self._voice, self._predictors = request, voice, predictors
        self._names = {each.key: each.name for each in request.models}
        must_be_alike(predictors)
        self._field: Field = field_of(request, list(predictors.values()))
        self._desk: Desk = desk_of(next(iter(predictors.values())), self._field)
        self._seen = {key: bars_seen(each.card, request, self._field.times) for key, each in predictors.items()}
        self._done = 0

    def whole(self) -> dict[str, Any]:
        desk, field = self._desk, self._field
        self._voice.log(order_wording.introduction(self._request, field, desk))
        for key, seen in self._seen.items():
            if seen:
                self._voice.log(trained_on(self._names[key], seen, len(field.times)), "warning")
        looks: dict[str, dict[str, Any] | None] = {}
        fills: dict[str, Fills] = {}
        for key, predictor in self._predictors.items():
            fills[key] = desk_of(predictor, field).by_model()
            looks[key] = self._look(key, predictor, fills[key])
            self._moved()
        for key, shares in self._baselines().items():
            fills[key] = desk.by_shares(shares)
        self._moved()
        costs = {key: shortfalls(self._orders, each) for key, each in fills.items()}
        result = field.papers | {
            "benchmark": TWAP,
            "entries": [self._entry(key, looks.get(key)) for key in fills],
            "execution": self._execution(fills, costs),
        }
        return result | {"files": self._files(fills, costs)}

    @cached_property
    def _volumes(self) -> Series | None:
        found = self._field.bars.prices.get("volume")
        return None if found is None else np.asarray(found[:, 0], dtype=np.float64)

    @cached_property
    def _orders(self) -> Orders:
        desk = self._desk
        return Orders(
            side=SELL if desk.task.sells else BUY,
            quantity=desk.task.order_size,
            fee=self._request.setup.rate,
            arrival=desk.arrival,
            volumes=None if self._volumes is None else self._volumes[desk.at],
        )

    def _baselines(self) -> dict[str, Table]:
        return slices.baselines(self._field.bars.times, self._volumes, self._desk.begins, self._desk.steps)

    def _execution(self, fills: Mapping[str, Fills], costs: Mapping[str, Series]) -> dict[str, Any]:
        found = figures(self._orders, fills, seed=self._request.seed)
        compared = against_each_other(costs, seed=self._request.seed)
        for line in order_wording.verdicts(self._names, found, compared):
            self._voice.log(line)
        return {
            "orders": len(self._desk.begins),
            "side": "sell" if self._desk.task.sells else "buy",
            "quantity": self._orders.quantity,
            "horizon": self._desk.steps,
            "entries": [{"key": key, "name": self._name(key), **asdict(each)} for key, each in found.items()],
            "comparison": asdict(compared),
        }

    def _look(self, key: str, predictor: Predictor, fills: Fills) -> dict[str, Any] | None:
        """Whether it knows what comes after: asked again with the future cut off, it must do the same."""
        looks = leak_of(predictor, self._field, self._desk, fills)
        if looks is None:
            return None
        places, leak = looks
        self._voice.log(*looked(self._names[key], places, leak))
        at = None if leak is None else iso(self._field.bars.times[leak])
        return {"places": places, "leak": at, "suspicious": False}

    def _files(self, fills: Mapping[str, Fills], costs: Mapping[str, Series]) -> dict[str, str]:
        mine = {key: fills[key] for key in self._predictors}
        return order_files.write(
            self._request.out, self._field, self._desk, orders=self._orders, fills=mine, costs=costs
        )

    def _entry(self, key: str, look: dict[str, Any] | None) -> dict[str, Any]:
        told = {"look": look, "warnings": warnings_of(look, trained_on=self._seen.get(key, 0) > 0)}
        return {"key": key, "name": self._name(key), **_NOT_OF_ORDERS, **told}

    def _name(self, key: str) -> str:
        return self._names.get(key, key)

    def _moved(self) -> None:
        self._done += 1
        steps = len(self._predictors) + 1
        facts = {"share": self._done / steps, "step": self._done, "steps": steps, "steps_per_s": 0.0}
        self._voice.progress(lambda: facts)
