"""What an agent sees beside the columns of the data: computed from the bars, each from the past only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from domain.datasets.columns import BOOK_LEVELS

Array = npt.NDArray[np.float64]

RECIPE = "bars-1"
"""The name of what `computed` does. A model that was trained with another one must not be used with this."""
WARM_UP = 20
"""How many bars it takes until all of them are known."""
_RETURNS_OVER = (1, 5, 20)


def computed(prices: Mapping[str, Array]) -> dict[str, Array]:
    """[T, N] each, by name; empty where the past is too short."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _of_bars(prices) | (_of_book(prices) if "bid_size_1" in prices and "ask_size_1" in prices else {})


def _of_bars(prices: Mapping[str, Array]) -> dict[str, Array]:
    close = np.log(prices["close"])
    found = {f"bars.return_{bars}": _since(close, bars) for bars in _RETURNS_OVER}
    if "high" in prices and "low" in prices:
        high, low = np.log(prices["high"]), np.log(prices["low"])
        found |= {"bars.range": high - low, "bars.close_in_range": _share(close - low, high - low)}
    if "volume" in prices:
        found["bars.volume"] = _against_usual(np.log1p(np.maximum(prices["volume"], 0)))
    return {name: _finite(value) for name, value in found.items()}


def _of_book(prices: Mapping[str, Array]) -> dict[str, Array]:
    bid, ask = prices["bid_price_1"], prices["ask_price_1"]
    size, size_above = prices["bid_size_1"], prices["ask_size_1"]
    middle = (bid + ask) / 2
    fair = (bid * size_above + ask * size) / (size + size_above)
    levels = [level for level in range(1, BOOK_LEVELS + 1) if f"bid_size_{level}" in prices]
    below = sum((prices[f"bid_size_{level}"] for level in levels), np.zeros_like(bid))
    above = sum((prices.get(f"ask_size_{level}", np.zeros_like(bid)) for level in levels), np.zeros_like(bid))
    found = {
        "book.spread": (ask - bid) / middle,
        "book.imbalance": _share(size - size_above, size + size_above),
        "book.depth_imbalance": _share(below - above, below + above),
        "book.fair_price": fair / middle - 1,
    }
    return {name: _finite(value) for name, value in found.items()}


def _since(values: Array, bars: int) -> Array:
    change = np.full_like(values, np.nan)
    change[bars:] = values[bars:] - values[:-bars]
    return change


def _against_usual(values: Array) -> Array:
    """How far it is from its mean over the warm-up."""
    sums = np.cumsum(np.concatenate((np.zeros_like(values[:1]), values)), axis=0)
    usual = np.full_like(values, np.nan)
    usual[WARM_UP - 1 :] = (sums[WARM_UP:] - sums[:-WARM_UP]) / WARM_UP
    return values - usual


def _share(part: Array, whole: Array) -> Array:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), 0.0)


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)
