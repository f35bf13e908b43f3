"""ETEO and policy distillation: they beat trading evenly where the book tells something, and not where it does not."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.workers.engines.embedded.book_markets import generated, with_other_future
from tests.workers.engines.embedded.small import config
from workers.engines.embedded.algorithms import eteo, pd
from workers.engines.embedded.environments.execution import ExecutionTask
from workers.engines.embedded.market import Market
from workers.engines.embedded.parts.orders import CHOICES, OWN, Place
from workers.engines.embedded.registry import algorithm_of

BOTH = ("eteo", "pd")
MARGIN = 0.5
"""Basis points of the price that are saved against trading evenly, on a book that was never seen. Where chance alone
decides, the mean over so many windows is within 0.25 of 0, and who knew all prices would save about 5."""


def task_on(market: Market, name: str, **changes: Any) -> ExecutionTask:
    return ExecutionTask(market, settings(name, **changes))


def settings(name: str, **changes: Any) -> dict[str, Any]:
    return config("order_execution", name, **changes)


def learned(name: str, market: Market, seed: int, steps: int, **changes: Any) -> Any:
    task = task_on(market, name, **changes)
    learner: Any = algorithm_of("order_execution", name).learner(task, settings(name, **changes), seed)
    learner.learn(steps)
    return learner


def unseen() -> Market:
    return generated(rows=20_000, seed=99)


@pytest.mark.parametrize(("name", "steps"), [("eteo", 14_000), ("pd", 16_000)])
def test_it_beats_trading_evenly_on_a_book_it_never_saw(name: str, steps: int) -> None:
    learner = learned(name, generated(rows=8_000, seed=13), 1, steps, teacher_epochs=3)
    measures = task_on(unseen(), name).evaluate(learner.policy, "train")
    assert measures["saving_bps"] > MARGIN
    assert measures["win_rate"] > 0.52
    assert measures["filled"] == pytest.approx(1.0)


@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", BOTH)
def test_it_does_so_from_every_seed(name: str, seed: int) -> None:
    market = generated(rows=8_000, seed=13)
    learner = learned(name, market, seed, 10 * len(market.splits["train"]))
    assert task_on(unseen(), name).evaluate(learner.policy, "train")["saving_bps"] > MARGIN


def saving_in_usual_moves(name: str, seed: int, steps: int, **changes: Any) -> float:
    learner = learned(name, generated("noise", rows=3_000, features=3, seed=seed), seed, steps, **changes)
    fresh = task_on(generated("noise", rows=20_000, features=3, seed=98), name)
    return fresh.evaluate(learner.policy, "train")["saving_bps"] / (fresh.usual_move * 1e4)


NOISE = 0.1
"""More than three standard errors of the mean saving over 400 windows of pure noise, in usual moves of the price."""


@pytest.mark.parametrize("name", BOTH)
def test_on_noise_it_saves_nothing_beyond_chance(name: str) -> None:
    assert abs(saving_in_usual_moves(name, 1, 5_000, teacher_epochs=2)) < NOISE


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize("name", BOTH)
def test_on_noise_no_seed_saves_anything(name: str, seed: int) -> None:
    assert abs(saving_in_usual_moves(name, seed, 18_000)) < NOISE


@pytest.mark.parametrize("name", BOTH)
def test_the_network_has_no_place_for_what_a_teacher_knows(name: str) -> None:
    task = task_on(generated(rows=600), name)
    kept = algorithm_of("order_execution", name).learner(task, settings(name), 1).network.state_dict()
    shapes = {place: tuple(tensor.shape) for place, tensor in kept.items()}
    assert shapes == {
        "usual_move": (),
        "memory.weight_ih_l0": (3 * 32, task.columns),
        "memory.weight_hh_l0": (3 * 32, 32),
        "memory.bias_ih_l0": (3 * 32,),
        "memory.bias_hh_l0": (3 * 32,),
        "head.0.weight": (64, 32 + OWN),
        "head.0.bias": (64,),
        "head.2.weight": (64, 64),
        "head.2.bias": (64,),
        "head.4.weight": (CHOICES, 64),
        "head.4.bias": (CHOICES,),
    }


def test_a_student_is_judged_without_its_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    learner = learned("pd", generated(rows=600), 1, 1_024, teacher_epochs=1)
    monkeypatch.setattr(ExecutionTask, "coming", None)
    task = task_on(generated(rows=600), "pd")
    assert task.evaluate(learner.policy, "valid")["filled"] == pytest.approx(1.0)


@pytest.mark.parametrize("name", BOTH)
def test_what_it_prefers_does_not_depend_on_what_comes_later(name: str) -> None:
    learner = learned(name, generated(rows=600), 1, 1_024, teacher_epochs=1)
    place = Place(torch.tensor([395, 380]), torch.tensor([5, 20]), torch.tensor([0.7, 0.4], dtype=torch.float64))
    markets = generated(rows=600), with_other_future(400, lookback=10, rows=600)
    one, other = (task_on(market, name).see(place) for market in markets)
    assert torch.equal(learner.network(one.bars, one.own), learner.network(other.bars, other.own))


@pytest.mark.soak
def test_a_teacher_is_better_than_its_student_can_be() -> None:
    learner: pd.Pd = learned("pd", generated(rows=8_000, seed=13), 1, 1_024)
    task = learner._task

    def advised(place: Place) -> torch.Tensor:
        return task.choices(place).gather(1, learner._teacher.odds(place).argmax(1, keepdim=True)).squeeze(1)

    assert task._judge(task._end_to_end("train"), advised)["saving_bps"] > 2.5


def test_both_say_what_they_measured() -> None:
    learner = learned("pd", generated(rows=600), 1, 1_024, teacher_epochs=1)
    figures = learner.learn(2_048)
    assert set(figures) == {"reward", "loss", "entropy", "value_loss", "distillation"}
    assert set(learned("eteo", generated(rows=600), 1, 1_024).learn(2_048)) == {
        "reward",
        "loss",
        "entropy",
        "value_loss",
    }
    assert eteo.network is pd.network
