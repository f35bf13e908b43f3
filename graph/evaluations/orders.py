"""What came out for models that work off orders. A figure that has no meaning is null, never 0."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from graph.enums import described
from graph.fields import plain


class OrderSide(Enum):
    BUY = "buy"
    SELL = "sell"


described(
    OrderSide,
    "ExecutionSide",
    "What the orders do.",
    {OrderSide.BUY: "They buy.", OrderSide.SELL: "They sell."},
)


@strawberry.type(
    description="What orders cost under one entry, in basis points of the price when each came; less is better."
)
class ExecutionEntry:
    key: str = plain("Of the entry: model-1, model-2 and so on; twap, vwap, arrival.")
    name: str = plain("Its name for people, as it was then.")
    mean: float = plain("On average of all orders: the implementation shortfall.")
    low: float | None = plain("The true mean is between this,")
    high: float | None = plain("and this, as likely as 95 %; null: too few orders to tell.")
    median: float = plain("Half of the orders cost less.")
    deviation: float | None = plain("By how much orders differ.")
    worst: float = plain("The mean of the dearest 5 %.")
    cost: float = plain("Of all orders, in money.")
    filled: float = plain("The share that was filled before the end made it necessary.")
    participation: float | None = plain(
        "Its part of what was traded in the bars that it traded in, on average; null: the data has no volumes."
    )
    beats_twap: float | None = plain("The share of orders that cost less than trading evenly.")
    beats_vwap: float | None = plain("The share of orders that cost less than trading in proportion to usual volumes.")


@strawberry.type(description="By how much orders are cheaper under one entry than under another.")
class ExecutionDifference:
    first: str = plain("Key of the entry under which they are cheaper.")
    second: str = plain("Key of the other one.")
    value: float = plain("By how many basis points, on average of the same orders.")
    low: float = plain("The true difference is between this,")
    high: float = plain("and this, as likely as 95 %, looked at alone.")
    p: float = plain("How likely at least such a difference is by chance, looked at alone.")
    corrected_p: float = plain("The same for one of so many comparisons, by Holm's method.")
    real: bool = plain("Whether chance does not explain it: corrected p of 5 % at most.")


@strawberry.type(description="Entries against each other, order by order.")
class ExecutionComparison:
    ranking: list[str] = plain("Keys by mean cost, the cheapest first.")
    winner: str | None = plain(
        "Key of the cheapest, where it is really cheaper than each other one; null: nobody can tell."
    )
    differences: list[ExecutionDifference] = plain("Of all pairs; none where there are too few orders.")


@strawberry.type(description="What working off orders cost, one after another over the period.")
class ExecutionResult:
    orders: int = plain("How many.")
    side: OrderSide = plain("What they do.")
    quantity: float = plain("How much each of them trades.")
    horizon: int = plain("How many bars each of them has.")
    entries: list[ExecutionEntry] = plain("Of the models in their order, then of those that need no skill.")
    comparison: ExecutionComparison = plain("Entries against each other.")


def execution_result(told: Mapping[str, Any]) -> ExecutionResult:
    compared = told["comparison"]
    return ExecutionResult(
        orders=told["orders"],
        side=OrderSide(told["side"]),
        quantity=told["quantity"],
        horizon=told["horizon"],
        entries=[ExecutionEntry(**each) for each in told["entries"]],
        comparison=ExecutionComparison(
            ranking=list(compared["ranking"]),
            winner=compared["winner"],
            differences=[ExecutionDifference(**each) for each in compared["differences"]],
        ),
    )
