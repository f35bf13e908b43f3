"""Train, valid and test by time. A time is in one part for all symbols, and no part knows a later one."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from domain.datasets.columns import SPLIT, TIME, ColumnKind, kind_of
from domain.datasets.forms import Values
from domain.datasets.forms.checks import moment
from domain.datasets.recipes.manifest import SplitPart
from workers.data.preprocessing.work import Work, by_symbol

PARTS = ("train", "valid", "test")
_UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
_ROW = "__row__"


def split(work: Work, values: Values) -> None:
    if values["warm_up"] == "drop":
        _drop_warm_up(work)
    times = work.frame.get_column(TIME).unique().sort()
    starts = _starts(work, times, values)
    ends = [_end(times, start, values) for start in starts]
    _blind_labels(work, starts)
    work.add(_part(starts, ends).alias(SPLIT))
    work.filter(pl.col(SPLIT).is_not_null(), "purged")
    work.parts = _described(work)


def _drop_warm_up(work: Work) -> None:
    """From the first row on that has every feature; where one is always empty, nothing would be left."""
    features = [name for name in work.frame.columns if kind_of(name) is ColumnKind.FEATURE]
    if not features:
        return
    whole = pl.all_horizontal(pl.col(features).is_not_null())
    work.filter(by_symbol(whole.cum_max()), "warm_up")
    if work.frame.is_empty():
        raise work.refuse("No row has all features. Choose shorter windows, or drop the columns that are empty.")


def _starts(work: Work, times: pl.Series, values: Values) -> list[datetime]:
    """When valid and test begin."""
    if values["by"] == "dates":
        return [moment(values["valid_from"]), moment(values["test_from"])]
    shares = (values["train"], values["train"] + values["valid"])
    places = [int(times.len() * share + 1e-9) for share in shares]
    if not 0 < places[0] < places[1] < times.len():
        raise work.refuse(f"{times.len():,} times are too few to be split like this. Bring more data.")
    return [times[place] for place in places]


def _end(times: pl.Series, start: datetime, values: Values) -> datetime:
    """Where the part before this start ends, once the purge gap is taken off."""
    purge: int = values["purge"]
    if values["purge_unit"] != "rows":
        return start - purge * _UNITS[values["purge_unit"]]
    before = times.filter(times < start)
    end: datetime = before[max(before.len() - purge, 0)] if purge and before.len() else start
    return end


def _blind_labels(work: Work, starts: list[datetime]) -> None:
    """A label whose future lies in another part is taken away: the purge gap may be shorter than its horizon."""
    part = pl.lit(0) + sum((pl.col(TIME) >= start).cast(pl.Int8) for start in starts)
    for name, horizon in work.horizons.items():
        work.add(pl.when(by_symbol(part.shift(-horizon)) == part).then(name).alias(name))


def _part(starts: list[datetime], ends: list[datetime]) -> pl.Expr:
    time = pl.col(TIME)
    return (
        pl.when(time < ends[0])
        .then(pl.lit("train"))
        .when((time >= starts[0]) & (time < ends[1]))
        .then(pl.lit("valid"))
        .when(time >= starts[1])
        .then(pl.lit("test"))
    )


def _described(work: Work) -> tuple[SplitPart, ...]:
    time = pl.col(TIME)
    facts = work.frame.group_by(SPLIT).agg(pl.len(), time.n_unique(), first=time.min(), last=time.max())
    found = {row[0]: SplitPart(*row) for row in facts.iter_rows()}
    for name in PARTS:
        if name not in found:
            raise work.refuse(f"The part {name} would be empty. Move the dates, or choose a shorter purge gap.")
    return tuple(found[name] for name in PARTS)
