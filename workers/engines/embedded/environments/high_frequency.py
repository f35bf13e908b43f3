"""High-frequency trading: how much of one instrument to hold, snapshot after snapshot of its order book.

An account is two indices, as in algorithmic trading, and is valued at the middle of the book. Whoever buys takes the
asks and whoever sells the bids, level by level, in the size that the change of the position has for an account of the
initial capital; fees and slippage come on top.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.environments.trading_accounts import Accounts, Played
from workers.engines.embedded.market import Market
from workers.engines.embedded.parts.book import ASK, BID, COLUMNS, read_book, snapshots
from workers.engines.embedded.shapes import BadInput, Config, State


class HighFrequencyTask(TradingTask):
    """One order book as a trader meets it. A policy chooses the index of a level of holding."""

    def __init__(self, market: Market, config: Config) -> None:
        super().__init__(market, config)
        self._book, self._capital = read_book(market), float(config["initial_capital"])
        if self._book.levels == 0:
            message = "The data has no order book: bid_price_1, bid_size_1, ask_price_1, ask_size_1 are not all there."
            raise BadInput("NO_ORDER_BOOK", f"{message} Bring snapshots of a book, or train for algorithmic trading.")
        self.episode_length: int = config["episode_length"]
        seen = snapshots(market, self._book)
        times, columns = seen.shape
        self._windows = seen.as_strided((times - self.lookback + 1, self.lookback * columns), (columns, 1))
        self.returns = _moves(self._book.middle)
        self.unit = self._usual_move()

    @property
    def bars_held(self) -> str:
        return f"the latest {self.lookback} snapshots, the oldest first, each with {COLUMNS}"

    def paid(self, places: Tensor, change: Tensor) -> Tensor:
        middle = self._book.middle.index_select(0, places)
        quantity = change.abs() * self._capital / middle
        fill = self._book.fill(torch.where(change > 0, ASK, BID), places, quantity)
        return change.abs() * ((fill - middle).abs() / middle + self.cost)


class Sessions(Accounts):
    """Traders whose account is closed after so many snapshots; the next session begins anywhere in the train split."""

    def __init__(self, task: HighFrequencyTask, count: int, chance: Generator) -> None:
        super().__init__(task, count, chance)
        self._length, self._chance = task.episode_length, chance
        self.gone = torch.zeros_like(self.places)

    def step(self, chosen: Tensor) -> Played:
        played = super().step(chosen)
        self.gone += 1
        over = (self.gone >= self._length) | (self.places != played.places + 1)
        fresh = torch.randint(self._span.start, self._span.stop, over.shape, generator=self._chance, device=over.device)
        self.places = torch.where(over, fresh, self.places)
        self.held = torch.where(over, self.task.flat, self.held)
        self.gone = torch.where(over, 0, self.gone)
        return played

    def state(self) -> State:
        return {**super().state(), "gone": self.gone}

    def restore(self, state: State) -> None:
        super().restore(state)
        self.gone = state["gone"].to(self.gone.device)


def _moves(middle: Tensor) -> Tensor:
    moves = torch.zeros_like(middle)
    moves[1:] = middle[1:] / middle[:-1] - 1
    return moves
