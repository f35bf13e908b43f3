"""What a backtest costs: ten years of daily bars for 30 assets, and a million minute bars for one, on fixed positions.

Run it with: python -m bench.evaluate [PYTHON]

Beside it: a plain loop over the bars, as one would write it first; and vectorbt, where PYTHON is the interpreter
of an environment that has it. Each runs in a process of its own. Times are of the processor, so that others on the
machine do not matter; with start, as a person who asks for one backtest waits for that too.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from domain.analysis.backtest import backtest
from domain.analysis.report import report
from domain.analysis.round_trips import trades_of
from domain.analysis.setup import Setup

CASES = {"30 assets, 2,520 daily bars": (2_520, 30, 1e-3), "1 asset, 1,000,000 minute bars": (1_000_000, 1, 1e-6)}
"""Bars, assets, costs."""
WAYS = ("ours", "ours with trades and figures", "plain loop")
RUNS = 3
VECTORBT = """
import json, resource, sys, time
import numpy as np
import vectorbt as vbt
prices, targets, cost, runs = np.load(sys.argv[1]), np.load(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
seconds = []
for _ in range(runs + 1):
    begun = time.process_time()
    run = vbt.Portfolio.from_orders(prices, targets, size_type="targetpercent", fees=cost, group_by=True,
                                    cash_sharing=True, call_seq="auto", init_cash=1e5, freq="1min")
    final = float(np.asarray(run.value())[-1]) / 1e5
    seconds.append(time.process_time() - begun)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"warm": min(seconds[1:]), "peak": peak, "final": final}))
"""


def positions(bars: int, assets: int) -> tuple[np.ndarray, np.ndarray]:
    """A walk, and targets that change every fifty bars."""
    rng = np.random.default_rng(1)
    prices = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0005, (bars, assets)), axis=0))
    targets = np.repeat(rng.uniform(0.0, 1.0, (-(-bars // 50), assets)) / assets, 50, axis=0)[:bars]
    return prices, targets


def ours(prices: np.ndarray, targets: np.ndarray, cost: float, *, whole: bool) -> float:
    times = np.datetime64("2014-01-01", "us") + np.arange(len(prices)) * np.timedelta64(1, "m")
    run = backtest(times, prices, targets, Setup(transaction_cost=cost))
    if whole:
        report(run, trades_of(run), 525_600.0, None)
    return float(run.equity[-1] / run.equity[0])


def plain_loop(prices: np.ndarray, targets: np.ndarray, cost: float) -> float:
    equity, drifted = 1.0, np.zeros(prices.shape[1])
    for bar in range(len(prices) - 1):
        held, moves = targets[bar], prices[bar + 1] / prices[bar] - 1.0
        gain = float(held @ moves) - cost * float(np.abs(held - drifted).sum())
        drifted = held * (1.0 + moves) / (1.0 + gain)
        equity *= 1.0 + gain
    return equity


def one(way: str, prices_path: str, targets_path: str, cost: float) -> None:
    """In the process of its own."""
    prices, targets = np.load(prices_path), np.load(targets_path)
    seconds, final, is_loop = [], 0.0, way == "plain loop"
    for _ in range(1 if is_loop else RUNS + 1):
        begun = time.process_time()
        final = plain_loop(prices, targets, cost) if is_loop else ours(prices, targets, cost, whole="trades" in way)
        seconds.append(time.process_time() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"warm": min(seconds), "peak": peak, "final": final}))


def measured(command: list[str]) -> dict[str, float]:
    # Numba keeps what it compiled; a first start must not profit from an earlier one.
    with tempfile.TemporaryDirectory() as cache:
        before = used()
        environment = os.environ | {"NUMBA_CACHE_DIR": cache}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr[-2_000:])
    return {**json.loads(done.stdout.strip().splitlines()[-1]), "whole": used() - before}


def used() -> float:
    """Seconds of processor that all children took so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main() -> None:
    other = sys.argv[1] if len(sys.argv) > 1 else None
    print(f"{'':34}{'after warm-up':>16}{'four runs with start':>24}{'peak MB':>10}{'final':>12}")
    for name, (bars, assets, cost) in CASES.items():
        print(name)
        with tempfile.TemporaryDirectory() as folder:
            paths = [str(Path(folder) / f"{what}.npy") for what in ("prices", "targets")]
            for path, table in zip(paths, positions(bars, assets), strict=True):
                np.save(path, table)
            for way in WAYS:
                show(way, measured([sys.executable, "-m", "bench.evaluate", "--one", way, *paths, str(cost)]))
            if other:
                show("vectorbt", measured([other, "-c", VECTORBT, *paths, str(cost), str(RUNS)]))


def show(way: str, found: dict[str, float]) -> None:
    times = f"{found['warm'] * 1e3:13.1f} ms{found['whole']:22.2f} s"
    print(f"  {way:32}{times}{found['peak']:10.0f}{found['final']:12.6f}")


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(*sys.argv[2:5], float(sys.argv[5]))
    else:
        main()
