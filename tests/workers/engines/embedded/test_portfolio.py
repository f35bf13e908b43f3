"""The portfolio environment: money that can be counted by hand, limits, and nothing from the future."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.workers.engines.embedded.portfolio_markets import config, market_of_returns, planted
from workers.engines.embedded.environments.holdings import Limits, Seen
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.environments.portfolio_accounts import Accounts
from workers.engines.embedded.market import Market
from workers.engines.embedded.shapes import SPLITS

FREE = {"transaction_cost": 0.0, "slippage": 0.0}


class Fixed:
    """Always wants the same weights."""

    def __init__(self, *weights: float) -> None:
        self.weights = torch.tensor(weights)

    def act(self, observation: Seen) -> Tensor:
        return self.weights.expand_as(observation.held)


class Reader:
    """Follows the newest first feature and leans on what it holds: what it sees decides what it does."""

    def act(self, observation: Seen) -> Tensor:
        return (observation.windows[:, :, -1, 0] + observation.held).softmax(-1)


def task_of(returns: list[list[float]], **changes: Any) -> PortfolioTask:
    """The whole market is the train split, and there is one empty feature."""
    array = np.array(returns)
    market = market_of_returns(array, np.zeros((*array.shape, 1)), splits=(len(array), len(array)))
    return PortfolioTask(market, config("ppo", lookback=1, **changes))


def test_gains_and_costs_are_those_of_a_hand_calculation() -> None:
    task = task_of([[0, 0], [0.10, -0.05], [0.02, 0.04]], transaction_cost=0.009, slippage=0.001)
    walk = task.walk(Fixed(0.5, 0.3), "train")
    # First bar: 0.8 traded at 1 % costs 0.008; 0.5 * 0.10 - 0.3 * 0.05 = 0.035.
    assert walk.gains[0].item() == pytest.approx(0.035 - 0.008, abs=1e-7)
    # The market has made 0.55 and 0.285 of them, of an equity of 1.027.
    drifted = [0.55 / 1.027, 0.285 / 1.027]
    assert walk.before[1].tolist() == pytest.approx(drifted, abs=1e-7)
    cost = 0.01 * (abs(0.5 - drifted[0]) + abs(0.3 - drifted[1]))
    assert walk.gains[1].item() == pytest.approx(0.5 * 0.02 + 0.3 * 0.04 - cost, abs=1e-7)
    measures = task.evaluate(Fixed(0.5, 0.3), "train")
    assert measures["total_return"] == pytest.approx(1.027 * (1.022 - cost) - 1, abs=1e-6)
    assert measures["exposure"] == pytest.approx(0.8)


def test_cash_earns_nothing() -> None:
    task = task_of([[0, 0], [0.10, -0.05], [0.02, 0.04]])
    assert task.evaluate(Fixed(0.0, 0.0), "train")["total_return"] == 0


def test_a_short_position_earns_what_the_asset_loses() -> None:
    task = task_of([[0, 0], [0.10, -0.05]], allow_short=True, **FREE)
    assert task.walk(Fixed(-0.5, -0.5), "train").gains.tolist() == pytest.approx([-0.025], abs=1e-7)


def test_no_short_position_without_leave() -> None:
    task = task_of([[0, 0], [0.10, -0.05]], **FREE)
    assert task.walk(Fixed(-0.5, 0.5), "train").weights.tolist() == [[0.0, 0.5]]


@pytest.mark.parametrize(
    ("largest", "wanted", "held"),
    [(1.0, (2, 2), (0.5, 0.5)), (0.3, (0.9, 0.1), (0.3, 0.1)), (2.0, (2, 2), (1, 1)), (2.0, (3, 0), (2, 0))],
)
def test_no_position_and_no_account_is_larger_than_allowed(largest: float, wanted: Any, held: Any) -> None:
    task = task_of([[0, 0], [0.1, 0.1]], max_position=largest, **FREE)
    assert task.walk(Fixed(*wanted), "train").weights[0].tolist() == pytest.approx(held)


def test_an_account_that_lost_everything_stays_at_nothing() -> None:
    task = task_of([[0.0], [-0.6], [0.5], [0.5]], max_position=2.0, **FREE)
    walk = task.walk(Fixed(2.0), "train")
    assert walk.gains.tolist() == [-1.0, 0.0, 0.0]
    assert walk.weights[1:].abs().sum() == 0
    measures = task.evaluate(Fixed(2.0), "train")
    assert measures["total_return"] == -1.0
    assert measures["max_drawdown"] == -1.0


def test_an_asset_without_a_price_is_not_held() -> None:
    returns = np.array([[0, 0], [0.1, 0.1], [0, 0.1], [0.1, 0.1]])
    market = market_of_returns(returns, np.zeros((4, 2, 1)), splits=(4, 4))
    market.quoted[1:3, 0] = False
    task = PortfolioTask(market, config("ppo", lookback=1, **FREE))
    assert task.walk(Fixed(0.5, 0.5), "train").weights.tolist() == [[0.5, 0.5], [0, 0.5], [0, 0.5]]
    assert task.baselines("train")["equal_weight"]["exposure"] == pytest.approx(1.0)


@pytest.mark.parametrize("short", [True, False])
def test_scores_become_weights_within_the_limits(short: bool) -> None:
    limits = Limits(1.0, short)
    scores = 50 * torch.randn(1_000, 7, generator=torch.Generator().manual_seed(1))
    tradable = torch.rand(1_000, 7, generator=torch.Generator().manual_seed(2)) > 0.3
    weights = limits.spread(scores, tradable)
    assert torch.allclose(weights, limits.permit(weights, tradable), atol=1e-6)
    assert bool((weights[~tradable] == 0).all())
    assert bool((weights >= 0).all()) is not short


def test_equal_scores_are_equal_weights_and_no_opinion_is_no_short() -> None:
    tradable = torch.ones(1, 4, dtype=torch.bool)
    assert Limits(1.0, False).spread(torch.zeros(1, 4), tradable).tolist() == [pytest.approx([0.2] * 4)]
    assert Limits(1.0, True).spread(torch.zeros(1, 4), tradable).tolist() == [[0.0] * 4]


def test_many_bars_at_once_are_the_bars_one_by_one() -> None:
    task = PortfolioTask(planted(bars=700), config("eiie"))
    at_once = task.walk(Reader(), "train")
    held, gains = torch.zeros(1, 6), []
    for place in task.places("train"):
        here = torch.tensor([place])
        gain, held = task.settle(here, held, Reader().act(task.see(here, held)))
        gains.append(gain.item())
    assert at_once.gains.tolist() == pytest.approx(gains, abs=1e-6)


class Holder:
    """Keeps what it has: no bar can be guessed before the one before it."""

    def act(self, observation: Seen) -> Tensor:
        first = (observation.held.sum(-1, keepdim=True) == 0).float()
        return observation.held + first / observation.held.shape[1]


def test_an_agent_that_holds_on_to_what_it_has() -> None:
    task = PortfolioTask(planted(bars=700), config("eiie"))
    kept = task.baselines("valid")["buy_and_hold"]
    assert task.evaluate(Holder(), "valid") == pytest.approx(kept, rel=1e-4, abs=1e-6)


def test_baselines_pay_what_the_agent_pays() -> None:
    market = planted(bars=700)
    task, free = PortfolioTask(market, config("eiie")), PortfolioTask(market, config("eiie", **FREE))
    equal = task.baselines("valid")["equal_weight"]
    assert equal == pytest.approx(task.evaluate(Fixed(*[1 / 6] * 6), "valid"), rel=1e-4, abs=1e-5)
    for name, measures in task.baselines("valid").items():
        assert measures["total_return"] < free.baselines("valid")[name]["total_return"]


def shuffled_after(market: Market, place: int) -> Market:
    """The same market up to and including this bar, and another future."""
    order = torch.randperm(len(market.times) - place - 1, generator=torch.Generator().manual_seed(3)) + place + 1
    mixed = torch.cat((torch.arange(place + 1), order))
    prices = {name: price[mixed] for name, price in market.prices.items()}
    return replace(market, prices=prices, returns=market.returns[mixed], features=market.features[mixed].contiguous())


def test_another_future_changes_nothing_before_it() -> None:
    market = planted(bars=700)
    task = PortfolioTask(market, config("eiie"))
    last = task.places("valid").start + 60
    other = PortfolioTask(shuffled_after(market, last), config("eiie"))
    walk, theirs = task.walk(Reader(), "valid"), other.walk(Reader(), "valid")
    assert torch.equal(walk.weights[:61], theirs.weights[:61])
    assert torch.equal(walk.gains[:60], theirs.gains[:60])
    assert not torch.equal(walk.weights[61:], theirs.weights[61:])
    places = torch.arange(task.lookback - 1, last + 1)
    held = torch.zeros(len(places), 6)
    for ours, others in zip(task.see(places, held), other.see(places, held), strict=True):
        assert torch.equal(ours, others)


def test_the_window_ends_with_the_bar_itself() -> None:
    features = np.arange(40.0).reshape(20, 2, 1)
    task = PortfolioTask(market_of_returns(np.zeros((20, 2)), features), config("eiie", lookback=3))
    seen = task.see(torch.tensor([2, 7]), torch.zeros(2, 2))
    assert seen.windows[:, :, :, 0].tolist() == [[[0, 2, 4], [1, 3, 5]], [[10, 12, 14], [11, 13, 15]]]


def test_accounts_go_around_the_train_split_and_no_further() -> None:
    task = PortfolioTask(planted(bars=100), config("eiie"))
    accounts = Accounts(task, 4, torch.Generator().manual_seed(1))
    span, visited = task.places("train"), set[int]()
    for _ in range(task.train_steps):
        visited |= set(accounts.places.tolist())
        played = accounts.step(torch.full((4, 6), 1 / 6))
        assert bool((accounts.held[played.over] == 0).all())
        assert accounts.places[played.over].tolist() == [span.start] * int(played.over.sum())
    assert visited == set(span)
    assert max(span) + 1 == task.market.splits["train"].stop - 1


def test_the_next_bar_of_a_split_pays_and_no_bar_after_it() -> None:
    task = PortfolioTask(planted(bars=100), config("eiie"))
    for split in SPLITS:
        whole = task.market.splits[split]
        assert task.places(split).stop == whole.stop - 1
        assert task.places(split).start >= whole.start


def test_rewards_count_usual_moves() -> None:
    returns = np.random.default_rng(1).normal(0, 0.03, (400, 3))
    task = PortfolioTask(market_of_returns(returns, np.zeros((400, 3, 1))), config("eiie"))
    assert task.unit == pytest.approx(0.03, rel=0.1)
    assert task.reward(torch.tensor([0.03])).item() == pytest.approx(np.log(1.03) / task.unit, rel=1e-5)
    assert bool(task.reward(torch.tensor([-1.0])).isfinite())
