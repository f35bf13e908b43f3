"""All figures of one backtest, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from domain.analysis import luck, performance, relative, risk, trades
from domain.analysis.backtest import Backtest
from domain.analysis.calendar import by_month, by_year
from domain.analysis.drawdowns import drawdowns, max_drawdown
from domain.analysis.round_trips import Trades
from domain.analysis.series import Series, Times, finite
from domain.analysis.tries import Tried

Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Report:
    performance: Figures
    risk: Figures
    monthly: list[dict[str, Any]]
    yearly: list[dict[str, Any]]
    drawdowns: list[dict[str, Any]]


def report(
    run: Backtest, made: Trades, per_year: float, benchmark: Series | None, tried: Tried | None = None
) -> Report:
    """`benchmark` are returns of the same periods; None: the figures beside it have no meaning. `tried`: of a model,
    among how many it was chosen."""
    return Report(
        performance=earned(run, made, per_year, tried) | beside(run.returns, benchmark, per_year),
        risk=risked(run.returns, per_year),
        monthly=months(run.returns, run.times),
        yearly=years(run.returns, run.times),
        drawdowns=falls(run.returns, run.times),
    )


def grown(returns: Series, per_year: float, tried: Tried | None) -> Figures:
    """What is known of an account by its returns alone."""
    return {
        "total_return": performance.total_return(returns),
        "annual_return": performance.annual_return(returns, per_year),
        "volatility": performance.volatility(returns, per_year),
        "sharpe": performance.sharpe(returns, per_year),
        "sortino": performance.sortino(returns, per_year),
        "calmar": performance.calmar(returns, per_year),
        "omega": performance.omega(returns),
        "stability": performance.stability(returns),
        "probabilistic_sharpe": luck.probabilistic_sharpe(returns),
        "deflated_sharpe": None if tried is None else luck.deflated_sharpe(returns, tried),
    }


def earned(run: Backtest, made: Trades, per_year: float, tried: Tried | None = None) -> Figures:
    gross = np.abs(run.held).sum(axis=1)
    return grown(run.returns, per_year, tried) | {
        "trades": float(len(made.times)),
        "win_rate": trades.win_rate(made.closed),
        "profit_factor": trades.profit_factor(made.closed),
        "payoff": trades.payoff(made.closed),
        "turnover": trades.turnover(run.turnover, per_year),
        "exposure": trades.exposure(gross),
        "time_in_market": trades.time_in_market(gross),
        "costs": finite(float(run.costs.sum())),
        "final_equity": finite(float(run.equity[-1])),
    }


def beside(returns: Series, benchmark: Series | None, per_year: float) -> Figures:
    names = ("alpha", "beta", "correlation", "information_ratio", "tracking_error", "up_capture", "down_capture")
    if benchmark is None:
        return dict.fromkeys(names)
    found = (
        relative.alpha(returns, benchmark, per_year),
        relative.beta(returns, benchmark),
        relative.correlation(returns, benchmark),
        relative.information_ratio(returns, benchmark, per_year),
        relative.tracking_error(returns, benchmark, per_year),
        relative.up_capture(returns, benchmark, per_year),
        relative.down_capture(returns, benchmark, per_year),
    )
    return dict(zip(names, found, strict=True))


def risked(returns: Series, per_year: float) -> Figures:
    return {
        "max_drawdown": max_drawdown(returns),
        "downside_deviation": performance.downside_deviation(returns, per_year),
        "value_at_risk": risk.value_at_risk(returns),
        "conditional_value_at_risk": risk.conditional_value_at_risk(returns),
        "parametric_value_at_risk": risk.parametric_value_at_risk(returns),
        "parametric_conditional_value_at_risk": risk.parametric_conditional_value_at_risk(returns),
        "cornish_fisher_value_at_risk": risk.cornish_fisher_value_at_risk(returns),
        "skew": risk.skew(returns),
        "kurtosis": risk.kurtosis(returns),
        "tail_ratio": risk.tail_ratio(returns),
    }


def months(returns: Series, times: Times) -> list[dict[str, Any]]:
    """`times` has the start, too: one more than there are returns."""
    found = by_month(returns, times[1:]).items()
    return [{"year": year, "month": month, "value": value} for (year, month), value in found]


def years(returns: Series, times: Times) -> list[dict[str, Any]]:
    return [{"year": year, "value": value} for year, value in by_year(returns, times[1:]).items()]


def falls(returns: Series, times: Times, most: int = 10) -> list[dict[str, Any]]:
    """The deepest falls by their dates."""
    return [
        {
            "depth": fall.depth,
            "peak": iso(times[fall.peak]),
            "trough": iso(times[fall.trough]),
            "recovery": None if fall.recovery is None else iso(times[fall.recovery]),
        }
        for fall in drawdowns(returns, most)
    ]


def iso(time: np.datetime64) -> str:
    moment: datetime = time.astype("datetime64[us]").item()
    return moment.replace(tzinfo=UTC).isoformat()
