"""A market in which one feature of many knows something, and the others nothing."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from domain.datasets.forms import Values
from workers.data.sources.synthetic.parts import bars, named, per_row, rows_per_year, swings, times

_MEAN_SIZE = math.sqrt(2 / math.pi)
"""Of a normal number: what following the sign of the signal earns, for each unit of its weight."""


def planted_signal(values: Values, rng: np.random.Generator) -> pl.DataFrame:
    """The signal in a row speaks about the return from this row's close to the next one's."""
    rows: int = values["rows"]
    place = _place(rng, values)
    features = swings(rng, rows, values["features"], values["persistence"])
    deviation = per_row(values)
    share = values["sharpe"] / math.sqrt(rows_per_year(values))
    weight = deviation * share / math.sqrt(1 + share**2) / _MEAN_SIZE
    noise = math.sqrt(max(deviation**2 - weight**2, 0.0))
    returns = rng.standard_normal(rows) * noise
    returns[1:] += weight * features[:-1, place]
    frame = bars(rng, values["symbol"], times(values), returns)
    return frame.with_columns(*named("feature", features))


def planted_column(values: Values) -> str:
    """The name of the feature that knows something."""
    digits = len(str(max(values["features"] - 1, 0)))
    return f"feature_{_place(np.random.default_rng(values['seed']), values):0{digits}d}"


def _place(rng: np.random.Generator, values: Values) -> int:
    """The first number drawn, so that it can be drawn again alone."""
    return int(rng.integers(values["features"]))
