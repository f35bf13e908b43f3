"""One agent: the same whatever the pieces it is played in, and whole again from its state."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.workers.engines.embedded.trading_markets import TASK, config, market
from workers.engines.embedded import checkpoint
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.registry import algorithm_of, pairs, task_of
from workers.engines.embedded.seeds import SeedRun, interval_of
from workers.engines.embedded.shapes import BadInput, Learner
from workers.engines.embedded.voice import Voice

SMALL: dict[str, Any] = {
    "epochs": 12,
    "evaluation_interval": 500,
    "hidden_layers": [16],
    "batch_size": 64,
    "lookback": 2,
}
ALGORITHMS = ("dqn", "ddqn", "deepscalper")


def learner(name: str, seed: int = 1, **changes: Any) -> Learner:
    wanted = config(name, **SMALL, warmup_steps=200, **changes)
    return algorithm_of(TASK, name).learner(a_task(wanted), wanted, seed)


def a_task(wanted: dict[str, Any]) -> TradingTask:
    return TradingTask(market("planted_signal", lookback=2, rows=400, features=3), wanted)


def play_out(run: SeedRun) -> None:
    while not run.is_over:
        run.advance()


def weights(of: Learner) -> list[Tensor]:
    return [value.clone() for value in of.network.state_dict().values()]


def same(first: list[Tensor], second: list[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("n_step", [1, 3])
def test_pieces_make_no_difference(name: str, n_step: int) -> None:
    at_once, by_pieces = learner(name, n_step=n_step), learner(name, n_step=n_step)
    at_once.learn(1_280)
    for until in (64, 128, 640, 1_280):
        by_pieces.learn(until)
    assert by_pieces.steps == at_once.steps == 1_280
    assert same(weights(by_pieces), weights(at_once))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_state_is_all_of_it(name: str, tmp_path: Path) -> None:
    first, second = learner(name), learner(name, seed=2)
    first.learn(960)
    checkpoint.save(first.state(), tmp_path / "state")
    second.restore(checkpoint.load(tmp_path / "state"))
    assert same(weights(second), weights(first))
    assert first.learn(1_600) == second.learn(1_600)
    assert same(weights(second), weights(first))


def test_equal_seeds_are_equal_and_others_are_not() -> None:
    first, second, other = learner("dqn"), learner("dqn"), learner("dqn", seed=2)
    for each in (first, second, other):
        each.learn(640)
    assert same(weights(first), weights(second))
    assert not same(weights(first), weights(other))


def test_a_long_run_is_not_tested_more_often_than_it_takes() -> None:
    wanted = config("dqn", evaluation_interval=100)
    assert interval_of(wanted, 20_000) == 100
    assert interval_of(wanted, 2_000_000) == 10_000


def test_a_run_that_runs_away_says_so() -> None:
    wanted = config("dqn", **SMALL, warmup_steps=0) | {"learning_rate": float("inf")}
    run = SeedRun(a_task(wanted), algorithm_of(TASK, "dqn"), wanted, 1)
    with pytest.raises(BadInput) as caught:
        play_out(run)
    assert caught.value.code == "DIVERGED"


def test_the_best_is_that_of_the_best_evaluation() -> None:
    wanted = config("dqn", **SMALL)
    run = SeedRun(a_task(wanted), algorithm_of(TASK, "dqn"), wanted, 1)
    evaluations = []
    while not run.is_over:
        if evaluation := run.advance():
            evaluations.append(evaluation)
    assert run.best is not None
    best = max(evaluations, key=lambda each: each.measures["valid"]["sharpe"])
    assert (run.best.step, run.best.measures) == (best.step, best.measures)
    assert [each.step for each in evaluations] == [512, 1_024, 1_536, 2_048, 2_560, 2_624]
    assert evaluations[-1].epoch == 12


def test_an_unknown_pair_names_what_there_is() -> None:
    with pytest.raises(BadInput, match="dqn, ddqn, deepscalper") as caught:
        algorithm_of(TASK, "eiie")
    assert caught.value.code == "UNKNOWN_ALGORITHM"
    with pytest.raises(BadInput, match="algorithmic_trading, portfolio") as caught:
        task_of("cooking")
    assert caught.value.code == "UNKNOWN_TASK"


@pytest.mark.parametrize("pair", pairs())
def test_every_pair_has_what_an_algorithm_offers(pair: tuple[str, str]) -> None:
    module = algorithm_of(*pair)
    assert all(callable(getattr(module, name)) for name in ("network", "policy", "learner"))
    assert isinstance(task_of(pair[0]), type)


def test_progress_is_told_at_most_twice_a_second() -> None:
    now = [0.0]
    out = io.StringIO()
    voice = Voice(out, lambda: now[0])
    for now[0] in (0.0, 0.1, 0.49, 0.5, 0.6, 1.2):
        voice.progress(lambda: {"share": now[0]})
    assert out.getvalue().splitlines() == [f'{{"progress": {{"share": {at}}}}}' for at in (0.0, 0.5, 1.2)]
