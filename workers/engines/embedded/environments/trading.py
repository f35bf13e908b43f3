"""Algorithmic trading: how much of one instrument to hold, bar after bar.

An account is two indices: the bar that it stands at, and the level that it chose at the bar before. All else follows
from the market. A level is a target, in multiples of the equity: at each bar the holding, which the market has moved
meanwhile, is brought to it, at the costs of what that takes to trade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from workers.engines.embedded.evaluation.baselines import by_chance
from workers.engines.embedded.evaluation.measures import trading_measures
from workers.engines.embedded.market import Market
from workers.engines.embedded.shapes import Config, Measures, Policy, Split, State

_AT_ONCE = 16_384
"""Rows that a policy is asked about at once: more would only take memory."""
_RANDOM_HOLDING = 10
"""How many bars a random trader keeps a level, on average. One who trades at each bar measures the costs only."""


class TradingTask:
    """One instrument as a trader meets it. A policy chooses the index of a level."""

    score = "sharpe"

    def __init__(self, market: Market, config: Config) -> None:
        self.market = market
        self.lookback: int = config["lookback"]
        self.cost: float = config["transaction_cost"] + config["slippage"]
        self.levels = _levels(config).to(market.device)
        self.flat = int(self.levels.abs().argmin())
        self.returns = market.returns[:, 0].contiguous()
        self._windows = market.windows(self.lookback).flatten(1)
        train = self.returns[self.span("train").start + 1 : self.span("train").stop + 1]
        self.unit = max(float(train.std()), 1e-6) if len(train) > 1 else 1.0

    @property
    def train_steps(self) -> int:
        return len(self.span("train"))

    @property
    def inputs(self) -> int:
        """How many numbers an agent sees: the latest bars, and what it holds."""
        return self._windows.shape[1] + 1

    @property
    def actions(self) -> int:
        return len(self.levels)

    def span(self, split: Split) -> range:
        """The bars at which there is something to decide: the bar that pays for it lies in the same split."""
        part = self.market.splits[split]
        return range(part.start, max(part.stop - 1, part.start))

    def see(self, places: Tensor, held: Tensor) -> Tensor:
        """[batch, inputs]: nothing later than the bar that each account stands at."""
        windows = self._windows.index_select(0, places - (self.lookback - 1))
        share = self.levels.index_select(0, held) / self.levels.abs().max()
        return torch.cat((windows, share.to(windows.dtype)[:, None]), 1)

    def settle(self, places: Tensor, held: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """What choosing these levels gains until the next bar, as a share of the equity, and the turnover it takes.

        A loss of all equity closes the account: nobody loses more than he has.
        """
        wanted = self.levels.index_select(0, chosen)
        turnover = (wanted - self._moved(places, held)).abs()
        gain = wanted * self.returns.index_select(0, places + 1) - self.cost * turnover
        return gain.clamp(min=-1.0), turnover

    def evaluate(self, policy: Policy, split: Split) -> Measures:
        return self._measured(split, self._follow(policy, split))

    def targets(self, policy: Policy, split: Split) -> Tensor:
        return self.levels[self._follow(policy, split, ahead=True)][:, None]

    def decide(self, policy: Policy, place: int, situation: Mapping[str, float]) -> dict[str, float]:
        (symbol,) = self.market.symbols
        held = (self.levels - situation.get(symbol, 0.0)).abs().argmin().reshape(1)
        chosen = policy.act(self.see(torch.tensor([place], device=self.market.device), held))
        return {symbol: float(self.levels[chosen])}

    def baselines(self, split: Split) -> Mapping[str, Measures]:
        """Buying once and keeping it, doing nothing, and holding by chance."""
        count = len(self.span(split))
        flat = torch.full((count,), self.flat, device=self.market.device)
        long = torch.full_like(self.levels[:1], min(1.0, float(self.levels.max())))
        return {
            "buy_and_hold": self._earned(split, long.expand(count)),
            "flat": self._measured(split, flat),
            "random": by_chance(lambda chance: self._measured(split, self._thrown(count, chance))),
        }

    def _follow(self, policy: Policy, split: Split, *, ahead: bool = False) -> Tensor:
        """The levels chosen, bar by bar, in one go: guesses what was held before each bar, and asks again where the
        guess was wrong, until none is. With `ahead`, also at the last bar, which nothing pays for any more."""
        span = self.span(split)
        stop = self.market.splits[split].stop if ahead else span.stop
        places = torch.arange(span.start, stop, device=self.market.device)
        held = torch.full_like(places, self.flat)
        chosen = self._ask(policy, places, held)
        while True:
            before = torch.cat((held[:1], chosen[:-1]))
            (wrong,) = (before != held).nonzero(as_tuple=True)
            if not len(wrong):
                return chosen
            held = before
            chosen[wrong] = self._ask(policy, places[wrong], held[wrong])

    def _ask(self, policy: Policy, places: Tensor, held: Tensor) -> Tensor:
        parts = zip(torch.split(places, _AT_ONCE), torch.split(held, _AT_ONCE), strict=True)
        return torch.cat([policy.act(self.see(*part)) for part in parts])

    def _measured(self, split: Split, chosen: Tensor) -> Measures:
        return self._earned(split, self.levels.index_select(0, chosen))

    def _earned(self, split: Split, wanted: Tensor) -> Measures:
        """The measures of holding this much at each bar, from nothing at the start."""
        span = self.span(split)
        held = torch.cat((torch.zeros_like(wanted[:1]), wanted[:-1]))
        now, coming = self.returns[span.start : span.stop], self.returns[span.start + 1 : span.stop + 1]
        turnover = (wanted - _drift(held, now)).abs()
        gain = (wanted * coming - self.cost * turnover).clamp(min=-1.0)
        alive = torch.cat((torch.ones_like(gain[:1]), (gain > -1.0).to(gain.dtype)[:-1])).cumprod(0)
        changes = (wanted != held) * alive
        return trading_measures(
            gain * alive, turnover * alive, wanted.abs() * alive, changes, self.market.bars_per_year
        )

    def _moved(self, places: Tensor, held: Tensor) -> Tensor:
        """What the market has made of the holding since the bar before."""
        return _drift(self.levels.index_select(0, held), self.returns.index_select(0, places))

    def _thrown(self, count: int, chance: Generator) -> Tensor:
        changes = torch.rand(count, generator=chance) < 1 / _RANDOM_HOLDING
        levels = torch.randint(self.actions, (count,), generator=chance)
        latest = torch.where(changes, torch.arange(count), 0).cummax(0).values
        return levels[latest].to(self.market.device)


@dataclass(frozen=True, slots=True)
class Played:
    """One step of all accounts: where each stood, what it held and chose, and what that gained."""

    places: Tensor
    held: Tensor
    chosen: Tensor
    gain: Tensor


class Accounts:
    """Traders that play at the same time, each from another bar of the train split. At its end, or when all is lost,
    they begin anew at its start with nothing held."""

    def __init__(self, task: TradingTask, count: int, chance: Generator) -> None:
        self.task = task
        self._span = task.span("train")
        self.places = torch.randint(self._span.start, self._span.stop, (count,), generator=chance, device=chance.device)
        self.held = torch.full_like(self.places, task.flat)

    def see(self) -> Tensor:
        return self.task.see(self.places, self.held)

    def step(self, chosen: Tensor) -> Played:
        gain, _ = self.task.settle(self.places, self.held, chosen)
        played = Played(self.places, self.held, chosen, gain)
        over = (self.places + 1 >= self._span.stop) | (gain <= -1.0)
        self.places = torch.where(over, self._span.start, self.places + 1)
        self.held = torch.where(over, self.task.flat, chosen)
        return played

    def state(self) -> State:
        return {"places": self.places, "held": self.held}

    def restore(self, state: State) -> None:
        device = self.task.market.device
        self.places, self.held = state["places"].to(device), state["held"].to(device)


def _drift(held: Tensor, moved: Tensor) -> Tensor:
    """A holding in multiples of the equity, after the price moved: both the holding and the equity have changed."""
    equity = 1 + held * moved
    return torch.where(equity > 0, held * (1 + moved) / equity.clamp(min=1e-9), 0.0)


def _levels(config: Config) -> Tensor:
    """Evenly spread from all short, or nothing, to all long."""
    lowest = -config["max_position"] if config["allow_short"] else 0.0
    return torch.linspace(lowest, config["max_position"], config["position_levels"], dtype=torch.float64)
