"""Puts together what was found out about a file."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.report import (
    CanonicalForm,
    ColumnReport,
    ColumnType,
    Finding,
    Report,
    Severity,
    SymbolReport,
)
from workers.data.inspection.opening import Opened
from workers.data.inspection.ordering import Ordered
from workers.data.inspection.plan import ColumnPlan, Plan
from workers.data.inspection.spacing import Spacing
from workers.data.inspection.statistics import column_report

MOST_SYMBOLS = 1_000
_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def report_of(
    *,
    opened: Opened,
    plan: Plan,
    rows: int,
    ordered: Ordered,
    spacing: Spacing,
    findings: Iterable[Finding],
    canonical: CanonicalForm,
) -> Report:
    table, frame = opened.table, ordered.frame
    first, last = frame.select(pl.col(TIME).min().alias("first"), pl.col(TIME).max().alias("last")).row(0)
    symbols = _symbols(ordered, spacing)
    return Report(
        kind=opened.kind,
        compression=opened.compression,
        encoding=opened.encoding,
        delimiter=table.delimiter,
        decimal=plan.decimal if table.delimiter else None,
        header_row=table.header_row,
        json_form=table.json_form,
        sheet=table.sheet,
        sheets=table.sheets,
        rows=rows,
        columns=_columns(frame, plan),
        symbols=symbols[:MOST_SYMBOLS],
        symbol_count=len(symbols),
        first=first,
        last=last,
        frequency=spacing.frequency,
        calendar=spacing.calendar,
        time_column=plan.time.original,
        time_format=plan.time.form_label,
        zone=plan.zone_label,
        symbol_column=plan.symbol.original if plan.symbol else None,
        roles={column.role: column.original for column in plan.columns if column.role},
        findings=tuple(sorted(findings, key=lambda finding: _WEIGHTS[finding.severity])),
        canonical=canonical,
    )


def _columns(frame: pl.DataFrame, plan: Plan) -> tuple[ColumnReport, ...]:
    symbol = plan.symbol or ColumnPlan(
        source="", original="", name=SYMBOL, role=SYMBOL, type=ColumnType.TEXT, is_text=True
    )
    return tuple(column_report(frame.get_column(each.name), each) for each in (plan.time, symbol, *plan.columns))


def _symbols(ordered: Ordered, spacing: Spacing) -> tuple[SymbolReport, ...]:
    ranges = (
        ordered.frame.group_by(SYMBOL)
        .agg(pl.len(), pl.col(TIME).min().alias("first"), pl.col(TIME).max().alias("last"))
        .sort(SYMBOL)
    )
    return tuple(
        SymbolReport(
            symbol=name,
            rows=rows,
            first=first,
            last=last,
            frequency=frequency,
            gaps=gaps,
            missing_bars=missing,
            duplicates=ordered.duplicates.get(name, 0),
        )
        for name, rows, first, last in ranges.rows()
        for frequency, gaps, missing in (spacing.by_symbol.get(name, (None, 0, 0)),)
    )
