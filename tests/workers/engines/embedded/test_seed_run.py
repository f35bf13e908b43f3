"""One agent from its first step to its last: when it is tested, which one is kept, and what is known of whom."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.workers.engines.embedded.small import small_config, small_task
from tests.workers.engines.embedded.trading_markets import TASK, config, market
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.registry import algorithm_of, pairs, task_of
from workers.engines.embedded.seeds import SeedRun, interval_of
from workers.engines.embedded.shapes import BadInput
from workers.engines.embedded.voice import Voice

SMALL: dict[str, Any] = {
    "epochs": 12,
    "evaluation_interval": 500,
    "hidden_layers": [16],
    "batch_size": 64,
    "lookback": 2,
}


def a_task(wanted: dict[str, Any]) -> TradingTask:
    return TradingTask(market("planted_signal", lookback=2, rows=400, features=3), wanted)


def play_out(run: SeedRun) -> None:
    while not run.is_over:
        run.advance()


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


def test_what_comes_before_the_first_step_is_part_of_the_work() -> None:
    wanted = small_config("order_execution", "pd", epochs=1, evaluation_interval=100)
    run = SeedRun(small_task("order_execution", "pd"), algorithm_of("order_execution", "pd"), wanted, 1)
    assert (run.prepares, run.share) == (True, 0.0)
    while run.prepares:
        run.prepare()
    assert (run.steps, run.share) == (0, 0.2)
    play_out(run)
    assert run.share == 1.0


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
