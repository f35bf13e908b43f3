"""Columns brought to one scale, which is measured on the training part alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from domain.datasets.columns import SPLIT, SYMBOL
from domain.datasets.forms import Values
from domain.datasets.recipes.flow import scaled_by
from domain.datasets.recipes.manifest import Scale
from domain.datasets.recipes.model import Step
from workers.data.preprocessing.work import Work, symbol_ranges

Array = npt.NDArray[np.float64]


def normalise(work: Work, values: Values) -> None:
    names = scaled_by(Step("normalise", values), tuple(work.frame.columns))
    train = (work.frame.get_column(SPLIT) == "train").to_numpy()
    whole = [(0, work.frame.height)]
    ranges = symbol_ranges(work.frame) if values["per_symbol"] else whole
    for name in names:
        scaled = _scaled(work, name, values, train, ranges)
        work.add(pl.Series(f"{name}{values['suffix']}", scaled, nan_to_null=True))


def _scaled(
    work: Work, name: str, values: Values, train: npt.NDArray[np.bool_], ranges: list[tuple[int, int]]
) -> Array:
    column = work.frame.get_column(name).to_numpy().astype(np.float64)
    symbols = work.frame.get_column(SYMBOL)
    for first, last in ranges:
        symbol = str(symbols[first]) if values["per_symbol"] else None
        known = column[first:last][train[first:last]]
        known = known[~np.isnan(known)]
        if not known.size:
            raise work.refuse(_nothing(name, symbol), "per_symbol")
        center, scale = _measured(values["method"], known)
        work.scales.append(Scale(work.step, name, symbol, values["method"], center, scale))
        column[first:last] = (column[first:last] - center) / scale
    return column


def _measured(method: str, known: Array) -> tuple[float, float]:
    """Center and scale. A column that never changes keeps its size."""
    if method == "zscore":
        center, scale = float(known.mean()), float(known.std())
    elif method == "minmax":
        center, scale = float(known.min()), float(known.max() - known.min())
    else:
        low, center, high = (float(value) for value in np.quantile(known, (0.25, 0.5, 0.75)))
        scale = high - low
    return center, scale if scale > 0 else 1.0


def _nothing(name: str, symbol: str | None) -> str:
    whose = f" of {symbol}" if symbol is not None else ""
    return f"The training part has no value of {name}{whose} to measure. Drop it, or let all symbols share one scale."
