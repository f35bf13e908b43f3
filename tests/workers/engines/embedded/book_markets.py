"""Small order books, made by hand or by our own generator."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from domain.catalogue import complete
from domain.datasets.sources import read_request
from workers.data.sources.synthetic import generate
from workers.engines.embedded.market import Market, Normalisation, market_of

CPU = torch.device("cpu")


def config(task: str, algorithm: str, **changes: Any) -> dict[str, Any]:
    """The defaults of the catalogue, with these changes."""
    return dict(complete(task, algorithm, changes))


@cache
def frame_of(generator: str = "order_book", **values: Any) -> pl.DataFrame:
    request = read_request({"source": "synthetic", "generator": generator, **values})
    return generate(generator, request.values)


@cache
def generated(generator: str = "order_book", *, lookback: int = 10, **values: Any) -> Market:
    return market_of(frame_of(generator, **values), lookback=lookback, device=CPU, only="one")


def with_other_future(known: int, *, lookback: int, **values: Any) -> Market:
    """As generated up to and including this place; all that comes later in another order."""
    frame = frame_of(**values)
    later = np.random.default_rng(1).permutation(np.arange(known + 1, frame.height))
    shuffled = frame[[*range(known + 1), *later.tolist()]].with_columns(frame.get_column("time"))
    return market_of(shuffled, lookback=lookback, device=CPU, only="one")


def plain_market(close: Sequence[float], *, splits: tuple[int, int] | None = None, **prices: Tensor) -> Market:
    """Bars with these closes, or a book where columns of it are given; one feature, which is the row's number."""
    bars = len(close)
    valid, test = splits or (bars, bars)
    return Market(
        times=np.datetime64("2020-01-01", "us") + np.arange(bars) * np.timedelta64(60_000_000, "us"),
        symbols=("BOOK",),
        prices={
            "close": torch.tensor(close).reshape(-1, 1),
            **{name: value[:, None] for name, value in prices.items()},
        },
        quoted=torch.ones(bars, 1, dtype=torch.bool),
        returns=torch.zeros(bars, 1, dtype=torch.float64),
        features=torch.arange(bars, dtype=torch.float32).reshape(-1, 1, 1),
        feature_names=("row",),
        recipe="none",
        normalisation=Normalisation(torch.zeros(1, 1), torch.ones(1, 1)),
        splits={"train": range(valid), "valid": range(valid, test), "test": range(test, bars)},
        split_by="hand",
        bars_per_year=525_960.0,
        device=CPU,
    )


def book_market(
    middle: Sequence[float], *, half: float = 0.5, sizes: tuple[float, ...] = (10.0, 20.0), **how: Any
) -> Market:
    """Around each middle: levels 1 apart, the best of them `half` away; the same sizes on both sides."""
    at = torch.tensor(middle, dtype=torch.float64)
    columns = {}
    for side, sign in (("bid", -1), ("ask", 1)):
        for level, size in enumerate(sizes):
            columns[f"{side}_price_{level + 1}"] = at + sign * (half + level)
            columns[f"{side}_size_{level + 1}"] = torch.full_like(at, size)
    return plain_market(middle, **how, **columns)
