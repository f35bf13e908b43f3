"""Bars put together to longer ones, and brought to the level of their adjusted close."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE, BAR, SYMBOL, TIME, VOLUME
from domain.datasets.forms import Values
from workers.data.frames import finite
from workers.data.preprocessing.work import Work, by_symbol

_LENGTHS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=28),
}


def length_of(rule: str) -> timedelta:
    """How long a bar is at least; a month may be longer."""
    digits = "".join(letter for letter in rule if letter.isdigit())
    return int(digits) * _LENGTHS[rule[len(digits) :]]


def resample(work: Work, values: Values) -> None:
    rule = values["rule"]
    _refuse_finer(work, rule)
    columns = [_together(name) for name in work.frame.columns if name not in {TIME, SYMBOL}]
    longer = work.frame.group_by_dynamic(TIME, every=rule, group_by=SYMBOL).agg(columns)
    work.note("removed", work.frame.height - longer.height)
    work.frame = longer.select(work.frame.columns).sort(SYMBOL, TIME)


def adjust(work: Work, values: Values) -> None:
    factor = finite(pl.col(ADJUSTED_CLOSE) / pl.col("close"))
    prices = [(pl.col(name) * factor).alias(name) for name in BAR if name in work.frame.columns]
    volume = (
        [finite(pl.col(VOLUME) / factor).alias(VOLUME)] if values["volume"] and VOLUME in work.frame.columns else []
    )
    work.add(*prices, *volume)


def edges(columns: Sequence[str]) -> dict[str, pl.Expr]:
    """The high and low that hold open and close between them, where the frame has all four."""
    if not set(BAR) <= set(columns):
        return {}
    return {"high": pl.max_horizontal(BAR), "low": pl.min_horizontal(BAR)}


def _together(name: str) -> pl.Expr:
    known = pl.col(name).drop_nulls()
    match name:
        case "open":
            return known.first()
        case "high":
            return known.max()
        case "low":
            return known.min()
        case "volume":
            return known.sum()
        case _:
            return known.last()


def _refuse_finer(work: Work, rule: str) -> None:
    gaps = by_symbol(pl.col(TIME).diff())
    shortest = work.frame.select(gaps.filter(gaps > timedelta()).min()).item()
    if shortest is not None and shortest > length_of(rule) * 1.2:
        message = f"The rows lie {shortest} apart at the least; bars of {rule} would be shorter. Choose a longer one."
        raise work.refuse(message, "rule")
