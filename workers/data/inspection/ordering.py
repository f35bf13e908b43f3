"""Rows sorted by symbol and time, each symbol and time once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import Finding, FindingCode, Place, Severity
from workers.data.inspection.limits import Limits
from workers.data.inspection.plan import Plan
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.voice import quoted

_LONGEST_SYMBOL = 60


@dataclass(frozen=True, slots=True)
class Ordered:
    frame: pl.DataFrame
    """PLACE, time, symbol as an Enum in the order of names, then all others."""
    duplicates: dict[str, int]
    findings: tuple[Finding, ...]


def order(table: Table, plan: Plan, frame: pl.DataFrame, limits: Limits) -> Ordered:
    frame = _with_symbols(table, plan, frame, limits)
    frame, about_order = _sorted(table, plan, frame)
    frame, duplicates, about_duplicates = _once(table, plan, frame)
    return Ordered(frame, duplicates, (*about_order, *about_duplicates))


def _with_symbols(table: Table, plan: Plan, frame: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    if plan.symbol is None:
        one = pl.lit(plan.symbol_name, dtype=pl.Enum([plan.symbol_name])).alias(SYMBOL)
        frame = frame.with_columns(one)
    else:
        names = frame.get_column(SYMBOL).unique()
        if names.len() > limits.symbols:
            what = (
                f"this column names {names.len():,} different symbols; {limits.symbols:,} are the most. "
                "Choose another column, or split the file."
            )
            raise table.voice.bad(FindingCode.TOO_MANY_SYMBOLS, what, Place(None, plan.symbol.original))
        clean = {name: _clean(name) for name in names}
        if any(name != shown for name, shown in clean.items()):
            frame = frame.with_columns(pl.col(SYMBOL).replace(clean))
        frame = frame.with_columns(pl.col(SYMBOL).cast(pl.Enum(sorted(set(clean.values())))))
    others = [name for name in frame.columns if name not in {PLACE, TIME, SYMBOL}]
    return frame.select(PLACE, TIME, SYMBOL, *others)


def _clean(symbol: str) -> str:
    return "".join(letter for letter in symbol if letter.isprintable()).strip()[:_LONGEST_SYMBOL] or "?"


def _sorted(table: Table, plan: Plan, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    symbol, time = pl.col(SYMBOL).to_physical(), pl.col(TIME)
    same = symbol == symbol.shift()
    if not frame.select(((symbol < symbol.shift()) | (same & (time < time.shift()))).any()).item():
        return _gathered(frame, None), []
    places = frame.select(_rank().arg_sort()).to_series()
    back = frame.select(PLACE, SYMBOL, TIME).filter(time < time.shift().over(SYMBOL))
    return _gathered(frame, places), ([] if back.is_empty() else [_about_order(plan, back, table)])


def _rank() -> pl.Expr:
    """Symbol, time and place in one number: many times faster to sort by than three."""
    since = pl.col(TIME).dt.timestamp("us") - pl.col(TIME).dt.timestamp("us").min()
    symbol, since, place = (each.cast(pl.Int128) for each in (pl.col(SYMBOL).to_physical(), since, pl.col(PLACE)))
    return symbol * 2**96 + since * 2**32 + place


def _gathered(frame: pl.DataFrame, places: pl.Series | None) -> pl.DataFrame:
    """One column at a time, so that there are never two whole frames."""
    taken = []
    for name in frame.columns:
        column = frame.drop_in_place(name)
        taken.append(column.rechunk() if places is None else column.gather(places))
    return pl.DataFrame(taken)


def _about_order(plan: Plan, back: pl.DataFrame, table: Table) -> Finding:
    what = "its rows are not in the order of time. Nothing needs to be done."
    places = [Place(place, plan.time.original) for place in back.get_column(PLACE).head(MOST_PLACES)]
    action = "The rows were sorted by symbol and time."
    return table.voice.finding(Severity.INFO, FindingCode.UNSORTED, what, action, count=back.height, places=places)


def _once(table: Table, plan: Plan, frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int], list[Finding]]:
    symbol, time = pl.col(SYMBOL).to_physical(), pl.col(TIME)
    again = ((symbol == symbol.shift(-1)) & (time == time.shift(-1))).fill_null(value=False)
    doubled = frame.select(again.alias("again")).to_series()
    if not doubled.any():
        return frame, {}, []
    dropped = frame.select(PLACE, SYMBOL).filter(doubled)
    counts = dict(dropped.group_by(SYMBOL).len().rows())
    return frame.filter(~doubled), counts, [_about_duplicates(table, plan, dropped)]


def _about_duplicates(table: Table, plan: Plan, dropped: pl.DataFrame) -> Finding:
    about = f"of {quoted(dropped.get_column(SYMBOL)[0])} " if plan.symbol else ""
    what = f"a later row {about}has the same time. Remove one of them, or choose the column that names the symbols."
    places = [Place(place, plan.time.original) for place in dropped.get_column(PLACE).sort().head(MOST_PLACES)]
    action = "Of rows with the same symbol and time the last one was kept."
    return table.voice.finding(
        Severity.ERROR, FindingCode.DUPLICATES, what, action, count=dropped.height, places=places
    )
