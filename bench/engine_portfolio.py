"""What learning to spread money costs: steps per CPU second and CPU seconds to equal quality, for PPO and SAC.

Run it with: python -m bench.engine_portfolio [STEPS]
The market is that of the tests: of each asset one feature dimly tells the next return.
"""

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import torch

from tests.workers.engines.embedded.portfolio_markets import config, planted
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.registry import algorithm_of

STEPS, BETWEEN_TESTS, GOOD = 24_000, 2_560, 2.5
SETTINGS: dict[str, dict[str, Any]] = {
    "ppo": {"discount": 0.9, "rollout_length": 8, "batch_size": 128},
    "sac": {
        "discount": 0.9,
        "parallel_environments": 64,
        "batch_size": 128,
        "learning_rate": 0.001,
        "weight_decay": 3.0,
        "alpha": 0.01,
    },
}
LARGE = {"parallel_environments": 64, "rollout_length": 32, "batch_size": 512}


def main() -> None:
    torch.set_num_threads(1)
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    print(f"{'':<44}{'steps/CPU s':>11}{f'Sharpe {GOOD}':>13}{'best':>9}")
    for name, changes in SETTINGS.items():
        settings = config(name, **changes)
        task = PortfolioTask(planted(1), settings)
        timed(f"embedded {name}", task, steps, ours(name, task, settings))
        if name == "ppo":
            timed("embedded ppo, large batches", task, steps, ours(name, task, settings | LARGE))
        if find_spec("stable_baselines3"):
            from bench.support.rival_portfolio import Rival  # noqa: PLC0415 - not always there

            timed(f"stable-baselines3 {name}", task, steps, Rival(task, name, settings).play)


def ours(name: str, task: PortfolioTask, settings: dict[str, Any]) -> Callable[[int], Any]:
    learner = algorithm_of("portfolio_management", name).learner(task, settings, 1)

    def play(until: int) -> Any:
        learner.learn(until)
        return learner.policy

    return play


def timed(name: str, task: PortfolioTask, steps: int, play: Callable[[int], Any]) -> None:
    """Plays by pieces; testing in between is not on the clock."""
    spent, best, good = 0.0, float("-inf"), "never"
    for until in range(BETWEEN_TESTS, steps + 1, BETWEEN_TESTS):
        before = time.process_time()
        policy = play(until)
        spent += time.process_time() - before
        best = max(best, task.evaluate(policy, "valid")["sharpe"])
        if best >= GOOD and good == "never":
            good = f"{spent:.2f} s"
    print(f"{name:<44}{until / spent:>11,.0f}{good:>13}{best:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
