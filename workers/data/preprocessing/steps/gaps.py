"""Rows that should be there and are not, and values that are empty. What lies before a first value stays empty."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from domain.datasets.columns import BAR, SPLIT, SYMBOL, TIME, VOLUME, ColumnKind, kind_of
from domain.datasets.forms import Values
from workers.data.evenings import HALF_DAY, begin_in_the_evening
from workers.data.preprocessing.steps.bars import edges, length_of
from workers.data.preprocessing.work import Work, by_symbol

MOST_ROWS = 20_000_000
_BUCKET = "__bucket__"
_EMPTY = "__empty__"


def fill_gaps(work: Work, values: Values) -> None:
    if values["calendar"] != "none":
        _add_rows(work, values["calendar"], values["period"])
    numbers = [name for name in work.frame.columns if name not in {TIME, SYMBOL, SPLIT}]
    rules = {name: values["rules"].get(name, "zero" if name == VOLUME else "forward") for name in numbers}
    empty = _empty(work.frame, numbers)
    _fill(work, rules, values["limit"])
    needed = [name for name, rule in rules.items() if rule == "drop"]
    if needed:
        work.filter(pl.all_horizontal(pl.col(needed).is_not_null()), "removed")
    work.note("filled", empty - _empty(work.frame, numbers))


def _add_rows(work: Work, calendar: str, period: str) -> None:
    spans = work.frame.group_by(SYMBOL, maintain_order=True).agg(first=pl.col(TIME).min(), last=pl.col(TIME).max())
    if calendar == "shared":
        missing = _shared(work, spans)
    else:
        missing = _regular(work, spans, period, weekdays=calendar == "weekdays")
    work.note("added", missing.height)
    whole = pl.concat([work.frame, missing], how="diagonal")
    work.frame = whole.sort(SYMBOL, TIME, maintain_order=True)


def _shared(work: Work, spans: pl.DataFrame) -> pl.DataFrame:
    """The times at which another symbol has a row and this one, between its first and its last, has none."""
    times = work.frame.get_column(TIME).unique().sort()
    begins, ends = times.search_sorted(spans["first"], "left"), times.search_sorted(spans["last"], "right")
    _refuse_flood(work, int((ends - begins).sum()), "calendar")
    places = spans.select(SYMBOL, pl.int_ranges(begins, ends).alias("place")).explode("place")
    wanted = places.select(times.gather(places["place"]).alias(TIME), SYMBOL)
    return wanted.join(work.frame.select(TIME, SYMBOL), on=[TIME, SYMBOL], how="anti")


def _regular(work: Work, spans: pl.DataFrame, period: str, *, weekdays: bool) -> pl.DataFrame:
    """Each period without a row; the row is put where the symbol's first one stands within its own period."""
    step = length_of(period)
    _refuse_flood(work, sum((last - first) // step for _, first, last in spans.iter_rows()), "period")
    later = _later(work) if weekdays and step == timedelta(days=1) else pl.duration()
    begin = (pl.col("first") + later).dt.truncate(period)
    offset, buckets = (
        (pl.col("first") - begin).alias("offset"),
        pl.datetime_ranges(begin, pl.col("last") + later, period),
    )
    grid = spans.select(SYMBOL, offset, buckets.alias(_BUCKET)).explode(_BUCKET)
    wanted = grid.filter(pl.col(_BUCKET).dt.weekday() <= 5) if weekdays and step <= timedelta(days=1) else grid
    there = work.frame.select(SYMBOL, (pl.col(TIME) + later).dt.truncate(period).alias(_BUCKET))
    missing = wanted.join(there, on=[SYMBOL, _BUCKET], how="anti")
    return missing.select((pl.col(_BUCKET) + pl.col("offset")).alias(TIME), SYMBOL)


def _later(work: Work) -> pl.Expr:
    """By how much the days of each symbol are told later."""
    found = work.frame.group_by(SYMBOL).agg(begin_in_the_evening().alias("eastern"))
    eastern = found.filter("eastern").get_column(SYMBOL)
    return pl.when(pl.col(SYMBOL).is_in(eastern.implode())).then(HALF_DAY).otherwise(pl.duration())


def _refuse_flood(work: Work, rows: int, field: str) -> None:
    if rows > MOST_ROWS:
        message = f"There would be {rows:,} rows; {MOST_ROWS:,} may be. Choose a longer period, or bring less data."
        raise work.refuse(message, field)


def _fill(work: Work, rules: dict[str, str], limit: int) -> None:
    bars = [name for name in BAR if rules.get(name) == "forward"]
    whole = bars if bars == list(BAR) else []
    work.add(pl.any_horizontal(pl.col(BAR).is_null()).alias(_EMPTY) if whole else pl.lit(value=False).alias(_EMPTY))
    work.add(*(_filled(name, rule, limit) for name, rule in rules.items() if name not in whole[:3]))
    if whole:
        _fill_bars(work)
    work.frame = work.frame.drop(_EMPTY)


def _filled(name: str, rule: str, limit: int) -> pl.Expr:
    column = pl.col(name)
    match rule:
        case "forward":
            return by_symbol(column.forward_fill(limit))
        case "zero":
            return column.fill_null(0.0)
        case "linear":
            return by_symbol(column.interpolate_by(TIME))
        case _:
            return column


def _fill_bars(work: Work) -> None:
    """Open, high and low that are empty become the close, which is filled already, and stay around each other."""
    work.add(*(pl.coalesce(name, "close").alias(name) for name in BAR[:3]))
    work.add(*(pl.when(_EMPTY).then(edge).otherwise(name).alias(name) for name, edge in edges(BAR).items()))


def _empty(frame: pl.DataFrame, names: list[str]) -> int:
    kinds = [name for name in names if kind_of(name) is not ColumnKind.META]
    return sum(frame.get_column(name).null_count() for name in kinds)
