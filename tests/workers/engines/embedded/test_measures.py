"""Figures against numbers that were computed by hand."""

from __future__ import annotations

import math

import pytest
import torch

from workers.engines.embedded.evaluation.baselines import by_chance, mean_of
from workers.engines.embedded.evaluation.measures import trading_measures
from workers.engines.embedded.shapes import Account, Measures


def measured(*returns: float, year: float = 252.0, held: float = 1.0) -> Measures:
    count = len(returns)
    turnover = torch.tensor([1.0] + [0.0] * (count - 1))
    return trading_measures(Account(0, torch.tensor(returns), turnover, torch.full((count,), held), turnover), year)


def test_figures_of_three_bars() -> None:
    measures = measured(0.1, -0.05, 0.02)
    mean = 0.07 / 3
    deviation = math.sqrt(sum((each - mean) ** 2 for each in (0.1, -0.05, 0.02)) / 2)
    growth = 1.1 * 0.95 * 1.02
    assert measures["total_return"] == pytest.approx(growth - 1)
    assert measures["annual_return"] == pytest.approx(growth ** (252 / 3) - 1, rel=1e-5)
    assert measures["volatility"] == pytest.approx(deviation * math.sqrt(252))
    assert measures["sharpe"] == pytest.approx(mean / deviation * math.sqrt(252))
    assert measures["sortino"] == pytest.approx(mean / math.sqrt(0.05**2 / 3) * math.sqrt(252))
    assert measures["max_drawdown"] == pytest.approx(-0.05)
    assert measures["turnover"] == pytest.approx(252 / 3)
    assert measures["trades"] == 1
    assert measures["win_rate"] == pytest.approx(2 / 3)
    assert measures["exposure"] == 1


def test_a_loss_at_once_is_a_drawdown() -> None:
    assert measured(-0.5, 0.1)["max_drawdown"] == pytest.approx(-0.5)


@pytest.mark.parametrize("returns", [(0.0, 0.0), (0.01, 0.01), (0.5,), (-1.0, 0.0), (1e5,) * 9])
def test_every_figure_is_a_number(returns: tuple[float, ...]) -> None:
    for year in (1.0, 252.0, 525_960.0):
        assert all(math.isfinite(value) for value in measured(*returns, year=year).values())


def test_nothing_held_wins_nothing() -> None:
    assert measured(0.0, 0.0, held=0.0)["win_rate"] == 0
    assert measured(0.0, 0.0, held=0.0)["sharpe"] == 0


def test_chance_is_the_same_chance_each_time() -> None:
    def run(chance: torch.Generator) -> Measures:
        return {"sharpe": float(torch.rand(1, generator=chance))}

    assert by_chance(run) == by_chance(run)
    assert mean_of([{"a": 1.0}, {"a": 2.0}]) == {"a": 1.5}
