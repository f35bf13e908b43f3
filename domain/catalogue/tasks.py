"""The four kinds of work that an agent can be trained for."""

from __future__ import annotations

from domain.catalogue.model import Task, TaskType

TASKS = (
    Task(
        name=TaskType.ALGORITHMIC_TRADING,
        title="Algorithmic trading",
        summary="Trade one instrument: decide at each bar how much of it to hold, long, short or nothing.",
        data="Bars of one instrument in the order of time: time, open, high, low, close and, if you have it, volume. "
        "Any further numeric column is used as a feature. At least some hundred bars; a thousand is better.",
    ),
    Task(
        name=TaskType.PORTFOLIO_MANAGEMENT,
        title="Portfolio management",
        summary="Spread money over several assets: decide at each bar which share each of them gets.",
        data="Bars of at least two assets over the same period: time, symbol, open, high, low, close and, "
        "if you have it, volume. Any further numeric column is used as a feature.",
    ),
    Task(
        name=TaskType.ORDER_EXECUTION,
        title="Order execution",
        summary="Work off one large order within a given time, at a better price than trading evenly would get.",
        data="Short bars or order book snapshots of one instrument: time and close, or the best bid and ask prices "
        "and sizes by level. Minutes or seconds, not days.",
    ),
    Task(
        name=TaskType.HIGH_FREQUENCY_TRADING,
        title="High-frequency trading",
        summary="Trade one instrument on its order book: decide at each snapshot how much of it to hold.",
        data="Order book snapshots of one instrument in the order of time: time, and prices and sizes of bids and asks "
        "by level. At least some ten thousand of them.",
    ),
)
