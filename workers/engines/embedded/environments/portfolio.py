"""Portfolio management: how to spread an account over several assets, bar after bar.

An account is an index: the bar it stands at, and the weight it holds of each asset. Everything else is gathered from
the tensors of the market. Weights are parts of the equity; what is not in assets is cash, which earns nothing.
Borrowed money and borrowed assets cost no interest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from workers.engines.embedded.environments.holdings import Limits, Seen
from workers.engines.embedded.evaluation.baselines import mean_of
from workers.engines.embedded.evaluation.measures import trading_measures
from workers.engines.embedded.market import Market
from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.shapes import Account, Config, Input, Measures, Policy, Split

_BLOCK = 64
_TRADED = 1e-6
_RANDOM_ACCOUNTS = 8
_RUIN = 0.01
"""A closed account would be worth a loss without limit: the reward counts this share of the equity as left."""


class Walk(NamedTuple):
    """One account from the first bar of a split to the last: a row for each decision."""

    weights: Tensor
    before: Tensor
    gains: Tensor


class PortfolioTask:
    """The market as a portfolio manager meets it. A policy chooses the weight of each asset."""

    score = "sharpe"

    def __init__(self, market: Market, config: Config) -> None:
        self.market = market
        self.lookback = int(config["lookback"])
        self.cost = float(config["transaction_cost"]) + float(config["slippage"])
        self.limits = Limits(float(config["max_position"]), bool(config["allow_short"]))
        self.tradable = market.quoted
        self.returns = torch.cat((market.returns[1:], market.returns[:1] * 0.0)).nan_to_num(0.0).float()
        """From each bar to the next one; from the last one nothing is known."""
        self._windows = market.windows(self.lookback)
        self.unit = self._usual_move()

    @property
    def assets(self) -> int:
        return self.returns.shape[1]

    @property
    def features(self) -> int:
        return self.market.features.shape[2]

    @property
    def inputs(self) -> list[Input]:
        symbols = ", ".join(self.market.symbols)
        windows = (
            f"of each asset ({symbols}) the latest bars, the oldest first, with the features as listed, normalised"
        )
        held = "the weight that each asset has now, after the market has moved it"
        return [
            {"name": "windows", "shape": ["rows", self.assets, self.lookback, self.features], "holds": windows},
            {"name": "held", "shape": ["rows", self.assets], "holds": held},
        ]

    @property
    def train_steps(self) -> int:
        return len(self.places("train"))

    def places(self, split: Split) -> range:
        """The bars at which there is something to decide: a whole window behind, and a next bar to be paid for."""
        whole = self.market.splits[split]
        return range(max(whole.start, self.lookback - 1), whole.stop - 1)

    def windows(self, places: Tensor) -> Tensor:
        return self._windows.index_select(0, places - self.lookback + 1).transpose(1, 2)

    def see(self, places: Tensor, held: Tensor) -> Seen:
        return Seen(self.windows(places), held, self.tradable[places])

    def settle(self, places: Tensor, held: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """The gain from this bar to the next as a share of the equity, and the weights that it leaves.

        Costs are paid on the difference to what the market has made of the old weights. An account that has lost
        everything is closed: it gains -1 and holds nothing.
        """
        returns = self.returns[places]
        costs = self.cost * (weights - held).abs().sum(-1)
        gain = (weights * returns).sum(-1) - costs
        alive = gain > -1.0
        left = torch.where(alive, 1.0 + gain, 1.0).unsqueeze(-1)
        return gain.clamp_min(-1.0), weights * (1.0 + returns) / left * alive.unsqueeze(-1)

    def gross(self, places: Tensor, weights: Tensor) -> Tensor:
        """What these weights earn before costs, in usual moves."""
        return (weights * self.returns[places]).sum(-1) / self.unit

    def reward(self, gain: Tensor) -> Tensor:
        """Growth, counted in usual moves of an asset, so that one learning rate suits hourly and monthly bars."""
        return torch.log1p(gain.clamp_min(_RUIN - 1.0)) / self.unit

    def evaluate(self, policy: Policy, split: Split) -> Measures:
        return trading_measures(self.account(policy, split), self.market.bars_per_year)

    def account(self, policy: Policy, split: Split) -> Account:
        return self._earned(split, self.walk(policy, split))

    def targets(self, policy: Policy, split: Split) -> Tensor:
        """The last bar of the split is among them, though nothing of what it earns is in the split."""
        return self.walk(policy, split, ahead=1).weights

    def decide(self, policy: Policy, place: int, situation: Mapping[str, float]) -> dict[str, float]:
        """The weights that the policy wants at this bar, where the account holds those of the situation."""
        symbols, device = self.market.symbols, self.market.device
        held = torch.tensor([[situation.get(symbol, 0.0) for symbol in symbols]], device=device)
        seen = self.see(torch.tensor([place], device=device), held)
        weights = self.limits.permit(policy.act(seen), seen.tradable)[0]
        return dict(zip(symbols, weights.tolist(), strict=True))

    def walk(self, policy: Policy, split: Split, ahead: int = 0) -> Walk:
        """Plays many bars at once: guesses what was held before each, and repeats until the guess comes true."""
        span = self.places(split)
        places = torch.arange(span.start, span.stop + ahead, device=self.market.device)
        held = torch.zeros(1, self.assets, device=self.market.device)
        blocks = []
        for block in torch.split(places, _BLOCK):
            walk, held = self._block(policy, block, held)
            blocks.append(walk)
        return _closed(Walk(*(torch.cat(column) for column in zip(*blocks, strict=True))))

    def _block(self, policy: Policy, places: Tensor, held: Tensor) -> tuple[Walk, Tensor]:
        """Each round settles at least one more bar. To the last bit: else later bars would show in earlier ones."""
        windows, tradable = self.windows(places), self.tradable[places]
        before = held.repeat(len(places), 1)
        for _ in places:
            weights = self.limits.permit(policy.act(Seen(windows, before, tradable)), tradable)
            gains, after = self.settle(places, before, weights)
            follows = torch.cat((held, after[:-1]))
            if torch.equal(follows, before):
                break
            before = follows
        return Walk(weights, before, gains), after[-1:]

    def _one_by_one(self, choose: Callable[[int, Tensor], Tensor], places: Tensor, held: Tensor) -> tuple[Walk, Tensor]:
        """Several accounts, bar by bar."""
        rows = []
        for row in range(len(places)):
            place = places[row : row + 1].expand(len(held))
            weights = self.limits.permit(choose(row, held), self.tradable[place])
            gain, after = self.settle(place, held, weights)
            rows.append(Walk(weights, held, gain))
            held = after
        return Walk(*(torch.stack(column) for column in zip(*rows, strict=True))), held

    def baselines(self, split: Split) -> Mapping[str, Measures]:
        """Equal weights at every bar, equal weights bought once and kept, and weights by chance."""
        year = self.market.bars_per_year
        made = self.plain_accounts(split).items()
        return {name: mean_of(trading_measures(account, year) for account in several()) for name, several in made}

    def plain_accounts(self, split: Split) -> Mapping[str, Callable[[], Iterable[Account]]]:
        span = self.places(split)
        places = torch.arange(span.start, span.stop, device=self.market.device)
        one = torch.zeros(1, self.assets, device=self.market.device)

        def kept(row: int, held: Tensor) -> Tensor:
            return held if row else self._equal(places[:1])

        def equal(row: int, _: Tensor) -> Tensor:
            return self._equal(places[row : row + 1])

        return {
            "equal_weight": lambda: self._each(split, self._one_by_one(equal, places, one)[0]),
            "buy_and_hold": lambda: self._each(split, self._one_by_one(kept, places, one)[0]),
            "random": lambda: self._each(split, self._by_chance(places)),
        }

    def _by_chance(self, places: Tensor) -> Walk:
        chance = generator_of(0)
        shape = (len(places), _RANDOM_ACCOUNTS, self.assets)
        scores = (2 * torch.randn(shape, generator=chance, device=chance.device)).to(self.market.device)
        weights = self.limits.spread(scores, self.tradable[places].unsqueeze(1))
        start = torch.zeros(shape[1:], device=self.market.device)
        return self._one_by_one(lambda row, _: weights[row], places, start)[0]

    def _equal(self, places: Tensor) -> Tensor:
        tradable = self.tradable[places].to(self.returns.dtype)
        return tradable / tradable.sum(-1, keepdim=True).clamp_min(1.0)

    def _each(self, split: Split, walks: Walk) -> Iterable[Account]:
        """Several accounts, one by one."""
        accounts = zip(*(column.unbind(1) for column in walks), strict=True)
        return (self._earned(split, _closed(Walk(*columns))) for columns in accounts)

    def _earned(self, split: Split, walk: Walk) -> Account:
        traded = (walk.weights - walk.before).abs()
        changes = (traded > _TRADED).sum(-1)
        return Account(self.places(split).start, walk.gains, traded.sum(-1), walk.weights.abs().sum(-1), changes)

    def _usual_move(self) -> float:
        train = self.places("train")
        moves = self.returns[train.start : train.stop][self.tradable[train.start : train.stop]]
        return max(float(moves.square().mean().sqrt()), 1e-6) if moves.numel() else 1.0


def _closed(walk: Walk) -> Walk:
    """After everything is lost nothing more happens."""
    lost = (walk.gains <= -1.0).long()
    before = (lost.cumsum(0) - lost) > 0
    return Walk(*(column.masked_fill(before if column.ndim == 1 else before.unsqueeze(-1), 0.0) for column in walk))
