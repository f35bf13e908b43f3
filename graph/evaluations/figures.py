"""Figures, tables and comparisons of evaluations. A figure that has no meaning is null, never 0."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import strawberry

from graph.evaluations.enums import Regime, Scenario
from graph.fields import optional, plain


@strawberry.type(description="What was earned. Shares and ratios are plain numbers: 0.1 is 10 %.")
class Performance:
    total_return: float | None = plain("From the first bar to the last.")
    annual_return: float | None = plain("The steady yearly return that comes to the same.")
    volatility: float | None = plain("Deviation of returns, a year.")
    sharpe: float | None = plain("Mean return by volatility, a year.")
    sortino: float | None = plain("Like the Sharpe ratio, but only what fell counts as risk.")
    calmar: float | None = plain("Annual return by the deepest fall.")
    omega: float | None = plain("What was gained by what was lost, over all bars.")
    stability: float | None = plain("How straight wealth grew, 0 to 1.")
    probabilistic_sharpe: float | None = plain("How likely the true Sharpe ratio is above 0.")
    trades: float | None = plain("How many.")
    win_rate: float | None = plain("Share of closed positions that gained.")
    profit_factor: float | None = plain("What closed positions gained by what they lost.")
    payoff: float | None = plain("Mean gain by mean loss of closed positions.")
    turnover: float | None = plain("What was traded in a year, in multiples of the equity.")
    exposure: float | None = plain("All positions together, on average, in multiples of the equity.")
    time_in_market: float | None = plain("Share of bars with a position.")
    costs: float | None = plain("Costs and slippage, in money.")
    final_equity: float | None = plain("What the account was worth at the end, in money.")
    alpha: float | None = plain("Earned a year beyond what the benchmark explains.")
    beta: float | None = plain("How much it moves when the benchmark moves by 1.")
    correlation: float | None = plain("With the benchmark, -1 to 1.")
    information_ratio: float | None = plain("Sharpe ratio of the difference to the benchmark.")
    tracking_error: float | None = plain("Volatility of the difference to the benchmark.")
    up_capture: float | None = plain("Annual return by the benchmark's, where that rose.")
    down_capture: float | None = plain("The same where it fell: less is better.")
    deflated_sharpe: float | None = optional(
        "How likely the true Sharpe ratio is above what luck gives to the best of all models that were tried; of a "
        "model in an evaluation only, and null where nobody counted them."
    )


@strawberry.type(description="What may be lost. Losses are less than 0; values at risk are of one bar, at 5 %.")
class Risk:
    max_drawdown: float | None = plain("The deepest fall from a peak.")
    downside_deviation: float | None = plain("Deviation of what fell, a year.")
    value_at_risk: float | None = plain("One bar in 20 was worse.")
    conditional_value_at_risk: float | None = plain("The mean of the worst bars.")
    parametric_value_at_risk: float | None = plain("The same as if returns were normal.")
    parametric_conditional_value_at_risk: float | None = plain("The mean of the worst, as if returns were normal.")
    cornish_fisher_value_at_risk: float | None = plain("Made right for lean and tails.")
    skew: float | None = plain("Less than 0: large losses are likelier than large gains.")
    kurtosis: float | None = plain("More than 0: extremes are likelier than if returns were normal.")
    tail_ratio: float | None = plain("More than 1: large gains outweigh large losses.")


@strawberry.type(description="The return of one month.")
class MonthlyReturn:
    year: int = plain("The year.")
    month: int = plain("1 to 12.")
    value: float = plain("What was earned in it, as a share.")


@strawberry.type(description="The return of one year.")
class YearlyReturn:
    year: int = plain("The year.")
    value: float = plain("What was earned in it, as a share.")


@strawberry.type(description="A fall from a peak.")
class DrawdownPeriod:
    depth: float = plain("How far, as a share: less than 0.")
    peak: datetime = plain("When it began.")
    trough: datetime = plain("When it was deepest.")
    recovery: datetime | None = plain("When it was made good; null: it was not.")


@strawberry.type(description="How much more one entry earns than another, in a year.")
class EntryDifference:
    first: str = plain("Key of the entry that earned more.")
    second: str = plain("Key of the other one.")
    value: float = plain("The difference, as a sum of simple returns in a year.")
    low: float = plain("The true difference is between this,")
    high: float = plain("and this, as likely as 95 %, looked at alone.")
    p: float = plain("How likely at least such a difference is by chance, looked at alone.")
    corrected_p: float = plain("The same for one of so many comparisons, by Holm's method.")
    real: bool = plain("Whether chance does not explain it: corrected p of 5 % at most.")


@strawberry.type(description="Entries against each other.")
class EntryComparison:
    ranking: list[str] = plain("Keys by mean return, the best first.")
    winner: str | None = plain("Key of the best, where it is really better than each other one; null: nobody can tell.")
    differences: list[EntryDifference] = plain("Of all pairs.")


@strawberry.type(description="A stretch of time with one kind of market.")
class RegimePeriod:
    regime: Regime = plain("Which kind.")
    from_: datetime = strawberry.field(name="from", description="Its first bar.")
    to: datetime = plain("Its last bar.")


@strawberry.type(description="What an entry earned in one kind of market.")
class RegimeFigures:
    key: str = plain("Of the entry.")
    total_return: float | None = plain("Over all bars of that kind.")
    sharpe: float | None = plain("Mean return by volatility, a year.")


@strawberry.type(description="Results in one kind of market.")
class RegimeResult:
    regime: Regime = plain("Which kind.")
    bars: int = plain("How many bars were of it.")
    entries: list[RegimeFigures] = plain("Of each entry.")


@strawberry.type(description="What came out for an entry in one run of a scenario.")
class StressOutcome:
    total_return: float | None = plain("From the first bar to the last.")
    annual_return: float | None = plain("A year.")
    sharpe: float | None = plain("Mean return by volatility, a year.")
    volatility: float | None = plain("A year.")
    costs: float | None = plain("In money.")
    max_drawdown: float | None = plain("The deepest fall.")


@strawberry.type(description="An entry under a scenario.")
class StressEntry:
    key: str = plain("Of the entry.")
    worst: float | None = plain("The lowest total return of all runs.")
    median: float | None = plain("The one in the middle.")
    best: float | None = plain("The highest.")
    outcomes: list[StressOutcome] = plain("Of each run.")


@strawberry.type(description="What a scenario did to all entries.")
class StressResult:
    scenario: Scenario = plain("Which one.")
    strength: float = plain("How strong.")
    entries: list[StressEntry] = plain("Of each entry.")


def drawdown(told: Mapping[str, Any]) -> DrawdownPeriod:
    times = {name: _time(told[name]) for name in ("peak", "trough", "recovery")}
    return DrawdownPeriod(depth=told["depth"], **times)


def comparison(told: Mapping[str, Any]) -> EntryComparison:
    differences = [EntryDifference(**each) for each in told["differences"]]
    return EntryComparison(ranking=list(told["ranking"]), winner=told["winner"], differences=differences)


def regime_period(told: Mapping[str, Any]) -> RegimePeriod:
    return RegimePeriod(regime=Regime[told["regime"]], from_=_time(told["from"]), to=_time(told["to"]))


def regime_result(told: Mapping[str, Any]) -> RegimeResult:
    entries = [RegimeFigures(**each) for each in told["entries"]]
    return RegimeResult(regime=Regime[told["regime"]], bars=told["bars"], entries=entries)


def stress_result(told: Mapping[str, Any]) -> StressResult:
    entries = [
        StressEntry(**each | {"outcomes": [StressOutcome(**one) for one in each["outcomes"]]})
        for each in told["entries"]
    ]
    return StressResult(scenario=Scenario(told["scenario"]), strength=told["strength"], entries=entries)


def _time(text: str | None) -> Any:
    return None if text is None else datetime.fromisoformat(text)
