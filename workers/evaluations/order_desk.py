"""Where orders are worked off: each begins where the one before it was over, and is filled as in training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from domain.analysis.backtest import Table
from domain.analysis.execution import Fills
from domain.analysis.series import Series
from domain.datasets.columns import TIME
from workers.engines.embedded.environments.execution import ExecutionTask
from workers.engines.embedded.parts.orders import Place
from workers.engines.embedded.predict import Predictor
from workers.engines.embedded.shapes import BadInput, Policy
from workers.evaluations.field import Field

_ALIKE = {"side": "side", "order_size": "size", "horizon": "time"}
_AT_ONCE = 16_384
"""Orders that a policy is asked about at once: more would only take memory."""
_LOOKS = 3
_FEW_BARS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """One model's orders, by their places in the bars of the field."""

    task: ExecutionTask
    policy: Policy
    begins: NDArray[np.int64]

    @property
    def steps(self) -> int:
        return self.task.horizon

    @property
    def at(self) -> NDArray[np.int64]:
        """[orders, steps]: the places at which each may be filled."""
        return np.asarray(self.begins[:, None] + np.arange(self.steps))

    @property
    def arrival(self) -> Series:
        return self.task.arrival(torch.from_numpy(self.begins)).numpy()

    def by_model(self) -> Fills:
        parts = [self._worked_off(part, lambda place: self.task.wanted(self.policy, place)) for part in self._parts()]
        return Fills(*(np.concatenate([getattr(part, name) for part in parts]) for name in Fills.__slots__))

    def by_shares(self, shares: Table) -> Fills:
        """Of each order, [orders, steps]."""
        planned = torch.from_numpy(shares)
        return self._worked_off(self.begins, lambda place: planned[:, int(place.step[0])].minimum(place.left))

    def _parts(self) -> list[NDArray[np.int64]]:
        return [self.begins[start : start + _AT_ONCE] for start in range(0, len(self.begins), _AT_ONCE)]

    def _worked_off(self, begins: NDArray[np.int64], wanted: Callable[[Place], Tensor]) -> Fills:
        place, shares, prices = self.task.start(torch.from_numpy(begins)), [], []
        for step in range(self.steps):
            share = wanted(place)
            # What is left at the last step goes through the book together with what is wanted there.
            prices.append(self.task.fill(place.now, place.left if step == self.steps - 1 else share))
            shares.append(share)
            place = Place(place.begin, place.step + 1, place.left - share)
        quantities = torch.stack(shares, 1).numpy() * self.task.order_size
        return Fills(quantities, torch.stack(prices, 1).numpy(), prices[-1].numpy())


def must_be_alike(predictors: Mapping[str, Predictor]) -> None:
    """Only the same orders can be compared."""
    configs = [each.card["config"] for each in predictors.values()]
    other = [word for name, word in _ALIKE.items() if len({config[name] for config in configs}) > 1]
    if other:
        message = f"The models work off orders of another {' and '.join(other)}. Compare those with the same orders."
        raise BadInput("OTHER_ORDERS", message)


def desk_of(predictor: Predictor, field: Field) -> Desk:
    return _desk(predictor, field, field.frame)


def leak_of(predictor: Predictor, field: Field, desk: Desk, fills: Fills) -> tuple[int, int | None] | None:
    """At how many places it was asked again with the future cut off, and the first at which it did something else; None
    where that would take longer than the evaluation."""
    if len(field.times) > _FEW_BARS:
        return None
    looked = np.unique(np.linspace(0, len(desk.begins) - 1, _LOOKS).astype(int))
    for order in looked.tolist():
        last = int(desk.at[order, -1])
        known = field.frame.filter(pl.col(TIME) <= _moment(field.bars.times[last]))
        again, before = _desk(predictor, field, known).by_model().quantities[order], fills.quantities[order]
        if not np.allclose(again, before, rtol=0.0, atol=1e-6 * desk.task.order_size):
            return len(looked), last
    return len(looked), None


def _desk(predictor: Predictor, field: Field, frame: pl.DataFrame) -> Desk:
    since = _moment(field.times[0])
    market, task, policy = predictor.at_work(frame, since)
    working = cast("ExecutionTask", task)
    bars = len(market.splits["test"])
    if bars < working.horizon:
        message = (
            f"The period has {bars:,} bars that the models can act at, and one order takes {working.horizon:,}. Choose "
            "a longer one."
        )
        raise BadInput("TOO_FEW_ROWS", message)
    return Desk(working, policy, working.begins("test")[:: working.horizon].numpy())


def _moment(time: np.datetime64) -> datetime:
    moment: datetime = time.astype("datetime64[us]").item()
    return moment.replace(tzinfo=UTC)
