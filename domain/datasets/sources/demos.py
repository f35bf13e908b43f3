"""A dataset for each task, with which a new installation can show what it does. All of them are made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.catalogue.model import TaskType
from domain.datasets.recipes import Recipe, read_recipe
from domain.datasets.sources.model import FetchRequest
from domain.datasets.sources.requests import read_request


@dataclass(frozen=True, slots=True)
class DemoDataset:
    """What to make, how to prepare it, and which task it is for. The slug stays the same from version to version."""

    slug: str
    name: str
    description: str
    task_type: TaskType
    request: FetchRequest
    recipe: Recipe


_SPLIT = {"kind": "split", "train": 0.6, "valid": 0.2}
_NORMALISE = {"kind": "normalise"}
_COIN_STEPS: list[dict[str, Any]] = [
    {"kind": "trademaster_features"},
    {"kind": "rsi"},
    {"kind": "natr"},
    {"kind": "volatility"},
    {**_SPLIT, "purge": 5},
    _NORMALISE,
]
_ASSET_STEPS: list[dict[str, Any]] = [
    {"kind": "trademaster_features"},
    {**_SPLIT, "purge": 5},
    {**_NORMALISE, "per_symbol": False},
]
_BOOK_STEPS: list[dict[str, Any]] = [
    {"kind": "book_features"},
    {"kind": "returns", "periods": [1, 5, 20], "log": True},
    {"kind": "volatility", "window": 30},
    {"kind": "rsi"},
    {**_SPLIT, "purge": 30},
    _NORMALISE,
]


def demo_datasets() -> tuple[DemoDataset, ...]:
    return (
        DemoDataset(
            "demo-bitcoin-like",
            "Demo: a coin, daily (synthetic)",
            "Three years of made-up daily bars with bull, bear and sideways times, as of a coin. "
            "label_regime says which one ruled.",
            TaskType.ALGORITHMIC_TRADING,
            _made("regimes", rows=1_200, symbol="COIN", seed=3),
            read_recipe(_COIN_STEPS),
        ),
        DemoDataset(
            "demo-twenty-assets",
            "Demo: 20 assets, daily (synthetic)",
            "Made-up daily bars of 20 assets that move with one market. Equal weights are hard to beat.",
            TaskType.PORTFOLIO_MANAGEMENT,
            _made("correlated_assets", rows=900, assets=20, seed=12),
            read_recipe(_ASSET_STEPS),
        ),
        DemoDataset(
            "demo-order-book-execution",
            "Demo: order book for execution (synthetic)",
            "Made-up minutes of an order book with five levels, to work off large orders in.",
            TaskType.ORDER_EXECUTION,
            _made("order_book", rows=8_000, symbol="BOOK", seed=13),
            read_recipe(_BOOK_STEPS),
        ),
        DemoDataset(
            "demo-order-book-fast",
            "Demo: order book for fast trading (synthetic)",
            "Made-up minutes of an order book with five levels, in which the side with more size says more than usual.",
            TaskType.HIGH_FREQUENCY_TRADING,
            _made("order_book", rows=10_000, symbol="FAST", seed=14, imbalance_effect=0.8),
            read_recipe(_BOOK_STEPS),
        ),
    )


def _made(generator: str, **values: Any) -> FetchRequest:
    return read_request({"source": "synthetic", "generator": generator, **values})
