"""Whether trading is learned where there is something to learn, and nothing where there is not."""

from __future__ import annotations

import math

import pytest

from tests.workers.engines.embedded.trading_markets import config, market, trained
from workers.engines.embedded.environments.trading import TradingTask

ALGORITHMS = ("dqn", "ddqn", "deepscalper")
GOOD = 2.5
FEW = {"epochs": 16}
"""Fewer than the defaults, which are used for all the rest."""
FREE = {"transaction_cost": 0.0, "slippage": 0.0}
SEEDS_OF_NOISE = (1, 2, 3, 4)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_planted_signal_is_found(algorithm: str) -> None:
    best = trained(market("planted_signal"), algorithm, 1, **FEW)
    assert best.score >= GOOD
    assert best.measures["test"]["sharpe"] > 1


def test_chance_finds_nothing() -> None:
    task = TradingTask(market("planted_signal"), config(**FEW))
    assert abs(task.baselines("valid")["random"]["sharpe"]) < 1


@pytest.mark.soak
@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("market_seed", [7, 8])
def test_a_planted_signal_is_found_whatever_the_seed(algorithm: str, seed: int, market_seed: int) -> None:
    assert trained(market("planted_signal", seed=market_seed), algorithm, seed).score >= GOOD


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nothing_is_found_in_noise(algorithm: str) -> None:
    """A leak would show as a gain on test. Free of costs, the mean over so many markets, each its own seed, stays below
    three standard errors of what chance gives."""
    found = []
    for seed in SEEDS_OF_NOISE:
        noise = market("noise", rows=1_000, seed=seed)
        found.append(trained(noise, algorithm, seed, **FREE, epochs=8).measures["test"]["sharpe"])
    assert sum(found) / len(found) < 3 * _error(noise.bars_per_year, 200) / math.sqrt(len(found))


@pytest.mark.soak
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nothing_is_found_in_much_noise(algorithm: str) -> None:
    found = []
    for seed in range(10, 26):
        noise = market("noise", rows=2_000, seed=seed)
        found.append(trained(noise, algorithm, seed, **FREE, epochs=10).measures["test"]["sharpe"])
    assert abs(sum(found) / len(found)) < 3 * _error(noise.bars_per_year, 400) / math.sqrt(len(found))


def _error(bars_per_year: float, bars: int) -> float:
    """The standard error of a yearly Sharpe ratio where there is nothing but chance."""
    return math.sqrt(bars_per_year / bars)
