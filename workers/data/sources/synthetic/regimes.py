"""A market whose trend changes from time to time."""

from __future__ import annotations

import numpy as np
import polars as pl

from domain.datasets.columns import LABEL_PREFIX
from domain.datasets.forms import Values
from workers.data.sources.synthetic.parts import Array, bars, per_row, rows_per_year, times

BULL, SIDEWAYS, BEAR = 1.0, 0.0, -1.0
_KINDS = np.array([BULL, SIDEWAYS, BEAR])
_LOUDNESS = {BULL: 1.0, SIDEWAYS: 0.7, BEAR: 1.25}
REGIME = f"{LABEL_PREFIX}regime"


def regimes(values: Values, rng: np.random.Generator) -> pl.DataFrame:
    """Each regime lasts for a random while and then gives way to one of the other two."""
    ruling = _ruling(rng, values["rows"], values["regime_length"])
    loudness = np.select([ruling == kind for kind in _LOUDNESS], list(_LOUDNESS.values()))
    noise = rng.standard_normal(values["rows"]) * loudness * per_row(values)
    returns = ruling * values["trend"] / rows_per_year(values) + noise
    frame = bars(rng, values["symbol"], times(values), returns)
    return frame.with_columns(pl.Series(REGIME, ruling))


def _ruling(rng: np.random.Generator, rows: int, mean_length: int) -> Array:
    count = rows // mean_length * 2 + 50
    lengths = rng.geometric(1 / mean_length, count)
    while lengths.sum() < rows:
        lengths = np.concatenate((lengths, rng.geometric(1 / mean_length, count)))
    steps = rng.integers(1, 3, len(lengths))
    steps[0] = rng.integers(3)
    ruling: Array = np.repeat(_KINDS[np.cumsum(steps) % 3], lengths)[:rows]
    return ruling
