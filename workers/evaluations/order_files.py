"""The files of an evaluation of orders. Equal runs give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from domain.analysis.execution import SELL, Fills, Orders, rest
from domain.analysis.series import Series
from domain.datasets.columns import SYMBOL, TIME
from domain.evaluations.model import SHORTFALL, Part, trades_part
from workers.data.frames import write_frame
from workers.evaluations.field import Field
from workers.evaluations.order_desk import Desk


def write(
    out: Path, field: Field, desk: Desk, *, orders: Orders, fills: Mapping[str, Fills], costs: Mapping[str, Series]
) -> dict[str, str]:
    """The names of the files, by the part that they are: fills of models, and what each order cost whom."""
    made = {
        Part.ORDERS.value: _orders(field, desk, orders, costs),
        **{trades_part(key): _fills(field, desk, orders, each) for key, each in fills.items()},
    }
    for part, frame in made.items():
        write_frame(frame, out / f"{part}.parquet", {})
    return {part: f"{part}.parquet" for part in made}


def _orders(field: Field, desk: Desk, orders: Orders, costs: Mapping[str, Series]) -> pl.DataFrame:
    count = len(desk.begins)
    return pl.DataFrame(
        {
            TIME: _times(field.bars.times[desk.begins]),
            SYMBOL: [field.bars.symbols[0]] * count,
            "order": np.arange(1, count + 1),
            "side": [_side(orders)] * count,
            "quantity": np.full(count, orders.quantity),
            "arrival": orders.arrival,
            **{f"{SHORTFALL}{key}": each for key, each in costs.items()},
        }
    )


def _fills(field: Field, desk: Desk, orders: Orders, fills: Fills) -> pl.DataFrame:
    quantities = fills.quantities.copy()
    quantities[:, -1] += rest(orders, fills)
    order, step = np.nonzero(quantities > 0.0)
    quantity, price = quantities[order, step], fills.prices[order, step]
    return pl.DataFrame(
        {
            TIME: _times(field.bars.times[desk.at[order, step]]),
            SYMBOL: [field.bars.symbols[0]] * len(order),
            "order": order + 1,
            "side": [_side(orders)] * len(order),
            "quantity": quantity,
            "price": price,
            "cost": quantity * price * orders.fee,
        }
    )


def _side(orders: Orders) -> str:
    return "sell" if orders.side == SELL else "buy"


def _times(times: np.ndarray) -> pl.Series:
    return pl.Series(TIME, times.astype("datetime64[us]")).dt.replace_time_zone("UTC")
