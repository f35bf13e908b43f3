"""Figures of a run of returns. Simple returns, bar by bar, after all costs."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from workers.engines.embedded.shapes import Account, Measures

_LARGEST = 1e6


def trading_measures(account: Account, bars_per_year: float) -> Measures:
    _, returns, turnover, exposure, changes = account
    returns, equity = returns.double().cpu(), equity_of(account)
    mean, bars = float(returns.mean()), len(returns)
    held = exposure.cpu() > 1e-9
    down = float(returns.clamp(max=0).square().mean().sqrt())
    deviation = float(returns.std()) if bars > 1 else 0.0
    year = math.sqrt(bars_per_year)
    return {
        "total_return": _bounded(float(equity[-1]) - 1),
        "annual_return": _yearly(float(equity[-1]), bars, bars_per_year),
        "volatility": _bounded(deviation * year),
        "sharpe": _ratio(mean, deviation) * year,
        "sortino": _ratio(mean, down) * year,
        "max_drawdown": float((equity / equity.cummax(0).values - 1).min()),
        "turnover": _bounded(float(turnover.double().mean()) * bars_per_year),
        "trades": float(changes.sum()),
        "win_rate": float((returns[held] > 0).double().mean()) if bool(held.any()) else 0.0,
        "exposure": _bounded(float(exposure.double().mean())),
    }


def equity_of(account: Account) -> Tensor:
    """What 1 becomes: one more than there are decisions, in double precision."""
    returns = account.returns.double().cpu()
    return torch.cat((torch.ones_like(returns[:1]), (1 + returns).clamp(min=0).cumprod(0)))


def _ratio(mean: float, deviation: float) -> float:
    """Where nothing ever moves there is no ratio, and a rounding error must not look like one."""
    return _bounded(mean / deviation) if deviation > 1e-12 else 0.0


def _yearly(growth: float, bars: int, bars_per_year: float) -> float:
    if growth <= 0:
        return -1.0
    return _bounded(math.expm1(min(math.log(growth) * bars_per_year / bars, 20.0)))


def _bounded(value: float) -> float:
    return max(-_LARGEST, min(_LARGEST, value))
