"""The figures of a report: what they are called, how they are written, and how each is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.evaluations.report.words import count, money, number, part, share

Written = Callable[[float | None], str]


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    name: str
    written: Written
    counted: str


MEASURES = (
    Measure(
        "total_return", "Total return", share, "what the account gained from its first bar to its last, as a share."
    ),
    Measure("annual_return", "Annual return", share, "the steady yearly return that comes to the same."),
    Measure(
        "volatility", "Volatility", part, "standard deviation of the returns of bars, times the root of bars a year."
    ),
    Measure(
        "sharpe",
        "Sharpe ratio",
        number,
        "mean return by its standard deviation, a year; nothing is taken off for interest.",
    ),
    Measure("sortino", "Sortino ratio", number, "like the Sharpe ratio, but only what fell counts as risk."),
    Measure("calmar", "Calmar ratio", number, "annual return by the max drawdown, without its sign."),
    Measure("omega", "Omega", number, "all that bars gained by all that bars lost."),
    Measure("stability", "Stability", number, "how straight the logarithm of wealth runs: R squared, 0 to 1."),
    Measure(
        "probabilistic_sharpe",
        "Likelihood of skill",
        part,
        "how likely the true Sharpe ratio is above 0, by length, lean and tails of the returns.",
    ),
    Measure(
        "deflated_sharpe",
        "The same, deflated",
        part,
        "the same against the best that so many tries would have by luck.",
    ),
    Measure("max_drawdown", "Max drawdown", share, "wealth at the trough by wealth at the peak before it, less 1."),
    Measure("value_at_risk", "Value at risk", share, "the return of a bar that one bar in 20 was worse than."),
    Measure("conditional_value_at_risk", "Expected shortfall", share, "the mean of these worst bars."),
    Measure("skew", "Skew", number, "less than 0: large losses are likelier than large gains."),
    Measure("kurtosis", "Excess kurtosis", number, "more than 0: extremes are likelier than if returns were normal."),
    Measure("tail_ratio", "Tail ratio", number, "the 95% quantile by the 5% quantile, without signs."),
    Measure("alpha", "Alpha", share, "earned a year beyond what the benchmark explains."),
    Measure("beta", "Beta", number, "how much it moves when the benchmark moves by 1."),
    Measure("correlation", "Correlation", number, "with the returns of the benchmark, -1 to 1."),
    Measure("information_ratio", "Information ratio", number, "Sharpe ratio of the difference to the benchmark."),
    Measure("tracking_error", "Tracking error", part, "volatility of the difference to the benchmark."),
    Measure("up_capture", "Up capture", number, "annual return by the benchmark's, over bars in which that rose."),
    Measure("down_capture", "Down capture", number, "the same over bars in which it fell: less is better."),
    Measure("trades", "Trades", count, "how many; one through zero is two."),
    Measure("win_rate", "Positions that gained", part, "of those closed that gained or lost, costs included."),
    Measure("profit_factor", "Profit factor", number, "what closed positions gained by what they lost."),
    Measure("payoff", "Payoff", number, "mean gain by mean loss of closed positions."),
    Measure("turnover", "Turnover a year", number, "what was traded in a year, in multiples of the equity."),
    Measure("exposure", "Exposure", number, "all positions together, on average, in multiples of the equity."),
    Measure("time_in_market", "Time in the market", part, "share of bars with a position."),
    Measure("costs", "Costs", money, "transaction costs and slippage, in money."),
    Measure("final_equity", "Equity at the end", money, "what the account was worth at its last bar."),
)
BY_KEY = {each.key: each for each in MEASURES}
MAIN = ("total_return", "annual_return", "volatility", "sharpe", "max_drawdown", "trades", "costs", "final_equity")
"""Those that come first."""

ORDERS = (
    ("Mean cost", "basis points of what the order was worth when it came; less is better, less than 0 is a gain."),
    ("Median", "half of the orders cost less."),
    ("Worst 5%", "the mean of the dearest 5% of orders, of one at least."),
    ("In money", "of all orders together, against the prices when they came."),
    ("Filled", "the share that was filled before the end made it necessary."),
    ("Beats TWAP, VWAP", "the share of orders that cost less than under those."),
)
"""Of models that work orders off: the name, and how it is counted."""
