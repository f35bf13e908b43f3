"""The order book as tensors: what an order really costs that walks down its levels, and what an agent sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from domain.datasets.columns import BOOK_LEVELS
from workers.engines.embedded.market import Market

BID, ASK = 0, 1
"""Who sells takes the bids, who buys the asks."""
_SIDES = ("bid", "ask")
COLUMNS = (
    "the logarithm of the size of each bid and each ask against the mean size, within +-5; twice the distance of their "
    "prices from the middle as a share of the width of the book, within +-1; its features as listed, normalised"
)
"""What `snapshots` gives of each time, in words. Without a book, the features alone."""


@dataclass(frozen=True, slots=True)
class Book:
    """One instrument's book at each time. Without levels (plain bars) every order is filled at the close."""

    middle: Tensor
    """[T], float64: half way between best bid and best ask; the close of plain bars."""
    prices: Tensor
    """[bid and ask, T, levels], float64, the best first."""
    sizes: Tensor

    @property
    def levels(self) -> int:
        return self.prices.shape[2]

    def fill(self, side: Tensor | int, at: Tensor, quantity: Tensor) -> Tensor:
        """The average price of an order that takes these levels one after the other, at once.

        An order larger than the whole visible book finds it going on as it ended: each further level is as far away
        and as large as the last one. The next snapshot of the data shows how the market had recovered, so an
        order moves no later price."""
        if self.levels == 0:
            return self.middle[at]
        prices, sizes = self.prices[side, at], self.sizes[side, at]
        reached = sizes.cumsum(-1)
        taken = (quantity.unsqueeze(-1) - (reached - sizes)).clamp(min=0).minimum(sizes)
        beyond = (quantity - reached[..., -1]).clamp(min=0)
        value = (taken * prices).sum(-1) + beyond * self._price_beyond(side, prices, sizes[..., -1], beyond)
        return torch.where(quantity > 0, value / quantity.clamp(min=1e-12), prices[..., 0])

    def _price_beyond(self, side: Tensor | int, prices: Tensor, size: Tensor, beyond: Tensor) -> Tensor:
        gap = (prices[..., -1] - prices[..., -2]).abs() if self.levels > 1 else 1e-4 * prices[..., -1]
        away = gap * (0.5 + beyond / (2 * size.clamp(min=1e-9)))
        return (prices[..., -1] + (2 * side - 1) * away).clamp(min=0)


def read_book(market: Market) -> Book:
    """The first instrument's book."""
    return book_of({name: table[:, 0] for name, table in market.prices.items()})


def book_of(columns: Mapping[str, Tensor]) -> Book:
    """From the columns of one instrument, [T]. What a snapshot lacks is as in the one before it."""
    close = columns["close"].double()
    levels = _levels(columns)
    prices = _sides(columns, "price", levels, close)
    sizes = _sides(columns, "size", levels, torch.zeros_like(close)).clamp(min=0)
    return Book(prices[:, :, 0].mean(0) if levels else close, prices, sizes)


def _levels(columns: Mapping[str, Tensor]) -> int:
    """How many levels are there whole, both sides with prices and sizes."""
    for level in range(1, BOOK_LEVELS + 1):
        if any(f"{side}_{what}_{level}" not in columns for side in _SIDES for what in ("price", "size")):
            return level - 1
    return BOOK_LEVELS


def _sides(columns: Mapping[str, Tensor], what: str, levels: int, at_first: Tensor) -> Tensor:
    if levels == 0:
        return at_first.new_empty((2, len(at_first), 0))
    names = [[f"{side}_{what}_{level}" for level in range(1, levels + 1)] for side in _SIDES]
    return torch.stack(
        [torch.stack([_filled(columns[name].double(), at_first) for name in side], -1) for side in names]
    )


def _filled(column: Tensor, at_first: Tensor) -> Tensor:
    """Gaps take the value before them, those at the very beginning another one."""
    known = torch.isfinite(column)
    last = torch.where(known, torch.arange(len(column), device=column.device), -1).cummax(0).values
    return torch.where(last >= 0, column.nan_to_num(0.0)[last.clamp(min=0)], at_first)


def snapshots(market: Market, book: Book) -> Tensor:
    """What an agent sees of each time, [T, columns], float32: the raw book, beside the features of the data.

    Each size stands against the mean one of its snapshot and each distance against the whole width of the book, so
    that nothing has to be fitted to the data."""
    features = market.features[:, 0].float()
    if book.levels == 0:
        return features
    sizes = torch.cat((book.sizes[BID], book.sizes[ASK]), -1)
    away = torch.cat((book.prices[BID], book.prices[ASK]), -1) - book.middle.unsqueeze(-1)
    width = (book.prices[ASK, :, -1:] - book.prices[BID, :, -1:]).clamp(min=1e-12)
    compared = (sizes.clamp(min=1e-9) / sizes.mean(-1, keepdim=True).clamp(min=1e-9)).log()
    return torch.cat((compared.clamp(-5, 5).float(), (2 * away / width).clamp(-1, 1).float(), features), -1)
