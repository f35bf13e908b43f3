"""Times that say more than is kept of them."""

from __future__ import annotations

import polars as pl

from domain.datasets.findings import Finding, FindingCode, Place, Severity
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.timeforms import TimeForm

# A digit beyond the sixth that is not 0.
_FINER = r"[.,]\d{6}\d*[1-9]"


def rounded(table: Table, source: str, form: TimeForm) -> list[Finding]:
    """Platform and clients know whole microseconds."""
    finer = _finer(pl.col(source), form)
    if finer is None:
        return []
    found = table.frame.select(finer.sum().alias("count"), pl.col(PLACE).filter(finer).first())
    count, row = found.collect(engine="streaming").row(0)
    if not count:
        return []
    what = "some times are finer than a microsecond. Check that bars do not need that to differ."
    action = "What is finer was cut off."
    place = Place(int(row), table.name_of(source))
    return [
        table.voice.finding(Severity.INFO, FindingCode.TIME_ROUNDED, what, action, count=int(count), places=[place])
    ]


def _finer(source: pl.Expr, form: TimeForm) -> pl.Expr | None:
    """Whether one is finer; None where none can be."""
    if form.epoch == "ns":
        return source.cast(pl.String).cast(pl.Int64, strict=False) % 1000 != 0
    if isinstance(form.typed, pl.Datetime):
        return source.dt.timestamp("ns") % 1000 != 0 if form.typed.time_unit == "ns" else None
    return source.str.contains(_FINER) if form.formats and form.has_clock else None
