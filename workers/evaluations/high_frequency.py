"""Where models that trade on an order book are judged: at the middle of the book, through its levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import torch

from domain.analysis.backtest import Spread, Table
from domain.analysis.series import Series
from workers.engines.embedded.parts.book import ASK, BID, Book, book_of
from workers.engines.embedded.predict import Predictor
from workers.engines.embedded.shapes import BadInput
from workers.evaluations.field import Field, field_of
from workers.evaluations.request import Request

TASK = "high_frequency_trading"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BookField(Field):
    """The field of one instrument with its order book. Who buys takes the asks, who sells the bids."""

    capital: float
    """Of the account: positions are counted in it when their size meets the book."""
    book: Book = field(init=False)

    def __post_init__(self) -> None:
        columns = {name: torch.tensor(table[:, 0], dtype=torch.float32) for name, table in self.bars.prices.items()}
        object.__setattr__(self, "book", book_of(columns))

    @property
    def prices(self) -> Table:
        return np.asarray(self.book.middle.numpy()[self.first :, None])

    @property
    def opens(self) -> None:
        return None

    @property
    def spread(self) -> Spread:
        return self._spread

    def _spread(self, changes: Table) -> Series:
        """How far from the middle the changes of the holding are filled, as a share of it."""
        change = torch.from_numpy(np.ascontiguousarray(changes[:, 0]))
        at = torch.arange(self.first, self.first + len(changes))
        middle = self.book.middle[at]
        fill = self.book.fill(torch.where(change > 0, ASK, BID), at, change.abs() * self.capital / middle)
        return np.asarray(((fill - middle).abs() / middle).numpy())


def fitting_field(request: Request, predictors: Sequence[Predictor]) -> Field:
    """With the order book where one of the models trades on it."""
    plain = field_of(request, list(predictors))
    if all(each.card["task"] != TASK for each in predictors):
        return plain
    if len(plain.bars.symbols) > 1:
        message = "Models for high-frequency trading trade one symbol. Judge those that trade several on their own."
        raise BadInput("MANY_SYMBOLS", message)
    values = {each.name: getattr(plain, each.name) for each in fields(plain)}
    found = BookField(**values, capital=request.setup.start_capital)
    if found.book.levels == 0:
        message = "The data has no order book: bid_price_1, bid_size_1, ask_price_1, ask_size_1 are not all there."
        raise BadInput("NO_ORDER_BOOK", f"{message} Choose data that has one.")
    return found
