"""From a sample of a table to a plan of how to read all of it."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.report import ColumnType, Correction
from workers.data.inspection.decimals import decimal_of
from workers.data.inspection.naming import safe
from workers.data.inspection.plan import TIME_SOURCE, Care, ColumnPlan, Plan
from workers.data.inspection.roles import roles_of
from workers.data.inspection.symbols import about_only_symbol, only_symbol, symbol_column
from workers.data.inspection.tables.model import Table
from workers.data.inspection.tables.refusals import no_rows
from workers.data.inspection.timeforms import TimeForm
from workers.data.inspection.times import TimeColumn, column_form, joined, speaks_of_time, time_column
from workers.data.inspection.values import is_missing, plain_number, thorough_number

SAMPLE_ROWS = 10_000
_MOSTLY = 0.95
_HALF = 0.5
_WHOLE = r"^\s*[+-]?\d{1,18}\s*$"
_LEADING_ZERO = r"^\s*0\d+\s*$"


def plan_of(table: Table, name: str, correction: Correction) -> Plan:
    sample = table.frame.head(SAMPLE_ROWS).collect()
    if all(sample.get_column(source).null_count() == sample.height for source in table.sources):
        raise no_rows(table.voice)
    texts = [source for source in table.sources if sample.schema[source] == pl.String]
    decimal, about_decimal = decimal_of(sample.select(texts), table.delimiter, correction, table.voice)
    time = time_column(table, sample, correction)
    symbol, about_symbol = symbol_column(table, sample, time, correction)
    free = [source for source in table.sources if source not in {*time.sources, symbol}]
    roles, about_roles = roles_of(table, sample, free, correction)
    only = only_symbol(name, correction)
    if symbol is None:
        about_symbol = [*about_symbol, *about_only_symbol(table, only, correction)]
    return Plan(
        time=_time_plan(table, sample, time),
        time_source=joined(time.sources).alias(TIME_SOURCE),
        symbol=_symbol_plan(table, symbol) if symbol else None,
        symbol_name=only,
        columns=_columns(table, sample, free, roles, decimal),
        decimal=decimal,
        zone_label=time.zone_label,
        findings=(*about_decimal, *time.findings, *about_symbol, *about_roles),
    )


def _time_plan(table: Table, sample: pl.DataFrame, time: TimeColumn) -> ColumnPlan:
    first = time.sources[0]
    return ColumnPlan(
        source=TIME_SOURCE,
        original=table.name_of(first),
        name=TIME,
        role=TIME,
        type=ColumnType.TIME,
        is_text=sample.schema[first] == pl.String,
        form=time.form,
        zone=time.zone,
    )


def _symbol_plan(table: Table, source: str) -> ColumnPlan:
    name = table.name_of(source)
    return ColumnPlan(source=source, original=name, name=SYMBOL, role=SYMBOL, type=ColumnType.TEXT, is_text=True)


def _columns(
    table: Table, sample: pl.DataFrame, free: list[str], roles: dict[str, str], decimal: str
) -> tuple[ColumnPlan, ...]:
    role_of = {source: role for role, source in roles.items()}
    in_order = [*role_of, *(source for source in free if source not in role_of)]
    blank = ColumnPlan(source="", original="", name="", role=None, type=ColumnType.TEXT, is_text=True, decimal=decimal)
    names = safe([table.name_of(source) for source in in_order], [role_of.get(source) for source in in_order])
    return tuple(
        _column(table, sample, replace(blank, source=source, original=table.name_of(source), name=name), role_of)
        for source, name in zip(in_order, names, strict=True)
    )


def _column(table: Table, sample: pl.DataFrame, blank: ColumnPlan, role_of: dict[str, str]) -> ColumnPlan:
    kind, role = sample.schema[blank.source], role_of.get(blank.source)
    plan = replace(blank, role=role, is_text=kind == pl.String)
    if role is not None:
        price = replace(plan, type=ColumnType.NUMBER)
        return _as_price(price, sample) if plan.is_text else price
    return _told_by_values(plan, table, sample) if plan.is_text else _typed(plan, kind)


def _typed(plan: ColumnPlan, kind: pl.DataType) -> ColumnPlan:
    if isinstance(kind, pl.Date | pl.Datetime):
        return replace(plan, type=ColumnType.TIME, form=TimeForm(typed=kind))
    if kind == pl.Boolean:
        return replace(plan, type=ColumnType.BOOLEAN)
    return replace(plan, type=ColumnType.INTEGER if kind.is_integer() else ColumnType.NUMBER)


def _as_price(plan: ColumnPlan, sample: pl.DataFrame) -> ColumnPlan:
    """A price or a volume, unless most of its cells are no numbers at all."""
    cells = _given(sample, plan.source)
    if cells.len() and _share(cells, thorough_number(pl.col(plan.source), plan.decimal)) < _HALF:
        return plan.as_text()
    return replace(plan, care=_care(sample, plan))


def _told_by_values(plan: ColumnPlan, table: Table, sample: pl.DataFrame) -> ColumnPlan:
    cells = _given(sample, plan.source)
    if not cells.len() or cells.str.contains(_LEADING_ZERO).any():
        return plan
    form = column_form(table, sample, plan.source)
    if form is not None and _are_times(plan, form):
        return replace(plan, type=ColumnType.TIME, form=form)
    if cells.str.to_lowercase().is_in(["true", "false"]).all():
        return replace(plan, type=ColumnType.BOOLEAN)
    if cells.str.contains(_WHOLE).all() and cells.len() == sample.get_column(plan.source).count():
        return replace(plan, type=ColumnType.INTEGER)
    if _share(cells, thorough_number(pl.col(plan.source), plan.decimal)) >= _MOSTLY:
        return replace(plan, type=ColumnType.NUMBER, care=_care(sample, plan))
    return plan


def _are_times(plan: ColumnPlan, form: TimeForm) -> bool:
    """A turnover or a market value may be as large as an epoch: bare numbers need a name that speaks of time."""
    if form.epoch is not None:
        return speaks_of_time(plan.original)
    return form.formats != ("%Y%m%d",) or re.search("date|day", plan.name) is not None


def _given(sample: pl.DataFrame, source: str) -> pl.Series:
    column = pl.col(source)
    return sample.select(column.filter(column.is_not_null() & ~is_missing(column))).to_series()


def _share(cells: pl.Series, number: pl.Expr) -> float:
    return 1 - cells.to_frame().select(number).to_series().null_count() / max(cells.len(), 1)


def _care(sample: pl.DataFrame, plan: ColumnPlan) -> Care:
    column = pl.col(plan.source)
    odd = sample.select((column.is_not_null() & plain_number(column).is_null()).any()).item()
    return Care.THOROUGH if odd or plan.decimal == "," else Care.PLAIN
