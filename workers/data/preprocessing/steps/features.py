"""Features made of prices and of the order book. Each looks at its own row and at rows before it."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE
from domain.datasets.forms import Values
from domain.datasets.recipes.kinds.features import return_name
from domain.datasets.recipes.offer import step_kind
from workers.data.frames import finite
from workers.data.preprocessing.work import Work, by_symbol


def trademaster_features(work: Work, values: Values) -> None:
    adjusted = ADJUSTED_CLOSE if ADJUSTED_CLOSE in work.frame.columns else "close"
    price = adjusted if values["average_of"] == ADJUSTED_CLOSE else "close"
    distances = {"zopen": "open", "zhigh": "high", "zlow": "low", "zadjcp": adjusted}
    work.add(
        *(finite(pl.col(column) / pl.col("close") - 1).alias(name) for name, column in distances.items()),
        _change("close", 1).alias("zclose"),
        *(_mean_distance(price, rows).alias(f"zd_{rows}") for rows in values["windows"]),
    )


def returns(work: Work, values: Values) -> None:
    log = values["log"]
    work.add(
        *(
            _change(name, rows, log=log).alias(return_name(name, rows, log=log))
            for name in values["columns"]
            for rows in values["periods"]
        )
    )


def volatility(work: Work, values: Values) -> None:
    (name,) = step_kind("volatility").makes(values)
    change = (pl.col(values["column"]) / pl.col(values["column"]).shift(1)).log()
    spread = by_symbol(finite(change).rolling_std(values["window"]))
    work.add((spread * math.sqrt(values["per_year"])).alias(name))


def book_features(work: Work, values: Values) -> None:
    bid, ask = pl.col("bid_price_1"), pl.col("ask_price_1")
    bid_size, ask_size = pl.col("bid_size_1"), pl.col("ask_size_1")
    middle = (bid + ask) / 2
    leaning = (bid * ask_size + ask * bid_size) / (bid_size + ask_size)
    work.add(
        finite((ask - bid) / middle).alias("book_spread"),
        finite(leaning / middle - 1).alias("book_tilt"),
        *(_imbalance(depth).alias(f"book_imbalance_{depth}") for depth in range(1, values["levels"] + 1)),
    )


def _change(name: str, rows: int, *, log: bool = False) -> pl.Expr:
    ratio = pl.col(name) / by_symbol(pl.col(name).shift(rows))
    return finite(ratio.log() if log else ratio - 1)


def _mean_distance(name: str, rows: int) -> pl.Expr:
    return finite(by_symbol(pl.col(name).rolling_mean(rows)) / pl.col(name) - 1)


def _imbalance(depth: int) -> pl.Expr:
    bids, asks = _sum("bid", depth), _sum("ask", depth)
    return finite((bids - asks) / (bids + asks))


def _sum(side: str, depth: int) -> pl.Expr:
    """Added one by one: the order in which polars adds up a row depends on the number of its threads."""
    return reduce(add, (pl.col(f"{side}_size_{level}") for level in range(1, depth + 1)))
