"""The trading environment: money that can be counted by hand, and nothing from the future."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.workers.engines.embedded.trading_markets import by_hand, config, market
from workers.engines.embedded.algorithms.dqn import Greedy, network
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.environments.trading_accounts import Accounts
from workers.engines.embedded.parts.nets import generator_of, start

SHORT, FLAT, LONG = 0, 1, 2


class Says:
    """Chooses what it was told, bar by bar."""

    def __init__(self, task: TradingTask, *chosen: int) -> None:
        self._chosen = torch.tensor(chosen)
        self._windows = task.market.windows(task.lookback).flatten(1)

    def act(self, observation: Tensor) -> Tensor:
        places = [int((self._windows == row[:-1]).all(1).nonzero()[0, 0]) for row in observation]
        return self._chosen[torch.tensor(places)]


def task(closes: list[float], **changes: Any) -> TradingTask:
    given = {"lookback": 1, "transaction_cost": 0.01, "slippage": 0.0, **changes}
    return TradingTask(by_hand(closes, [[float(row)] for row in range(len(closes))]), config(**given))


def gains(of: TradingTask, *chosen: int) -> list[float]:
    """Bar by bar, from nothing held."""
    held = torch.tensor([of.flat, *chosen[:-1]])
    return of.settle(torch.arange(len(chosen)), held, torch.tensor(chosen))[0].tolist()


def test_long_earns_what_the_price_does_less_the_cost_of_getting_there() -> None:
    assert gains(task([100, 110, 99]), LONG, LONG) == pytest.approx([0.10 - 0.01, -0.10])


def test_short_earns_the_opposite_and_pays_to_stay_at_its_target() -> None:
    # After 10 % up, a short of 1 is 1.1 of an equity of 0.9: 0.2222 too much, and bought back at 1 %.
    assert gains(task([100, 110, 99]), SHORT, SHORT) == pytest.approx([-0.10 - 0.01, 0.10 - 0.01 * (1.1 / 0.9 - 1)])


def test_turning_around_costs_twice() -> None:
    assert gains(task([100, 100, 100]), LONG, SHORT) == pytest.approx([-0.01, -0.02])


def test_flat_earns_nothing_and_costs_nothing() -> None:
    assert gains(task([100, 150, 20]), FLAT, FLAT) == [0.0, 0.0]


def test_slippage_adds_to_the_cost() -> None:
    assert gains(task([100, 100], slippage=0.005), LONG) == pytest.approx([-0.015])


def test_nobody_loses_more_than_he_has() -> None:
    # A short of 1 loses 150 % when the price rises by that much; 5 times long loses 250 % when it halves.
    assert gains(task([100, 250, 250]), SHORT, FLAT)[0] == -1.0
    assert gains(task([100, 50], max_position=5.0), LONG) == [-1.0]


def test_a_closed_account_stays_closed() -> None:
    broke = task([100, 250, 500, 1000])
    measures = broke.evaluate(Says(broke, SHORT, LONG, LONG), "valid")
    assert measures["total_return"] == -1.0
    assert measures["annual_return"] == -1.0
    assert measures["max_drawdown"] == -1.0
    assert measures["trades"] == 1


def test_levels_are_evenly_spread() -> None:
    assert task([1, 1], max_position=2.0, position_levels=5).levels.tolist() == [-2, -1, 0, 1, 2]
    long_only = task([1, 1], allow_short=False, position_levels=4, max_position=1.5)
    assert long_only.levels.tolist() == [0, 0.5, 1, 1.5]
    assert long_only.flat == 0


def test_measures_of_a_walk_are_those_of_its_gains() -> None:
    walk = task([100, 110, 99, 99, 108.9])
    measures = walk.evaluate(Says(walk, LONG, SHORT, FLAT, LONG, FLAT), "valid")
    # Turned around at 110: from 1 to -1. Then from a short that a fall by 10 % has made 0.9 / 1.1 to nothing.
    earned = [0.10 - 0.01, 0.10 - 0.02, -0.01 * 0.9 / 1.1, 0.10 - 0.01]
    assert measures["total_return"] == pytest.approx(math.prod(1 + gain for gain in earned) - 1)
    assert measures["trades"] == 4
    assert measures["exposure"] == pytest.approx(0.75)
    assert measures["win_rate"] == pytest.approx(1.0)
    assert measures["turnover"] == pytest.approx((1 + 2 + 0.9 / 1.1 + 1) / 4 * 365)


def test_baselines_pay_costs_too() -> None:
    baselines = task([100, 110, 121]).baselines("test")
    assert baselines["buy_and_hold"]["total_return"] == pytest.approx(1.09 * 1.10 - 1)
    assert baselines["flat"]["total_return"] == 0
    assert set(baselines) == {"buy_and_hold", "flat", "random"}
    assert baselines == task([100, 110, 121]).baselines("test")


def test_chance_earns_about_nothing_where_there_is_nothing_to_pay() -> None:
    free = TradingTask(market("noise", rows=3_000), config(lookback=1, transaction_cost=0.0, slippage=0.0))
    assert abs(free.baselines("train")["random"]["sharpe"]) < 0.5


def test_going_all_at_once_is_going_bar_by_bar() -> None:
    """Whatever the network makes of what is held, the walk is that of one who decides at each bar in turn."""
    for seed in range(5):
        one = TradingTask(market("planted_signal", rows=600, features=3), config(lookback=1))
        net = network(one, one_config := config(lookback=1))
        start(net, generator_of(seed))
        with torch.no_grad():
            next(iter(net.parameters()))[:, -1] *= 20
        policy = Greedy(net)
        held, chosen = one.flat, []
        for place in one.span("train"):
            held = int(policy.act(one.see(torch.tensor([place]), torch.tensor([held]))))
            chosen.append(float(one.levels[held]))
        assert one.targets(policy, "train")[:-1, 0].tolist() == chosen
        assert one_config["position_levels"] == 3


def test_no_observation_knows_what_comes_after_it() -> None:
    """The future of a bar is shuffled: nothing that is seen up to it changes, nor what is gained until then."""
    whole = market("planted_signal", lookback=5, rows=600)
    order = torch.cat((torch.arange(300), 300 + torch.randperm(300, generator=generator_of(1))))
    shuffled = replace(whole, features=whole.features[order], returns=whole.returns[order], prices={})
    places, held = torch.arange(24, 300), torch.arange(276) % 3
    before, after = (TradingTask(each, config(lookback=5)) for each in (whole, shuffled))
    assert torch.equal(before.see(places, held), after.see(places, held))
    assert not torch.equal(before.see(places + 200, held), after.see(places + 200, held))
    assert torch.equal(
        before.settle(places[:-1], held[:-1], held[1:])[0], after.settle(places[:-1], held[:-1], held[1:])[0]
    )


def test_an_observation_is_the_latest_bars_and_what_is_held() -> None:
    seen = task([100, 101, 102, 103], lookback=2, max_position=2.0).see(torch.tensor([2, 3]), torch.tensor([0, 1]))
    assert seen.tolist() == [[1.0, 2.0, -1.0], [2.0, 3.0, 0.0]]


def test_accounts_never_leave_the_train_split() -> None:
    one = TradingTask(market("noise", rows=200), config(lookback=1))
    span, chance = one.span("train"), generator_of(3)
    accounts = Accounts(one, 32, chance)
    for _ in range(2 * len(span)):
        played = accounts.step(torch.randint(3, (32,), generator=chance))
        assert bool(((played.places >= span.start) & (played.places < span.stop)).all())
        began = accounts.places == span.start
        assert bool((accounts.held[began] == one.flat).all())
        assert bool((accounts.held[~began] == played.chosen[~began]).all())
    assert span.stop == one.market.splits["train"].stop - 1


def test_a_decision_starts_from_what_is_held() -> None:
    class Keeps(nn.Module):
        def forward(self, seen: Tensor) -> Tensor:
            return torch.stack((-seen[:, -1], 0.1 - seen[:, -1].abs(), seen[:, -1]), 1)

    one, keeps = task([100, 101, 102]), Greedy(Keeps())
    assert one.decide(keeps, 2, {"AAA": 1.0}) == {"AAA": 1.0}
    assert one.decide(keeps, 2, {"AAA": -0.8}) == {"AAA": -1.0}
    assert one.decide(keeps, 2, {}) == {"AAA": 0.0}
