"""Values that lie far from those just before them."""

from __future__ import annotations

import polars as pl

from domain.datasets.forms import Values
from workers.data.preprocessing.steps.bars import edges
from workers.data.preprocessing.work import Work, by_symbol

_MIDDLE, _AWAY, _LOW, _HIGH, _HIT = "__middle__", "__away__", "__low__", "__high__", "__hit__"
_OWN = (_MIDDLE, _AWAY, _LOW, _HIGH)


def outliers(work: Work, values: Values) -> None:
    work.add(pl.lit(value=False).alias(_HIT))
    for name in values["columns"]:
        _limits(work, name, values)
        outside = ((pl.col(name) < pl.col(_LOW)) | (pl.col(name) > pl.col(_HIGH))).fill_null(value=False)
        work.note("clipped", work.frame.select(outside.sum()).item() if values["action"] == "clip" else 0)
        inside = pl.col(name).clip(_LOW, _HIGH) if values["action"] == "clip" else pl.col(name)
        work.add((pl.col(_HIT) | outside).alias(_HIT), pl.when(outside).then(inside).otherwise(name).alias(name))
        work.frame = work.frame.drop(_OWN, strict=False)
    _finish(work, values["action"])


def _finish(work: Work, action: str) -> None:
    if action == "drop":
        work.filter(~pl.col(_HIT), "removed")
    else:
        work.add(*_mended(work))
    work.frame = work.frame.drop(_HIT)


def _mended(work: Work) -> list[pl.Expr]:
    mended = edges(work.frame.columns)
    return [pl.when(_HIT).then(edge).otherwise(name).alias(name) for name, edge in mended.items()]


def _limits(work: Work, name: str, values: Values) -> None:
    """The rows before say what is usual. Where they are too few, or all alike, there is no limit."""
    window, past = values["window"], pl.col(name).shift(1)
    enough = max(2, window // 2)
    if values["method"] == "quantile":
        low = past.rolling_quantile(values["lower"], "linear", window, min_samples=enough)
        high = past.rolling_quantile(values["upper"], "linear", window, min_samples=enough)
        work.add(by_symbol(low).alias(_LOW), by_symbol(high).alias(_HIGH))
        return
    work.add(by_symbol(past.rolling_median(window, min_samples=enough)).alias(_MIDDLE))
    away = (pl.col(name) - pl.col(_MIDDLE)).abs().shift(1)
    work.add(by_symbol(away.rolling_median(window, min_samples=enough)).alias(_AWAY))
    far = pl.when(pl.col(_AWAY) > 0).then(pl.col(_AWAY) * values["threshold"])
    work.add((pl.col(_MIDDLE) - far).alias(_LOW), (pl.col(_MIDDLE) + far).alias(_HIGH))
