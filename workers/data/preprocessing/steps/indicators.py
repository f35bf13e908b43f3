"""Technical indicators by TA-Lib, symbol by symbol. Rows with an empty input are stepped over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import talib

from domain.datasets.forms import Values
from domain.datasets.recipes.kinds.indicators import INPUTS
from domain.datasets.recipes.offer import step_kind
from workers.data.preprocessing.work import Work, symbol_ranges

Array = npt.NDArray[np.float64]
Compute = Callable[[list[Array]], tuple[Array, ...]]

_OPTIONS = {
    "window": ("timeperiod",),
    "fast": ("fastperiod",),
    "slow": ("slowperiod",),
    "signal": ("signalperiod",),
    "deviations": ("nbdevup", "nbdevdn"),
    "fast_k": ("fastk_period",),
    "slow_k": ("slowk_period",),
    "slow_d": ("slowd_period",),
    "short": ("timeperiod1",),
    "middle": ("timeperiod2",),
    "long": ("timeperiod3",),
}
_AVERAGES = frozenset({"sma", "ema", "wma", "dema", "tema", "kama", "bbands"})
"""They are prices themselves: relative, they are a distance from the price."""


def indicator(work: Work, kind: str, values: Values) -> None:
    names = INPUTS.get(kind) or (values["column"],)
    inputs = [work.frame.get_column(name).to_numpy().astype(np.float64, copy=False) for name in names]
    made = step_kind(kind).makes(values)
    outputs = [np.full(work.frame.height, np.nan) for _ in made]
    _over_symbols(_compute(kind, values), inputs, outputs, symbol_ranges(work.frame))
    if values.get("relative"):
        outputs = [_relative(kind, output, inputs[-1]) for output in outputs]
    for name, output in zip(made, outputs, strict=True):
        output[~np.isfinite(output)] = np.nan
        work.add(pl.Series(name, output, nan_to_null=True))


def _compute(kind: str, values: Values) -> Compute:
    function: Any = getattr(talib, kind.upper())
    options = {option: values[name] for name, its in _OPTIONS.items() if name in values for option in its}

    def compute(inputs: list[Array]) -> tuple[Array, ...]:
        found = function(*inputs, **options)
        return found if isinstance(found, tuple) else (found,)

    return compute


def _over_symbols(compute: Compute, inputs: list[Array], outputs: list[Array], ranges: list[tuple[int, int]]) -> None:
    for first, last in ranges:
        parts = [values[first:last] for values in inputs]
        there = ~np.isnan(parts).any(axis=0)
        if there.any():
            found = compute([np.ascontiguousarray(part[there]) for part in parts])
            for output, values in zip(outputs, found, strict=True):
                output[first:last][there] = values


def _relative(kind: str, output: Array, price: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = output / price
    return ratio - 1 if kind in _AVERAGES else ratio
