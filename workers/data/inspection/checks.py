"""Values that cannot be true of a market. They are reported and kept: only a person knows what is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from domain.datasets.columns import SYMBOL, VOLUME
from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import Finding, FindingCode, Place, Severity
from workers.data.inspection.aliases import is_price
from workers.data.inspection.plan import ColumnPlan
from workers.data.inspection.tables.model import PLACE
from workers.data.inspection.voice import Voice

_KEPT = "The values were kept as they are."
# Prices that were adjusted and rounded differ in their last digits.
_TOLERANCE = 1e-6
_RUN = 5


@dataclass(frozen=True, slots=True)
class _Check:
    code: FindingCode
    severity: Severity
    column: str
    is_wrong: pl.Expr
    what: str


def about_values(frame: pl.DataFrame, columns: tuple[ColumnPlan, ...], voice: Voice) -> list[Finding]:
    """`frame` is sorted by symbol and time."""
    roles = {column.role: column for column in columns if column.role}
    checks = list(_checks(roles))
    if checks:
        counts = frame.select(check.is_wrong.sum().alias(str(number)) for number, check in enumerate(checks)).row(0)
    else:
        counts = ()
    found = [_finding(frame, check, count, roles, voice) for check, count in zip(checks, counts, strict=True) if count]
    return found + _zero_runs(frame, roles, voice) + _missing(frame, roles, voice)


def _checks(roles: dict[str, ColumnPlan]) -> Iterator[_Check]:
    error, warning, info = Severity.ERROR, Severity.WARNING, Severity.INFO
    for role in roles:
        if is_price(role):
            what = "a price is below zero. Check it, and correct it in the file or by preprocessing."
            yield _Check(FindingCode.NEGATIVE_PRICE, error, role, pl.col(role) < 0, what)
            what = "a price is zero. Check it, and correct it in the file or by preprocessing."
            yield _Check(FindingCode.ZERO_PRICE, warning, role, pl.col(role) == 0, what)
    for role in roles:
        if role == VOLUME or "_size_" in role:
            what = "a volume is below zero. Check it, and correct it in the file or by preprocessing."
            yield _Check(FindingCode.NEGATIVE_VOLUME, error, role, pl.col(role) < 0, what)
    if {"high", "low"} <= roles.keys():
        what = "the high is below the low. Check whether the columns are mixed up, or correct the row."
        yield _Check(FindingCode.HIGH_BELOW_LOW, error, "high", _below("high", "low"), what)
        for role, code in (("open", FindingCode.OPEN_OUTSIDE), ("close", FindingCode.CLOSE_OUTSIDE)):
            if role in roles:
                what = f"the {role} lies outside low and high. Check whether only some prices are adjusted."
                outside = (_below("high", role) | _below(role, "low")) & ~_below("high", "low")
                yield _Check(code, warning, role, outside, what)
    if {"bid_price_1", "ask_price_1"} <= roles.keys():
        what = "the best bid is above the best ask. Check whether the columns are mixed up."
        yield _Check(FindingCode.CROSSED_BOOK, info, "bid_price_1", _below("ask_price_1", "bid_price_1"), what)


def _below(lower: str, upper: str) -> pl.Expr:
    """Further below than rounding explains."""
    return pl.col(upper) - pl.col(lower) > pl.col(upper).abs() * _TOLERANCE


def _finding(frame: pl.DataFrame, check: _Check, count: int, roles: dict[str, ColumnPlan], voice: Voice) -> Finding:
    places = frame.filter(check.is_wrong).get_column(PLACE).sort().head(MOST_PLACES)
    column = roles[check.column].original
    return voice.finding(
        check.severity, check.code, check.what, _KEPT, count=count, places=[Place(row, column) for row in places]
    )


def _zero_runs(frame: pl.DataFrame, roles: dict[str, ColumnPlan], voice: Voice) -> list[Finding]:
    """Bars in a row in which nothing was traded."""
    if VOLUME not in roles or int((frame.get_column(VOLUME) == 0).sum()) < _RUN:
        return []
    symbol, zero = pl.col(SYMBOL).to_physical(), (pl.col(VOLUME) == 0).fill_null(value=False)
    begins = (zero != zero.shift()) | (symbol != symbol.shift())
    runs = (
        frame.select(PLACE, zero.alias("zero"), begins.fill_null(value=True).cum_sum().alias("run"))
        .filter("zero")
        .group_by("run")
        .agg(pl.len().alias("bars"), pl.col(PLACE).first())
        .filter(pl.col("bars") >= _RUN)
    )
    if runs.is_empty():
        return []
    what = f"nothing was traded in {_RUN} or more bars in a row. Check whether the market was open then."
    places = [Place(row, roles[VOLUME].original) for row in runs.get_column(PLACE).sort().head(MOST_PLACES)]
    return [voice.finding(Severity.WARNING, FindingCode.ZERO_VOLUME_RUN, what, _KEPT, count=runs.height, places=places)]


def _missing(frame: pl.DataFrame, roles: dict[str, ColumnPlan], voice: Voice) -> list[Finding]:
    found = []
    for role, column in roles.items():
        count = frame.get_column(role).null_count()
        if count:
            rows = frame.filter(pl.col(role).is_null()).get_column(PLACE).sort().head(MOST_PLACES)
            what = "cells are empty or could not be read. Fill them in the file or by preprocessing."
            places = [Place(row, column.original) for row in rows]
            action = "They were left empty."
            found.append(
                voice.finding(Severity.WARNING, FindingCode.MISSING_VALUES, what, action, count=count, places=places)
            )
    return found
