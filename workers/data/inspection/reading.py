"""Reads a whole table by its plan, and reads again more carefully where the plan met what the sample did not show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import polars as pl

from domain.datasets.report import ColumnType
from workers.data.inspection.limits import Limits
from workers.data.inspection.plan import Care, ColumnPlan, Plan
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.tables.refusals import too_many_rows

_FAST: Mapping[ColumnType, type[pl.DataType]] = {ColumnType.NUMBER: pl.Float64, ColumnType.INTEGER: pl.Int64}
_ODD = "__odd"
_VALUE = "__value_"
_MOST_ODD_PRICES = 0.5
_MOST_ODD = 0.05
_MOST_READINGS = 5
_SAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """Every row in the order of the file, with its place."""

    frame: pl.DataFrame
    plan: Plan
    has_odd: bool
    """Some cells hold what cannot be read, or no finite number."""


def read(table: Table, plan: Plan, limits: Limits) -> Reading:
    for _ in range(_MOST_READINGS):
        frame = _read_once(table, plan)
        if frame.height > limits.rows:
            raise too_many_rows(limits, table.voice)
        has_odd = bool(frame.get_column(_ODD).any())
        if not has_odd or (changed := _more_careful(table, plan)) == plan:
            break
        plan = changed
    return Reading(frame.drop(_ODD), plan, has_odd)


def planned(table: Table, plan: Plan) -> pl.LazyFrame:
    """The table as the expressions of the plan expect it."""
    return table.frame.with_columns(plan.time_source)


def _read_once(table: Table, plan: Plan) -> pl.DataFrame:
    """By the fast way where that goes: plain numbers need not become texts before they become numbers."""
    numbers = {
        each.source: _FAST[each.type]
        for each in plan.columns
        if each.is_text and each.care is Care.PLAIN and each.type in _FAST
    }
    if numbers and table.retyped is not None:
        fast = (replace(each, is_text=each.is_text and each.source not in numbers) for each in plan.columns)
        with suppress(pl.exceptions.ComputeError):
            return _collect(table.retyped(numbers).with_columns(plan.time_source), replace(plan, columns=tuple(fast)))
    return _collect(planned(table, plan), plan)


def _collect(frame: pl.LazyFrame, plan: Plan) -> pl.DataFrame:
    """In two steps, so that each cell is read only once though it is looked at twice."""
    columns = [*_placing(plan), *plan.columns]
    read = frame.with_columns(each.value().alias(_VALUE + each.name) for each in columns)
    odd = pl.any_horizontal(
        each.is_given() & pl.col(_VALUE + each.name).is_null() for each in columns if each.type is not ColumnType.TEXT
    )
    values = (pl.col(_VALUE + each.name).alias(each.name) for each in columns)
    return read.select(PLACE, *values, odd.alias(_ODD)).collect(engine="streaming")


def _placing(plan: Plan) -> list[ColumnPlan]:
    return [plan.time, *([plan.symbol] if plan.symbol else [])]


def _more_careful(table: Table, plan: Plan) -> Plan:
    columns = (plan.time, *plan.columns)
    counts = counts_of(table, plan, columns)
    time, *others = (
        _changed(table, plan, each, odd, given) for each, (odd, _infinite, given) in zip(columns, counts, strict=True)
    )
    return replace(plan, time=time, columns=tuple(others))


def counts_of(table: Table, plan: Plan, columns: Iterable[ColumnPlan]) -> list[tuple[int, int, int]]:
    """Of each column: how many cells cannot be read, infinite numbers aside, how many are infinite, and how many hold
    anything."""
    asked = [
        expression.sum().alias(f"{number} {place}")
        for number, each in enumerate(columns)
        for place, expression in enumerate((each.is_unreadable(), each.is_infinite(), each.is_given()))
    ]
    if not asked:
        return []
    row = planned(table, plan).select(asked).collect(engine="streaming").row(0)
    return list(zip(row[::3], row[1::3], row[2::3], strict=True))


def _changed(table: Table, plan: Plan, column: ColumnPlan, odd: int, given: int) -> ColumnPlan:
    if not odd or column.type is ColumnType.TEXT:
        return column
    if column.type is ColumnType.INTEGER:
        return replace(column, type=ColumnType.NUMBER, care=Care.THOROUGH)
    if column is plan.time:
        return _wider(table, plan, column)
    if column.care is Care.PLAIN:
        return replace(column, care=Care.THOROUGH)
    too_many = odd > given * (_MOST_ODD_PRICES if column.role else _MOST_ODD)
    return column.as_text() if too_many else column


def _wider(table: Table, plan: Plan, column: ColumnPlan) -> ColumnPlan:
    """Further forms of times that the column turned out to have."""
    if column.form is None or not column.is_text:
        return column
    texts = planned(table, plan).filter(column.is_odd()).select(pl.col(column.source).unique().head(_SAMPLES))
    return replace(column, care=Care.THOROUGH, form=column.form.widened(texts.collect().to_series().drop_nulls()))
