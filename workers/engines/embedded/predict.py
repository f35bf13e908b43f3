"""A trained agent at work: bars in, what it would hold out. It sees what it saw in training, computed the same way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import polars as pl
import torch
from torch import nn

from domain.datasets.columns import SPLIT, SYMBOL, TIME
from workers.data.frames import UTC_TIME, ordered
from workers.engines.embedded.features import RECIPE, WARM_UP
from workers.engines.embedded.market import Market, market_to_act_on
from workers.engines.embedded.model import Card, Model
from workers.engines.embedded.model import load as load_model
from workers.engines.embedded.registry import algorithm_of, symbols_of, task_of
from workers.engines.embedded.shapes import BadInput, Policy, Task


def load(folder: Path) -> Predictor:
    """The agent whose model.safetensors and card.json lie there."""
    return Predictor(load_model(folder))


class Predictor:
    """Acts as it was trained to, without learning any further."""

    def __init__(self, model: Model) -> None:
        if model.card["features"]["recipe"] != RECIPE:
            message = "The model was made by another version of the engine, which computed other features. Train anew."
            raise BadInput("OTHER_RECIPE", message)
        self._model = model
        self._network: nn.Module | None = None

    @property
    def card(self) -> Card:
        return self._model.card

    @property
    def bars_needed(self) -> int:
        """How many bars it takes for the first decision."""
        return int(self._model.card["config"]["lookback"]) + WARM_UP

    def act(self, bars: pl.DataFrame, situation: Mapping[str, float] | None = None) -> dict[str, float]:
        """What to do at the last of these bars. For trading, what to hold of each symbol, in multiples of equity;
        the situation is then what is held now, by symbol, and nothing where it is left out."""
        market, task, policy = self.at_work(bars)
        return task.decide(policy, len(market.times) - 1, situation or {})

    def positions(self, history: pl.DataFrame, since: datetime | None = None) -> pl.DataFrame:
        """What it would have held, bar by bar, had it acted all along, or from then on: a row for each time from the
        first decision on, a column for each symbol. Each row knows nothing of later ones."""
        market, task, policy = self.at_work(history, since)
        targets = task.targets(policy, "test").cpu().double()
        times = pl.Series(TIME, market.times[market.splits["test"].start :]).cast(pl.Datetime("us"))
        columns = {symbol: targets[:, place].numpy() for place, symbol in enumerate(market.symbols)}
        return pl.DataFrame({TIME: times.dt.replace_time_zone("UTC").cast(UTC_TIME)[: len(targets)], **columns})

    def at_work(self, frame: pl.DataFrame, since: datetime | None = None) -> tuple[Market, Task, Policy]:
        """Where it acts, and what acts: all bars at which it can, or all since then, are the test split."""
        card = self._model.card
        market = market_to_act_on(
            _in_form(frame, card["market"]["symbols"]),
            self._model.feature_names,
            self._model.normalisation,
            lookback=card["config"]["lookback"],
            only=symbols_of(card["task"]),
            since=since,
        )
        task = task_of(card["task"])(market, card["config"])
        algorithm = algorithm_of(card["task"], card["algorithm"])
        if self._network is None:
            self._network = algorithm.network(task, card["config"]).eval()
            self._network.load_state_dict(self._model.weights)
        torch.set_num_threads(1)
        return market, task, algorithm.policy(task, card["config"], self._network)


def _in_form(frame: pl.DataFrame, symbols: list[str]) -> pl.DataFrame:
    """As in training: in order, numbers only, and of several symbols those that it was trained on."""
    if frame.get_column(SYMBOL).n_unique() > 1:
        frame = frame.filter(pl.col(SYMBOL).cast(pl.String).is_in(symbols))
        if frame.is_empty():
            message = f"The agent was trained on {', '.join(symbols[:10])}, and the data has none of them."
            raise BadInput("WRONG_SYMBOLS", f"{message} Choose data that has all.")
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric() or kind == pl.Boolean]
    return ordered(frame.select(TIME, SYMBOL, *(name for name in numbers if name not in {TIME, SYMBOL, SPLIT})))
