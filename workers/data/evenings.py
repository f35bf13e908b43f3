"""Days of markets east of Greenwich: by UTC they begin in the evening before."""

from __future__ import annotations

import polars as pl

from domain.datasets.columns import TIME

HALF_DAY = pl.duration(hours=12)


def begin_in_the_evening() -> pl.Expr:
    """Whether these days do. Told half a day later, fewer of them are at weekends then."""
    raw, later = ((time.dt.weekday() > 5).mean() for time in (pl.col(TIME), pl.col(TIME) + HALF_DAY))
    return later < raw
