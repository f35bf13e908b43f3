"""Algorithmic trading: how much of one instrument to hold, bar after bar.

An account is two indices: the bar that it stands at, and the level that it chose at the bar before. All else follows
from the market. A level is a target, in multiples of the equity: at each bar the holding, which the market has moved
meanwhile, is brought to it, at the costs of what that takes to trade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Generator, Tensor

from workers.engines.embedded.evaluation.baselines import RANDOM_SEEDS, mean_of
from workers.engines.embedded.evaluation.measures import trading_measures
from workers.engines.embedded.market import Market
from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.shapes import Account, Config, Input, Measures, Policy, Split

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
        self.unit = self._usual_move()
        """How far the price usually goes in a bar of the train split: rewards are counted in it."""

    @property
    def train_steps(self) -> int:
        return len(self.span("train"))

    @property
    def width(self) -> int:
        """How many numbers an agent sees: the latest bars, and what it holds."""
        return self._windows.shape[1] + 1

    @property
    def inputs(self) -> list[Input]:
        levels = ", ".join(f"{level:g}" for level in self.levels.tolist())
        holds = (
            f"{self.bars_held}; last, what is held now as a share of the largest level. "
            f"The network gives the worth of each level of holding: {levels} times the equity."
        )
        return [{"name": "observation", "shape": ["rows", self.width], "holds": holds}]

    @property
    def bars_held(self) -> str:
        return f"the latest {self.lookback} bars, the oldest first, each with its features as listed, normalised"

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
        """What choosing these levels gains until the next bar, as a share of the equity, and the turnover it takes."""
        return self._gained(places, self.levels.index_select(0, held), self.levels.index_select(0, chosen))

    def paid(self, places: Tensor, change: Tensor) -> Tensor:  # noqa: ARG002 - elsewhere it depends on the place
        """What it costs to change the holding by so much of the equity at these bars, as a share of it."""
        return self.cost * change.abs()

    def evaluate(self, policy: Policy, split: Split) -> Measures:
        return trading_measures(self.account(policy, split), self.market.bars_per_year)

    def account(self, policy: Policy, split: Split) -> Account:
        return self._earned(split, self.levels.index_select(0, self._follow(policy, split)))

    def targets(self, policy: Policy, split: Split) -> Tensor:
        return self.levels[self._follow(policy, split, ahead=True)][:, None]

    def decide(self, policy: Policy, place: int, situation: Mapping[str, float]) -> dict[str, float]:
        (symbol,) = self.market.symbols
        held = (self.levels - situation.get(symbol, 0.0)).abs().argmin().reshape(1)
        chosen = policy.act(self.see(torch.tensor([place], device=self.market.device), held))
        return {symbol: float(self.levels[chosen])}

    def baselines(self, split: Split) -> Mapping[str, Measures]:
        """Buying once and keeping it, doing nothing, and holding by chance."""
        year = self.market.bars_per_year
        made = self.plain_accounts(split).items()
        return {name: mean_of(trading_measures(account, year) for account in several()) for name, several in made}

    def plain_accounts(self, split: Split) -> Mapping[str, Callable[[], Iterable[Account]]]:
        count = len(self.span(split))
        long = torch.full_like(self.levels[:1], min(1.0, float(self.levels.max())))
        flat = self.levels[self.flat : self.flat + 1]
        return {
            "buy_and_hold": lambda: [self._earned(split, long.expand(count))],
            "flat": lambda: [self._earned(split, flat.expand(count))],
            "random": lambda: (self._thrown(split, generator_of(seed)) for seed in RANDOM_SEEDS),
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

    def _earned(self, split: Split, wanted: Tensor) -> Account:
        """Holding this much at each bar, from nothing at the start."""
        span = self.span(split)
        places = torch.arange(span.start, span.stop, device=wanted.device)
        held = torch.cat((torch.zeros_like(wanted[:1]), wanted[:-1]))
        gain, turnover = self._gained(places, held, wanted)
        alive = torch.cat((torch.ones_like(gain[:1]), (gain > -1.0).to(gain.dtype)[:-1])).cumprod(0)
        return Account(span.start, gain * alive, turnover * alive, wanted.abs() * alive, (wanted != held) * alive)

    def _gained(self, places: Tensor, held: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
        """The gain and the turnover of holding so much, where so much was held since the bar before.

        A loss of all equity closes the account: nobody loses more than he has.
        """
        change = wanted - _drifted(held, self.returns.index_select(0, places))
        gain = wanted * self.returns.index_select(0, places + 1) - self.paid(places, change)
        return gain.clamp(min=-1.0), change.abs()

    def _usual_move(self) -> float:
        train = self.span("train")
        moves = self.returns[train.start + 1 : train.stop + 1]
        return max(float(moves.std()), 1e-9) if len(moves) > 1 else 1.0

    def _thrown(self, split: Split, chance: Generator) -> Account:
        count = len(self.span(split))
        changes = torch.rand(count, generator=chance, device=chance.device) < 1 / _RANDOM_HOLDING
        levels = torch.randint(self.actions, (count,), generator=chance, device=chance.device)
        latest = torch.where(changes, torch.arange(count, device=chance.device), 0).cummax(0).values
        return self._earned(split, self.levels.index_select(0, levels[latest].to(self.market.device)))


def _drifted(held: Tensor, moved: Tensor) -> Tensor:
    """A holding in multiples of the equity, after the price moved: both the holding and the equity have changed."""
    equity = 1 + held * moved
    return torch.where(equity > 0, held * (1 + moved) / equity.clamp(min=1e-9), 0.0)


def _levels(config: Config) -> Tensor:
    """Evenly spread from all short, or nothing, to all long."""
    lowest = -config["max_position"] if config["allow_short"] else 0.0
    return torch.linspace(lowest, config["max_position"], config["position_levels"], dtype=torch.float64)
