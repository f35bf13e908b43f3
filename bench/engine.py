"""What training costs: environment steps per CPU second, CPU seconds to equal quality, and a whole small training.

Run it with: python -m bench.engine [STEPS]
The comparison needs stable-baselines3 in the same environment; without it only our own figures are told. Both learn on
the same market, made by the same rules, with the same settings so far as stable-baselines3 has them.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch

from bench.support.whole_training import whole_training
from domain.catalogue import complete
from domain.datasets.sources.generators import GENERATORS
from tests.workers.engines.embedded.portfolio_markets import planted
from workers.data.frames import ordered
from workers.data.sources.synthetic import generate
from workers.engines.embedded.environments.portfolio import PortfolioTask
from workers.engines.embedded.environments.trading import TradingTask
from workers.engines.embedded.environments.trading_accounts import Accounts
from workers.engines.embedded.market import market_of
from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.registry import algorithm_of

STEPS = 25_600
BETWEEN_TESTS = 2_560
GOOD = 2.5
TRADING, PORTFOLIO = "algorithmic_trading", "portfolio_management"
Play = Callable[[int], Any]


@dataclass(frozen=True, slots=True)
class Learned:
    """Of one learner: its steps, the CPU seconds they took, and those until it was good, if ever."""

    name: str
    speed: float
    good_after_s: float | None
    best: float

    def told(self, first: "Learned") -> str:
        good = "never" if self.good_after_s is None else f"{self.good_after_s:.2f} s"
        ratio = f"{first.speed / self.speed:.1f}x"
        return f"{self.name:<64}{self.speed:>9,.0f}{ratio:>8}{good:>10}{self.best:>7.2f}"


def main() -> None:
    torch.set_num_threads(1)
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    print(f"environment alone, 256 at once: {environment_alone():,.0f} steps per CPU second\n")
    print(f"{f'{steps:,} steps':<64}{'per CPU s':>9}{'ours is':>8}{f'to {GOOD}':>10}{'best':>7}")
    compare_dqn(steps)
    for algorithm in ("ppo", "sac"):
        compare_portfolio(algorithm, steps)
    print(f"\na whole training, 900 daily bars, 20 epochs, in a process of its own: {whole_training(made)}")


def compare_dqn(steps: int) -> None:
    """Their DQN as it comes, which learns eight times as often from smaller batches; then with as many updates as ours,
    from batches of their size and of ours."""
    config = dict(complete(TRADING, "dqn", {}))
    task = trading_task("planted_signal", config)
    apart = config["parallel_environments"] // config["updates_per_step"]
    name = f"dqn: an update each {apart} steps, batch {config['batch_size']}"
    first = timed(name, task, steps, ours(TRADING, "dqn", task, config, steps))
    print(first.told(first), flush=True)
    if missing():
        return
    from bench.support.rival import Rival  # noqa: PLC0415 - not always there

    for every, size in ((4, 32), (apart, 32), (apart, config["batch_size"])):
        rival = Rival(task, config, steps, steps_for_an_update=every, batch_size=size)
        print(
            timed(f"  theirs: an update each {every} steps, batch {size}", task, steps, rival.play).told(first),
            flush=True,
        )


def compare_portfolio(algorithm: str, steps: int) -> None:
    config = dict(complete(PORTFOLIO, algorithm, {}))
    task = PortfolioTask(planted(1), config)
    first = timed(f"{algorithm}: the defaults", task, steps, ours(PORTFOLIO, algorithm, task, config, steps))
    print(first.told(first), flush=True)
    if missing():
        return
    from bench.support.rival_portfolio import Rival  # noqa: PLC0415 - not always there

    for name, rival in (
        ("the same settings", Rival(task, algorithm, config, same=True)),
        ("as it comes", Rival(task, algorithm, config, same=False)),
    ):
        print(timed(f"  theirs: {name}", task, steps, rival.play).told(first), flush=True)


def ours(name: str, algorithm: str, task: Any, config: dict[str, Any], steps: int) -> Play:
    learner = algorithm_of(name, algorithm).learner(task, config | {"epochs": steps / task.train_steps}, 1)

    def play(until: int) -> Any:
        learner.learn(until)
        return learner.policy

    return play


def timed(name: str, task: Any, steps: int, play: Play) -> Learned:
    """Plays by pieces; testing in between is not on the clock."""
    spent, best, good_after = 0.0, float("-inf"), None
    for until in range(BETWEEN_TESTS, steps + 1, BETWEEN_TESTS):
        before = time.process_time()
        policy = play(until)
        spent += time.process_time() - before
        best = max(best, task.evaluate(policy, "valid")["sharpe"])
        if good_after is None and best >= GOOD:
            good_after = spent
    return Learned(name, until / spent, good_after, best)


def environment_alone(rounds: int = 400, count: int = 256) -> float:
    task = trading_task("regimes", dict(complete(TRADING, "dqn", {})))
    chance = generator_of(1)
    accounts = Accounts(task, count, chance)
    chosen = torch.randint(task.actions, (rounds, count), generator=chance)
    before = time.process_time()
    for each in chosen:
        accounts.see()
        accounts.step(each)
    return rounds * count / (time.process_time() - before)


def trading_task(form: str, config: dict[str, Any]) -> TradingTask:
    rows = 900 if form == "regimes" else 3_000
    market = market_of(made(form, rows=rows), lookback=config["lookback"], device=torch.device("cpu"), only="one")
    return TradingTask(market, config)


def made(form: str, **values: Any) -> Any:
    fields = next(each for each in GENERATORS if each.name == form).fields
    return ordered(generate(form, {field.name: field.default for field in fields} | values))


def missing() -> bool:
    if find_spec("stable_baselines3"):
        return False
    print("  stable-baselines3 is not installed")
    return True


if __name__ == "__main__":
    main()
