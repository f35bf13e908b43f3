"""All that is told of an account that was kept bar by bar, for any stretch of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.analysis import risk, trades
from domain.analysis.backtest import Table
from domain.analysis.drawdowns import under_water
from domain.analysis.looks import LEVELS, Range, Tail
from domain.analysis.report import Figures, Report, beside, falls, grown, months, risked, years
from domain.analysis.rolling import rolling_sharpe, usual_window
from domain.analysis.series import Series, Times, known
from domain.analysis.tries import Tried


@dataclass(frozen=True, slots=True, eq=False)
class Deals:
    """Trades in their order: when, for how much money, at which costs, and the profit of what each of them closed."""

    times: Times
    worth: Series
    costs: Series
    profits: Series


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Kept:
    """An account at each bar of a period. None: that was not kept. What stands at the last bar of exposure, turnover,
    changes and held is beyond the period: nothing is earned by it."""

    times: Times
    equity: Series
    exposure: Series | None = None
    turnover: Series | None = None
    changes: Series | None = None
    held: Table | None = None
    deals: Deals | None = None

    @property
    def returns(self) -> Series:
        return returns_of(self.equity)


def returns_of(equity: Series) -> Series:
    """From each bar to the next; 0 once everything is lost."""
    before = equity[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0.0, equity[1:] / before - 1.0, 0.0)


def reported(kept: Kept, per_year: float, benchmark: Series | None, tried: Tried | None) -> Report:
    """`benchmark` are returns of the same bars. What is not known is None, and all is where there is no return."""
    returns, times = kept.returns, kept.times
    dealt = _dealt(kept, per_year) if len(returns) else dict.fromkeys(_DEALT)
    return Report(
        performance=grown(returns, per_year, tried) | dealt | beside(returns, benchmark, per_year),
        risk=risked(returns, per_year),
        monthly=months(returns, times),
        yearly=years(returns, times),
        drawdowns=falls(returns, times),
    )


def tails(returns: Series) -> tuple[Tail, ...]:
    return tuple(
        Tail(
            level,
            risk.value_at_risk(returns, share),
            risk.conditional_value_at_risk(returns, share),
            risk.parametric_value_at_risk(returns, share),
            risk.parametric_conditional_value_at_risk(returns, share),
        )
        for level, share in ((level, round(1.0 - level, 9)) for level in LEVELS)
    )


def lines(kept: Kept, per_year: float, benchmark: Series | None) -> dict[str, Series]:
    """One value for each bar, not a number where there is none. The benchmark begins with as much as the account."""
    returns = kept.returns
    found = {
        "equity": kept.equity,
        "drawdown": under_water(returns) if len(kept.times) else np.empty(0),
        "rolling_sharpe": _rolling(returns, per_year, len(kept.times)),
    }
    if benchmark is not None and len(benchmark) and benchmark[0] > 0.0:
        found["benchmark"] = benchmark / benchmark[0] * kept.equity[0]
    if kept.exposure is not None:
        found["exposure"] = kept.exposure
    if kept.held is not None:
        found["concentration"] = trades.concentrations(kept.held)
    return found


def span(values: Series | None) -> Range | None:
    """Of all bars but the last."""
    some = known(values[:-1]) if values is not None else np.empty(0)
    return Range(float(some.mean()), float(some.max())) if len(some) else None


_DEALT = (
    "trades", "win_rate", "profit_factor", "payoff", "turnover", "exposure", "time_in_market", "costs", "final_equity",
)  # fmt: skip


def _dealt(kept: Kept, per_year: float) -> Figures:
    exposure = None if kept.exposure is None else kept.exposure[:-1]
    found = dict.fromkeys(_DEALT) | {"final_equity": float(kept.equity[-1])}
    if exposure is not None:
        found |= {"exposure": trades.exposure(exposure), "time_in_market": trades.time_in_market(exposure)}
    if kept.turnover is not None:
        found["turnover"] = trades.turnover(kept.turnover[:-1], per_year)
    if kept.changes is not None:
        found["trades"] = float(kept.changes[:-1].sum())
    return found | (_closed(kept, kept.deals, per_year) if kept.deals is not None else {})


def _closed(kept: Kept, deals: Deals, per_year: float) -> Figures:
    within = (deals.times >= kept.times[0]) & (deals.times < kept.times[-1])
    profits = known(deals.profits[within])
    place = np.searchsorted(kept.times, deals.times[within])
    traded = np.zeros(len(kept.times) - 1)
    np.add.at(traded, place, deals.worth[within] / kept.equity[place])
    return {
        "trades": float(within.sum()),
        "win_rate": trades.win_rate(profits),
        "profit_factor": trades.profit_factor(profits),
        "payoff": trades.payoff(profits),
        "turnover": trades.turnover(traded, per_year),
        "costs": float(deals.costs[within].sum()),
    }


def _rolling(returns: Series, per_year: float, bars: int) -> Series:
    found = rolling_sharpe(returns, usual_window(len(returns)), per_year)
    return np.concatenate((np.full(bars - len(found), np.nan), found))
