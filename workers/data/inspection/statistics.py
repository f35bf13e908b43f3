"""What the values of each column are like."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl

from domain.datasets.report import Bin, ColumnReport, ColumnType, Quantile
from workers.data.inspection.plan import ColumnPlan

_QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_BINS = 20
_SAMPLED_ABOVE = 1_000_000
_SAMPLE = 250_000


def column_report(values: pl.Series, plan: ColumnPlan) -> ColumnReport:
    report = ColumnReport(
        name=plan.name, original=plan.original, type=plan.type, role=plan.role, missing=values.null_count()
    )
    known = values.drop_nulls()
    if plan.type in {ColumnType.TEXT, ColumnType.BOOLEAN}:
        return replace(report, distinct=_distinct(known))
    if known.is_empty():
        return report
    if plan.type is ColumnType.TIME:
        earliest, latest = pl.select(pl.lit(known).min(), pl.lit(known).max().alias("latest")).row(0)
        return replace(report, minimum=earliest.isoformat(), maximum=latest.isoformat())
    return _about_numbers(report, known.cast(pl.Float64))


def _distinct(known: pl.Series) -> int:
    return (
        known.n_unique()
        if known.len() <= _SAMPLED_ABOVE
        else int(known.to_frame("value").select(pl.col("value").approx_n_unique()).item())
    )


def _about_numbers(report: ColumnReport, known: pl.Series) -> ColumnReport:
    low, high, mean = (
        known.to_frame("value")
        .select(
            pl.col("value").min().alias("low"),
            pl.col("value").max().alias("high"),
            pl.col("value").mean().alias("mean"),
        )
        .row(0)
    )
    return replace(
        report,
        minimum=low,
        maximum=high,
        mean=mean if math.isfinite(mean) else None,
        quantiles=_quantiles(known),
        histogram=_histogram(known, low, high),
    )


def _quantiles(known: pl.Series) -> tuple[Quantile, ...]:
    every = known.len() // _SAMPLE if known.len() > _SAMPLED_ABOVE else 1
    ordered = known.gather_every(every).sort()
    last = ordered.len() - 1
    return tuple(Quantile(at, ordered[round(at * last)]) for at in _QUANTILES)


def _histogram(known: pl.Series, low: float, high: float) -> tuple[Bin, ...]:
    if low == high:
        return (Bin(low, high, known.len()),)
    if not math.isfinite(high - low):
        return ()
    counts = known.hist(bin_count=_BINS, include_breakpoint=True)
    uppers = counts.get_column("breakpoint").to_list()
    return tuple(
        Bin(lower, upper, count)
        for lower, upper, count in zip([low, *uppers], [*uppers[:-1], high], counts.get_column("count"), strict=False)
    )
