"""What is told of an account in a period."""

from collections.abc import Callable
from datetime import datetime

import strawberry
from strawberry import Parent

from domain.analysis.looks import Analysis
from domain.datasets.reading import Line
from graph.datasets.data import SeriesLine
from graph.evaluations.figures import DrawdownPeriod, MonthlyReturn, Performance, Risk, YearlyReturn, drawdown
from graph.fields import edge, plain


def _performance(parent: Parent[Analysis]) -> Performance:
    return Performance(**parent.performance)


def _risk(parent: Parent[Analysis]) -> Risk:
    return Risk(**parent.risk)


def _monthly(parent: Parent[Analysis]) -> list[MonthlyReturn]:
    return [MonthlyReturn(**each) for each in parent.monthly]


def _yearly(parent: Parent[Analysis]) -> list[YearlyReturn]:
    return [YearlyReturn(**each) for each in parent.yearly]


def _drawdowns(parent: Parent[Analysis]) -> list[DrawdownPeriod]:
    return [drawdown(each) for each in parent.drawdowns]


def _line(name: str) -> Callable[..., SeriesLine | None]:
    def resolve(parent: Parent[Analysis]) -> Line | None:
        return parent.lines.get(name)

    return resolve  # type: ignore[return-value]


@strawberry.type(description="A mean and the highest of all bars.")
class MeanAndHighest:
    mean: float = plain("The mean.")
    highest: float = plain("The highest.")


@strawberry.type(description="What may be lost in one bar; losses are less than 0.")
class TailRisk:
    level: float = plain("How sure: 0.95 or 0.99 of all bars are better.")
    value_at_risk: float | None = plain("What the worse ones are worse than, as they were.")
    conditional_value_at_risk: float | None = plain("Their mean.")
    parametric_value_at_risk: float | None = plain("The first as if returns were normal.")
    parametric_conditional_value_at_risk: float | None = plain("The second as if returns were normal.")


_BARS = plain("How many bars of the account lie in the period. With fewer than two there are no figures.")
_KEY = plain("Whose account: that of an entry of an evaluation, or `model` for a training.")
_FIRST = strawberry.field(name="from", description="The first of these bars; null: there is none.")
_LAST = strawberry.field(name="to", description="The last of them.")


@strawberry.type(description="What an account earned in a period. A figure that has no meaning is null.")
class PerformanceAnalysis:
    key: str = _KEY
    benchmark: str = plain("What it stands beside.")
    bars: int = _BARS
    first: datetime | None = _FIRST
    last: datetime | None = _LAST
    figures: Performance = edge(
        _performance,
        "All figures of the period. What was not kept is null: of a training what single positions brought, of a "
        "baseline how it traded.",
    )
    monthly_returns: list[MonthlyReturn] = edge(_monthly, "By month.")
    yearly_returns: list[YearlyReturn] = edge(_yearly, "By year.")
    equity: SeriesLine | None = edge(_line("equity"), "In money; of a training in multiples of what it began with.")
    benchmark_equity: SeriesLine | None = edge(
        _line("benchmark"), "The benchmark, as if it began the period with as much."
    )
    rolling_sharpe: SeriesLine | None = edge(
        _line("rolling_sharpe"), "The Sharpe ratio of the last 60 bars, or of half of them where they are few."
    )


@strawberry.type(description="What an account risked in a period. A figure that has no meaning is null.")
class RiskAnalysis:
    key: str = _KEY
    bars: int = _BARS
    first: datetime | None = _FIRST
    last: datetime | None = _LAST
    figures: Risk = edge(_risk, "All figures of the period.")
    tails: list[TailRisk] = plain("Values at risk at 95 and 99 %.")
    drawdowns: list[DrawdownPeriod] = edge(_drawdowns, "The ten deepest falls, the deepest first.")
    exposure: MeanAndHighest | None = plain("All positions together, in multiples of the equity.")
    concentration: MeanAndHighest | None = plain(
        "Herfindahl index of the sizes of positions, over the bars with any: 1 for a single one, 1 / n for n of the "
        "same size. Null where positions are not kept: of trainings and of baselines."
    )
    drawdown: SeriesLine | None = edge(_line("drawdown"), "How far below its highest so far, as a share: 0 or less.")
    exposure_series: SeriesLine | None = edge(_line("exposure"), "Exposure bar by bar.")
    concentration_series: SeriesLine | None = edge(_line("concentration"), "Concentration at each bar with a position.")


__all__ = ["PerformanceAnalysis", "RiskAnalysis"]
