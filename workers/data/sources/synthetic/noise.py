"""A market in which there is nothing to learn."""

from __future__ import annotations

import numpy as np
import polars as pl

from domain.datasets.forms import Values
from workers.data.sources.synthetic.parts import bars, named, per_row, swings, times

_PERSISTENCE = 0.9


def noise(values: Values, rng: np.random.Generator) -> pl.DataFrame:
    """The price is a martingale: its expected next value is the present one, whatever the features say."""
    rows: int = values["rows"]
    deviation = per_row(values)
    returns = rng.standard_normal(rows) * deviation - deviation**2 / 2
    features = swings(rng, rows, values["features"], _PERSISTENCE)
    return bars(rng, values["symbol"], times(values), returns).with_columns(*named("feature", features))
