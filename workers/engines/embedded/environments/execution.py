"""Order execution: one large order, worked off within a horizon, judged against trading evenly over the same time.

A window begins at t0 and has `horizon` steps. At step k the agent sees the market up to and including t0 + k and trades
a share of the order on that snapshot, at most `max_slice` of it; what is left at the last step is traded at once there.
It may not wait so long that slices of that size could not finish the order any more.

The reward is the saving against trading evenly. Trading more than an even pace for what is left gains what the price
now is better than the mean of those to come in the window; trading less loses it. Each slice costs what its fill is
worse than the middle. Over a window the rewards add up to the saving exactly, in units of how far the price usually
moves in a horizon of the train split, less the penalty. An order that is filled early is over early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor

from workers.engines.embedded.evaluation.baselines import by_chance
from workers.engines.embedded.market import Market
from workers.engines.embedded.parts.book import ASK, BID, COLUMNS, read_book, snapshots
from workers.engines.embedded.parts.orders import CHOICES, OWN, OWN_HOLDS, PACES, Glimpse, Place
from workers.engines.embedded.shapes import BadInput, Config, Input, Measures, Policy, Split

COMING = 32
"""How many of the coming prices a teacher sees, the best first."""
_NOTHING = 1e-9


class ExecutionTask:
    """The order on one market. Nothing is kept here between steps: a place goes in and the next one comes out."""

    score = "saving_bps"

    def __init__(self, market: Market, config: Config) -> None:
        self._splits, self._lookback, self.horizon = market.splits, int(config["lookback"]), int(config["horizon"])
        self._largest, self._order = float(config["max_slice"]), float(config["order_size"])
        self._cost, self._penalty = float(config["transaction_cost"]), float(config["impact_penalty"])
        self._side = BID if config["side"] == "sell" else ASK
        self._sign = 1.0 if config["side"] == "sell" else -1.0
        self._book = read_book(market)
        self.snapshots = snapshots(market, self._book)
        self._windows = self.snapshots.unfold(0, self._lookback, 1).transpose(1, 2)
        self.device = market.device
        self._sums, self._even = self._summed()

    @cached_property
    def usual_move(self) -> float:
        """How far the price goes in a horizon of the train split, as a share of it."""
        begins, middle = self.begins("train"), self._book.middle
        moves = middle[begins + self.horizon - 1] / middle[begins] - 1
        return max(float(moves.square().mean().sqrt()), 1e-9)

    @property
    def inputs(self) -> list[Input]:
        bars = f"the latest snapshots, the oldest first, each with {COLUMNS}"
        own = (
            f"{OWN_HOLDS}. The network gives how much each slice is preferred: {PACES} times an even pace, the largest"
        )
        return [
            {"name": "bars", "shape": ["rows", self._lookback, self.columns], "holds": bars},
            {"name": "own", "shape": ["rows", OWN], "holds": own},
        ]

    @property
    def train_steps(self) -> int:
        return len(self._splits["train"])

    @property
    def columns(self) -> int:
        return self.snapshots.shape[1]

    @property
    def order_size(self) -> float:
        return self._order

    @property
    def sells(self) -> bool:
        return self._side == BID

    def arrival(self, begin: Tensor) -> Tensor:
        """What an order that comes at these times is measured against."""
        return self._book.middle[begin]

    def start(self, begin: Tensor) -> Place:
        return Place(begin, torch.zeros_like(begin), torch.ones(len(begin), dtype=torch.float64, device=self.device))

    def see(self, place: Place) -> Glimpse:
        return Glimpse(self._windows[place.now - self._lookback + 1], self._own(place), self.choices(place))

    def trade(self, place: Place, share: Tensor) -> tuple[Place, Tensor, Tensor]:
        """Trades this share of the order: the place after it, the reward, and where the order is over."""
        last = place.step == self.horizon - 1
        share = torch.where(last, place.left, share.minimum(place.left))
        left = torch.where(last, 0.0, place.left - share)
        over = last | (left < _NOTHING)
        reward = self._saved(place, share, over) / self.usual_move - self._penalty * share**2
        return Place(place.begin, place.step + 1, left), reward.float(), over

    def wanted(self, policy: Policy, place: Place) -> Tensor:
        """The share that it would trade of itself. What is left at the last step is traded whether it wants or not."""
        return policy.act(self.see(place)).double().minimum(place.left)

    def fill(self, now: Tensor, share: Tensor) -> Tensor:
        """What a unit of this share of the order is traded at, without fees."""
        return self._book.fill(self._side, now, share.double() * self._order)

    def coming(self, place: Place) -> Tensor:
        """What only a teacher may know, while training: how the prices to come in this window lie to the one now."""
        steps = torch.arange(1, self.horizon, device=self.device)
        at = place.now.unsqueeze(-1) + steps
        inside = place.step.unsqueeze(-1) + steps < self.horizon
        middle = self._book.middle
        moves = self._sign * (middle[at.clamp(max=len(middle) - 1)] / middle[place.now].unsqueeze(-1) - 1)
        scaled = torch.where(inside, moves / self.usual_move, -10.0).clamp(-10, 10)
        return scaled.sort(-1, descending=True).values[:, :COMING].float()

    def evaluate(self, policy: Policy, split: Split) -> Measures:
        """Windows laid end to end, none of which overlaps another or leaves the split."""
        return self._judge(self._end_to_end(split), lambda place: self._wanted(policy, place))

    def targets(self, policy: Policy, split: Split) -> Tensor:
        """The share of the order to trade at each bar, one order after the other, [bars, 1]. The last is cut off."""
        part = self._splits[split]
        place = self.start(torch.arange(part.start, part.stop, self.horizon, device=self.device))
        shares = torch.zeros(len(part), 1, dtype=torch.float64, device=self.device)
        while len(place.begin) and int(place.step[0]) < self.horizon:
            share = self._wanted(policy, place)
            shares[place.now - part.start, 0] = share
            after = Place(place.begin, place.step + 1, place.left - share)
            goes_on = after.now < part.stop
            place = Place(after.begin[goes_on], after.step[goes_on], after.left[goes_on])
        return shares

    def decide(self, policy: Policy, place: int, situation: Mapping[str, float]) -> dict[str, float]:
        """The share of the order to trade now, where `left` of it is left after so many `step`s."""
        step = min(int(situation.get("step", 0)), self.horizon - 1, place)
        begin = torch.tensor([place - step], device=self.device)
        left = torch.tensor([situation.get("left", 1.0)], dtype=torch.float64, device=self.device)
        return {"share": float(self._wanted(policy, Place(begin, torch.full_like(begin, step), left)))}

    def baselines(self, split: Split) -> Mapping[str, Measures]:
        start = self._end_to_end(split)
        return {
            "twap": self._judge(start, lambda place: torch.full_like(place.left, 1 / self.horizon)),
            "immediate": self._judge(start, lambda place: place.left),
            "random": by_chance(lambda dice: self._judge(start, lambda place: self._thrown(place, dice))),
        }

    def _wanted(self, policy: Policy, place: Place) -> Tensor:
        share = self.wanted(policy, place)
        return torch.where(place.step == self.horizon - 1, place.left, share)

    def _judge(self, place: Place, slices: Callable[[Place], Tensor]) -> Measures:
        arrival = self._book.middle[place.begin]
        paid, even, filled = (torch.zeros_like(arrival) for _ in range(3))
        for step in range(self.horizon):
            share = place.left if step == self.horizon - 1 else slices(place).minimum(place.left)
            paid += share * self._price(place.now, share)
            even += self._price(place.now, torch.full_like(share, 1 / self.horizon)) / self.horizon
            filled += share
            place, _, _ = self.trade(place, share)
        saving = self._sign * (paid - even) / arrival
        return {
            "cost_bps": float((self._sign * (arrival - paid) / arrival).mean() * 1e4),
            "saving_bps": float(saving.mean() * 1e4),
            "saving_error_bps": _error(saving) * 1e4,
            "win_rate": float((saving > 1e-9).double().mean()),
            "filled": float(filled.mean()),
        }

    def _saved(self, place: Place, share: Tensor, over: Tensor) -> Tensor:
        """The part of the saving that this slice brings, as a share of the price at the window's begin."""
        middle, now, end = self._book.middle, place.now, place.begin + self.horizon
        steps = self.horizon - place.step
        coming = (self._sums[end] - self._sums[now + 1]) / (steps - 1).clamp(min=1)
        better = torch.where(steps > 1, middle[now] - coming, 0.0)
        paid = share * (self._price(now, share) - middle[now])
        even = self._even[torch.where(over, end, now + 1)] - self._even[now]
        return self._sign * ((share - place.left / steps) * better + paid - even) / middle[place.begin]

    def _summed(self) -> tuple[Tensor, Tensor]:
        """Sums up to each time, [T + 1]: of the prices, and of what trading evenly pays beyond them."""
        middle = self._book.middle
        slices = torch.full_like(middle, 1 / self.horizon)
        beyond = slices * (self._price(torch.arange(len(middle), device=self.device), slices) - middle)
        nothing = torch.zeros_like(middle[:1])
        return torch.cat((nothing, middle)).cumsum(0), torch.cat((nothing, beyond)).cumsum(0)

    def _price(self, now: Tensor, share: Tensor) -> Tensor:
        """What a unit brings or costs, with fees."""
        return self.fill(now, share) * (1 - self._sign * self._cost)

    def _own(self, place: Place) -> Tensor:
        middle = self._book.middle
        gone = place.step / self.horizon
        drift = self._sign * (middle[place.now] / middle[place.begin] - 1)
        return torch.stack((place.left, 1 - gone, place.left - (1 - gone), drift), -1).float()

    def choices(self, place: Place) -> Tensor:
        """The slices that may be chosen: none so small that the largest ones could not finish the order in time."""
        steps = self.horizon - place.step
        pace = place.left / steps
        slices = [(pace * times).clamp(max=self._largest) for times in PACES]
        needed = (place.left - self._largest * (steps - 1)).clamp(min=0, max=self._largest)
        offered = torch.stack((*slices, torch.full_like(pace, self._largest)), -1)
        return offered.maximum(needed.unsqueeze(-1)).minimum(place.left.unsqueeze(-1))

    def _thrown(self, place: Place, dice: torch.Generator) -> Tensor:
        choices = self.choices(place)
        chosen = torch.randint(CHOICES, (len(choices), 1), generator=dice, device=dice.device).to(self.device)
        return choices.gather(1, chosen).squeeze(1)

    def _end_to_end(self, split: Split) -> Place:
        return self.start(self.begins(split)[:: self.horizon])

    def begins(self, split: Split) -> Tensor:
        """Where a window may begin: with all of its past in the data and all of its future in the split."""
        part = self._splits[split]
        first, beyond = max(part.start, self._lookback - 1), part.stop - self.horizon + 1
        if beyond <= first:
            message = f"The part {split} has {len(part):,} usable bars, fewer than one horizon of {self.horizon:,}."
            raise BadInput("TOO_FEW_ROWS", f"{message} Bring more data, or choose a shorter horizon.")
        return torch.arange(first, beyond, device=self.device)


def _error(savings: Tensor) -> float:
    """Standard error of their mean; a single one may be all chance."""
    count = len(savings)
    return float(savings.std() / count**0.5 if count > 1 else savings.abs().sum())
