"""What training costs: environment steps per CPU second, seconds to equal quality, and a whole small training.

Run it with: python -m bench.engine [STEPS]
The comparison needs stable-baselines3 in the same environment; without it only our own figures are told.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from domain.catalogue import complete
from domain.datasets.sources.generators import GENERATORS
from workers.data.frames import ordered, write_frame
from workers.data.sources.synthetic import generate
from workers.engines.embedded.environments.trading import Accounts, TradingTask
from workers.engines.embedded.market import market_of
from workers.engines.embedded.parts.nets import generator_of
from workers.engines.embedded.registry import algorithm_of

STEPS = 40_000
TASK, ALGORITHM = "algorithmic_trading", "dqn"
GOOD = 2.5
BETWEEN_TESTS = 2_500
PLANTED = {"lookback": 1, "weight_decay": 12.0}
"""What the market with the planted signal wants: a short memory, and a strong hold on simple rules."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Of one learner: its steps, the CPU seconds they took, and those until it was good, if ever."""

    name: str
    steps: int
    cpu_s: float
    good_after_s: float | None
    best: float

    def told(self) -> str:
        good = "never" if self.good_after_s is None else f"{self.good_after_s:.2f} s"
        return f"{self.name:<56}{self.steps / self.cpu_s:>10,.0f}{good:>14}{self.best:>9.2f}"


def main() -> None:
    torch.set_num_threads(1)
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    print(f"environment alone, 256 at once: {environment_alone():,.0f} steps per CPU second\n")
    for market, changes in (("regimes", {}), ("planted_signal", PLANTED)):
        compare(market, changes, steps)
    whole_training()


def compare(market: str, changes: dict[str, Any], steps: int) -> None:
    config = dict(complete(TASK, ALGORITHM, changes))
    task = task_on(market, config)
    print(f"{market}, {task.inputs} inputs, {steps:,} steps")
    print(f"{'':<56}{'steps/CPU s':>11}{f'Sharpe {GOOD}':>13}{'best':>9}")
    for learner in (ours, *rivals()):
        print(learner(task, config, steps).told(), flush=True)
    print()


def ours(task: TradingTask, config: dict[str, Any], steps: int) -> Learned:
    learner = algorithm_of(TASK, ALGORITHM).learner(task, config | {"epochs": steps / task.train_steps}, 1)

    def play(until: int) -> Any:
        learner.learn(until)
        return learner.policy

    return timed("embedded: an update each 32 steps, batch 512", task, steps, play)


def rivals() -> Iterator[Callable[..., Learned]]:
    """As it comes, which learns eight times as often from smaller batches; then with as many updates as ours."""
    if find_spec("stable_baselines3") is None:
        print("stable-baselines3 is not installed")
        return
    from bench.support.rival import Rival  # noqa: PLC0415 - not always there

    for every, batch_size in ((4, 32), (32, 32), (32, 512)):

        def rival(
            task: TradingTask, config: dict[str, Any], steps: int, every: int = every, size: int = batch_size
        ) -> Learned:
            name = f"stable-baselines3: an update each {every} steps, batch {size}"
            return timed(name, task, steps, Rival(task, config, steps, steps_for_an_update=every, batch_size=size).play)

        yield rival


def timed(name: str, task: TradingTask, steps: int, play: Callable[[int], Any]) -> Learned:
    """Plays by pieces; testing in between is not on the clock."""
    spent, best, good_after = 0.0, float("-inf"), None
    for until in range(BETWEEN_TESTS, steps + 1, BETWEEN_TESTS):
        before = time.process_time()
        policy = play(until)
        spent += time.process_time() - before
        best = max(best, task.evaluate(policy, "valid")["sharpe"])
        if good_after is None and best >= GOOD:
            good_after = spent
    return Learned(name, steps, spent, good_after, best)


def environment_alone(rounds: int = 400, count: int = 256) -> float:
    task = task_on("regimes", dict(complete(TASK, ALGORITHM, {})))
    chance = generator_of(1)
    accounts = Accounts(task, count, chance)
    chosen = torch.randint(task.actions, (rounds, count), generator=chance)
    before = time.process_time()
    for each in chosen:
        accounts.see()
        accounts.step(each)
    return rounds * count / (time.process_time() - before)


def whole_training() -> None:
    """900 daily bars, 20 epochs, from the start of the process to its result."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.parquet"
        write_frame(made("regimes", rows=900), data, {})
        asked = {
            "task": TASK,
            "algorithm": ALGORITHM,
            "config": complete(TASK, ALGORITHM, {"epochs": 20}),
            "seeds": [1],
            "symbol": None,
            "data": str(data),
            "data_sha256": "",
            "out": folder,
            "checkpoint": None,
            "checkpoint_every_s": 15,
            "memory_bytes": 2 << 30,
            "device": "cpu",
            "papers": {},
        }
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        lines = child(asked)
        after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print("a whole training: 900 daily bars, 20 epochs, in a process of its own")
    print(f"{cpu:.2f} CPU s, {took:.2f} s, {after.ru_maxrss / 1024:,.0f} MB resident; {len(lines)} lines")


def child(asked: dict[str, Any]) -> list[bytes]:
    with subprocess.Popen(
        (sys.executable, "-P", "-m", "workers.engines.embedded"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        process.stdin.flush()
        lines = list(process.stdout)
    assert b"result" in lines[-1], lines[-1]
    return lines


def task_on(market: str, config: dict[str, Any]) -> TradingTask:
    rows = 900 if market == "regimes" else 3_000
    made_up = market_of(made(market, rows=rows), lookback=config["lookback"], device=torch.device("cpu"), only="one")
    return TradingTask(made_up, config)


def made(form: str, **values: Any) -> Any:
    fields = next(each for each in GENERATORS if each.name == form).fields
    return ordered(generate(form, {field.name: field.default for field in fields} | values))


if __name__ == "__main__":
    main()
