"""Labels, and which columns stay under which name."""

from __future__ import annotations

import polars as pl

from domain.datasets.columns import SPLIT, SYMBOL, TIME
from domain.datasets.forms import Values
from domain.datasets.recipes.offer import step_kind
from workers.data.frames import finite
from workers.data.preprocessing.work import Work, by_symbol


def label(work: Work, values: Values) -> None:
    """The only step that reads later rows on purpose."""
    (name,) = step_kind("label").makes(values)
    price, horizon = pl.col(values["column"]), values["horizon"]
    ratio = by_symbol(price.shift(-horizon)) / price
    size = finite(ratio.log() if values["what"] == "log_return" else ratio - 1)
    work.add((_sign(size, values["dead_zone"]) if values["what"] == "sign" else size).alias(name))
    work.horizons[name] = horizon


def select(work: Work, values: Values) -> None:
    wanted = {TIME, SYMBOL, SPLIT, *values["columns"]}
    _keep_columns(work, [name for name in work.frame.columns if name in wanted])


def drop(work: Work, values: Values) -> None:
    _keep_columns(work, [name for name in work.frame.columns if name not in values["columns"]])


def rename(work: Work, values: Values) -> None:
    names = values["names"]
    work.frame = work.frame.rename(names)
    work.horizons = {names.get(name, name): rows for name, rows in work.horizons.items()}


def _keep_columns(work: Work, names: list[str]) -> None:
    work.frame = work.frame.select(names)
    work.horizons = {name: rows for name, rows in work.horizons.items() if name in names}


def _sign(size: pl.Expr, dead_zone: float) -> pl.Expr:
    return pl.when(size.abs() <= dead_zone).then(0.0).otherwise(size.sign())
