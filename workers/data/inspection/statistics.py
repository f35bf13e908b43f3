"""What the values of each column are like."""

from __future__ import annotations

import math
from datetime import datetime

import polars as pl

from domain.datasets.report import Bin, ColumnReport, ColumnType, Quantile
from workers.data.inspection.plan import ColumnPlan

_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_BINS = 20
_SAMPLED_ABOVE = 1_000_000


def column_report(values: pl.Series, plan: ColumnPlan) -> ColumnReport:
    report = ColumnReport(
        name=plan.name, original=plan.original, type=plan.type, role=plan.role, missing=values.null_count()
    )
    known = values.drop_nulls()
    if plan.type in {ColumnType.TEXT, ColumnType.BOOLEAN}:
        return _with(report, distinct=_distinct(known))
    if known.is_empty():
        return report
    if plan.type is ColumnType.TIME:
        return _with(report, minimum=_iso(known.min()), maximum=_iso(known.max()))
    return _numbers(report, known.cast(pl.Float64))


def _with(report: ColumnReport, **changes: object) -> ColumnReport:
    from dataclasses import replace

    return replace(report, **changes)


def _numbers(report: ColumnReport, known: pl.Series) -> ColumnReport:
    low, high = float(known.min()), float(known.max())
    return _with(
        report,
        minimum=low,
        maximum=high,
        mean=_finite(known.mean()),
        quantiles=_quantiles(known),
        histogram=_histogram(known, low, high),
    )


def _distinct(known: pl.Series) -> int:
    return known.n_unique() if known.len() <= _SAMPLED_ABOVE else known.approx_n_unique()
