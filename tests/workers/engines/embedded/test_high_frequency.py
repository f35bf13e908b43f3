"""High-frequency trading: costs and hindsight by hand, and nothing of the future in what is seen or kept."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.workers.engines.embedded.book_markets import (
    book_market,
    config,
    generated,
    plain_market,
    with_other_future,
)
from workers.engines.embedded.algorithms.high_frequency_ddqn import Demonstrated, Hindsight, learner
from workers.engines.embedded.environments.high_frequency import HighFrequencyTask, Sessions
from workers.engines.embedded.market import Market
from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.shapes import BadInput

TASK = "high_frequency_trading"


def settings(**changes: Any) -> dict[str, Any]:
    return config(TASK, "ddqn", **changes)


def task_on(market: Market, **changes: Any) -> HighFrequencyTask:
    return HighFrequencyTask(market, settings(**changes))


def places(*numbers: int) -> Tensor:
    return torch.tensor(numbers)


class Plan:
    """Chooses these levels, bar by bar."""

    def __init__(self, task: HighFrequencyTask, *chosen: int) -> None:
        self._task, self._chosen = task, torch.tensor(chosen)

    def act(self, observation: Tensor) -> Tensor:
        return self._chosen[observation[:, -2].long()]


@pytest.mark.parametrize(
    ("capital", "held", "chosen", "worse"),
    [
        (1_000.0, 0, 1, 0.5),  # 10 units: all at the best ask, half a unit from the middle
        (1_000.0, 1, 0, 0.5),
        (3_000.0, 0, 1, (10 * 0.5 + 20 * 1.5) / 30),  # 30 units: both levels
        (5_000.0, 0, 1, (10 * 0.5 + 20 * 1.5 + 20 * 2.5) / 50),  # 50: one more level than can be seen
        (1_000.0, 1, 1, 0.0),
        (1_000.0, 0, 0, 0.0),
    ],
)
def test_a_change_crosses_the_spread(capital: float, held: int, chosen: int, worse: float) -> None:
    task = task_on(book_market([100.0, 100.0, 102.0]), position_levels=2, initial_capital=capital)
    gain, turnover = task.settle(places(1), places(held), places(chosen))
    assert float(turnover) == pytest.approx(abs(chosen - held))
    assert float(gain) == pytest.approx(0.02 * chosen - worse / 100, abs=1e-12)


def test_fees_and_slippage_come_on_top() -> None:
    free, dear = (
        task_on(book_market([100.0] * 3), position_levels=2, transaction_cost=cost, slippage=cost / 2)
        for cost in (0.0, 0.01)
    )
    bought = [float(task.settle(places(1), places(0), places(1))[0]) for task in (free, dear)]
    assert bought[0] - bought[1] == pytest.approx(0.015)


def test_an_account_from_its_first_snapshot_to_its_last() -> None:
    task = task_on(book_market([100.0, 110.0, 110.0, 99.0]), position_levels=2, initial_capital=1_000.0)
    measures = task.evaluate(Plan(task, 1, 1, 0), "train")
    growth = (1 + 0.1 - 0.005) * (1 + 0.0) * (1 - 0.5 / 110)
    assert measures["total_return"] == pytest.approx(growth - 1)
    assert measures["trades"] == 2


def test_what_needs_no_agent() -> None:
    task = task_on(book_market([100.0, 110.0, 110.0, 99.0]), initial_capital=1_000.0)
    baselines = task.baselines("train")
    assert set(baselines) == {"buy_and_hold", "flat", "random"}
    assert baselines["flat"]["total_return"] == 0
    assert baselines["buy_and_hold"]["total_return"] == pytest.approx(1.095 * 1.0 * 0.9 - 1)


def test_bars_without_a_book_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        task_on(plain_market([100.0, 101.0]))
    assert refused.value.code == "NO_ORDER_BOOK"


@pytest.mark.parametrize("known", [400, 520])
def test_nothing_of_the_future_is_seen(known: int) -> None:
    markets = generated(rows=600, lookback=3), with_other_future(known, rows=600, lookback=3)
    one, other = (task_on(market, lookback=3) for market in markets)
    seen = torch.arange(300, known + 1)
    held = seen % one.actions
    assert torch.equal(one.see(seen, held), other.see(seen, held))
    assert not torch.equal(one.see(seen + 1, held), other.see(seen + 1, held))


def worth_in_hindsight(task: HighFrequencyTask, discount: float) -> Tensor:
    hindsight = Hindsight(task, discount)
    while hindsight.share < 1:
        hindsight.go_on()
    return hindsight.worth


def test_hindsight_is_the_best_of_all_paths() -> None:
    task = task_on(book_market([100.0, 103.0, 101.0, 104.0, 104.5]), position_levels=3, initial_capital=2_000.0)
    best = worth_in_hindsight(task, 0.9)
    for held in range(3):
        worths = []
        for path in itertools.product(range(3), repeat=4):
            before = (held, *path[:-1])
            gains = [
                float(task.settle(places(bar), places(old), places(new))[0])
                for bar, (old, new) in enumerate(zip(before, path, strict=True))
            ]
            worths.append(sum(gain * 0.9**bar for bar, gain in enumerate(gains)))
        assert float(best[0, held]) * task.unit == pytest.approx(max(worths), rel=1e-9)


def test_hindsight_knows_the_train_split_only() -> None:
    market = generated(rows=600, lookback=1)
    stop = market.splits["train"].stop
    ruined = {name: torch.cat((price[:stop], price[stop:] * 3)) for name, price in market.prices.items()}
    one, other = (worth_in_hindsight(task_on(each), 0.99) for each in (market, replace(market, prices=ruined)))
    assert torch.equal(one, other)
    assert len(one) == len(market.splits["train"])


def test_a_demonstration_prefers_what_was_best() -> None:
    task = task_on(book_market([100.0, 90.0, 130.0, 130.0]), position_levels=2, initial_capital=1_000.0)
    agent = learner(task, settings(), 1)
    agent.prepare()
    shown = agent._shown(places(0, 1), places(0, 0))
    assert shown.argmax(1).tolist() == [0, 1]


def test_sessions_end_after_their_length() -> None:
    task = task_on(generated(rows=600, lookback=1), episode_length=10)
    sessions = Sessions(task, 4, generator_of(1))
    for step in range(1, 25):
        sessions.step(torch.full((4,), 3))
        assert (sessions.gone <= step % 10).all()
        assert ((sessions.held == 3) == (sessions.gone > 0)).all()
        assert all(int(place) in task.span("train") for place in sessions.places)


def test_the_network_and_what_it_does_know_nothing_of_hindsight(monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_on(generated(rows=600, lookback=1))
    agent = learner(task, settings(hidden_layers=(16,)), 1)
    agent.learn(1_280)
    shapes = {name: tuple(tensor.shape) for name, tensor in agent.network.state_dict().items()}
    assert shapes == {
        "0.weight": (16, task.width),
        "0.bias": (16,),
        "2.weight": (task.actions, 16),
        "2.bias": (task.actions,),
    }
    before = task.evaluate(agent.policy, "test")
    agent._hindsight.worth.fill_(torch.nan)
    monkeypatch.setattr(Demonstrated, "_shown", None)
    assert task.evaluate(agent.policy, "test") == before


def trained(market: Market, seed: int, steps: int, **changes: Any) -> Demonstrated:
    agent = learner(task_on(market, **changes), settings(**changes), seed)
    agent.learn(steps)
    return agent


def fast_book(rows: int, seed: int, effect: float = 0.8, **values: Any) -> Market:
    return generated(rows=rows, seed=seed, lookback=1, imbalance_effect=effect, **values)


SHARPE = 8.0
"""A year of minutes has half a million bars: 8 is 0.011 for each of them. On the same book, buying at random loses 20
and more, as each change crosses the spread."""


def test_it_earns_more_than_it_pays_on_a_book_it_never_saw() -> None:
    agent = trained(fast_book(10_000, 14), 1, 24_000, epochs=4)
    task = task_on(fast_book(20_000, 98))
    assert task.evaluate(agent.policy, "train")["sharpe"] > SHARPE
    assert task.baselines("train")["random"]["sharpe"] < -SHARPE


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_does_so_from_every_seed(seed: int) -> None:
    agent = trained(fast_book(10_000, 14), seed, 60_000)
    assert task_on(fast_book(20_000, 98)).evaluate(agent.policy, "train")["sharpe"] > SHARPE


def surprise(seed: int, steps: int) -> float:
    """By how many standard errors the mean return on a fresh book lies above 0, where no book tells anything."""
    agent = trained(fast_book(4_000, seed, effect=0, reversion=0), seed, steps, epochs=2)
    task = task_on(fast_book(20_000, 97, effect=0, reversion=0))
    measures, bars = task.evaluate(agent.policy, "train"), task.train_steps
    return float(measures["sharpe"] * (bars / task.market.bars_per_year) ** 0.5)


def test_on_noise_it_earns_nothing_beyond_chance() -> None:
    assert surprise(1, 4_800) < 2.5


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_on_noise_no_seed_earns_anything(seed: int) -> None:
    assert surprise(seed, 4_800) < 2.5
