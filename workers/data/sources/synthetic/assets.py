"""Several instruments that move with one market, and each on its own."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from domain.datasets.forms import Values
from workers.data.sources.synthetic.parts import Array, bars, per_row, rows_per_year, swings, times

_MEMORY = 0.98
"""How much of what an instrument does better than the others is left one row later."""


def correlated_assets(values: Values, rng: np.random.Generator) -> pl.DataFrame:
    """Spreading pays: the movements of their own cancel out, the drift stays."""
    returns = _returns(values, rng)
    stamps = times(values)
    digits = len(str(values["assets"]))
    names = [f"ASSET{place + 1:0{digits}d}" for place in range(values["assets"])]
    return pl.concat([bars(rng, name, stamps, column) for name, column in zip(names, returns.T, strict=True)])


def _returns(values: Values, rng: np.random.Generator) -> Array:
    rows, assets = values["rows"], values["assets"]
    drift = values["drift"] * rng.uniform(0.5, 1.5, assets) / rows_per_year(values)
    size = per_row(values) * rng.uniform(0.7, 1.3, assets)
    tied = np.minimum(math.sqrt(values["correlation"]) * rng.uniform(0.85, 1.15, assets), 0.99)
    market = rng.standard_normal((rows, 1))
    own = rng.standard_normal((rows, assets))
    ahead = swings(rng, rows, assets, _MEMORY)
    ahead -= ahead.mean(axis=1, keepdims=True)
    own[1:] += values["momentum"] * ahead[:-1]
    returns: Array = drift + size * (tied * market + np.sqrt(1 - tied**2) * own)
    return returns
