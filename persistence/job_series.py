"""Metrics of jobs as series: sampled by the database, so that only what is shown leaves it.

Where more was measured than points are wanted, the steps are cut into stretches of equal length. Of each stretch four
points stay: the first, the last, the lowest and the highest. A line through them looks like the line through all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Select,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)

from domain.errors import Code, Refused
from domain.jobs.events import Split
from domain.jobs.stores import Aligned, AlignedRow, Point, Series, SeriesWish
from domain.viewer import Viewer
from persistence.access import access
from persistence.database import Reader
from persistence.job_events import seen_jobs
from persistence.reading import Query, compiled
from persistence.tables.jobs import job_events

MOST_ROWS = 100_000
"""Points of all series that one statement may give."""
_EVERY = 2**31 - 1
_POINTS = bindparam("points", type_=BigInteger)
_MOST = bindparam("most", type_=BigInteger)
_NUMBERS = ("from_step", "to_step", "from_epoch", "to_epoch")
# The seqs of the first, the last, the lowest and the highest of a stretch; of equals the first.
_CORNERS = """unnest(ARRAY[
    (min(ARRAY[job_events.step, job_events.seq]))[2], (max(ARRAY[job_events.step, job_events.seq]))[2],
    (min(ARRAY[value.value::float8, job_events.step, job_events.seq]))[3]::bigint,
    (max(ARRAY[value.value::float8, -job_events.step, job_events.seq]))[3]::bigint])"""


def _metrics(access: str) -> FromClause:
    """The metrics of the present runs."""
    seen, event = seen_jobs(access), job_events.c
    of_run = (event.job_id == seen.c.id) & (event.kind == "metric") & (event.seq > seen.c.series_from)
    return seen.join(job_events, of_run)


def _within() -> Iterator[ColumnElement[bool]]:
    low, high, first, last = (bindparam(number, type_=BigInteger) for number in _NUMBERS)
    splits, event = bindparam("splits", type_=ARRAY(Text)), job_events.c
    yield or_(splits.is_(None), event.split == any_(splits))
    yield or_(low.is_(None), event.step >= low)
    yield or_(high.is_(None), event.step <= high)
    yield or_(first.is_(None), event.epoch >= first)
    yield or_(last.is_(None), event.epoch <= last)


def _values(*, named: bool) -> FromClause:
    """Name and value of what was measured at once; to look for a few names is quicker than to unfold all."""
    body = job_events.c.body
    if not named:
        return func.jsonb_each_text(body).table_valued("key", "value").render_derived().lateral("value")
    names = func.unnest(bindparam("names", type_=ARRAY(Text))).table_valued("key").render_derived(name="names")
    return select(names.c.key, body.op("->>")(names.c.key).label("value")).lateral("value")


@cache
def _sampled(access: str, *, named: bool) -> Query:
    whole = _bounds(access).cte("whole")
    shown = union_all(_all_points(access, whole, named=named), _some_points(access, whole, named=named)).subquery(
        "shown"
    )
    order = (shown.c[name] for name in ("job_id", "key", "split", "seed", "step", "seq"))
    return compiled(select(shown).order_by(*order).limit(_MOST))


def _all_points(access: str, whole: CTE, *, named: bool) -> Select[Any]:
    """Of runs in which no more was measured than is wanted."""
    value, count = _values(named=named), cast(null(), BigInteger).label("count")
    source = _metrics(access).join(whole, _of_run(whole) & (whole.c.count <= _POINTS)).join(value, true())
    return _point(value.c.key, count, value.c.value).select_from(source).where(value.c.value.is_not(None), *_within())


def _some_points(access: str, whole: CTE, *, named: bool) -> Select[Any]:
    event, value = job_events.c, _values(named=named)
    series = event.job_id, value.c.key, event.split, event.seed
    stretch = (event.step - whole.c.low) * (_POINTS // 4) // whole.c.width
    count = cast(func.sum(func.count()).over(partition_by=series), BigInteger).label("count")
    source = _metrics(access).join(whole, _of_run(whole) & (whole.c.count > _POINTS)).join(value, true())
    corners = select(event.job_id, value.c.key, count, literal_column(_CORNERS).label("seq")).select_from(source)
    corners = corners.where(value.c.value.is_not(None), *_within()).group_by(*series, stretch)
    kept = corners.distinct().subquery("kept")
    same = (event.job_id == kept.c.job_id) & (event.seq == kept.c.seq)
    return _point(kept.c.key, kept.c.count, event.body.op("->>")(kept.c.key)).join_from(kept, job_events, same)


def _point(key: ColumnElement[str], count: ColumnElement[int], value: ColumnElement[Any]) -> Select[Any]:
    event, number = job_events.c, cast(value, Double).label("number")
    columns = event.job_id, key.label("key"), event.split, event.seed, count
    return select(*columns, event.seq, event.epoch, event.step, event.at, number)


def _of_run(whole: CTE) -> ColumnElement[bool]:
    event = job_events.c
    return (whole.c.job_id == event.job_id) & (whole.c.split == event.split) & (whole.c.run == _run())


def _bounds(access: str) -> Select[Any]:
    """From where to where the steps of each run go, and how often something was measured in it."""
    event = job_events.c
    width = (func.max(event.step) - func.min(event.step) + 1).label("width")
    columns = event.job_id, event.split, _run().label("run"), func.min(event.step).label("low"), width
    found = select(*columns, func.count().label("count")).select_from(_metrics(access)).where(*_within())
    return found.group_by(event.job_id, event.split, _run())


def _run() -> ColumnElement[int]:
    # Of one run alone there is no seed; no seed is negative.
    return func.coalesce(job_events.c.seed, literal_column("-1", BigInteger))


@cache
def _side_by_side(access: str) -> Query:
    """One row for each step, or for each stretch of steps where there are too many."""
    event, value = job_events.c, _values(named=True)
    at_step = event.job_id, value.c.key.label("name"), event.split, event.step
    number = func.avg(cast(value.c.value, Double)).label("number")
    source = select(*at_step, number).select_from(_metrics(access).join(value, true()))
    wanted = source.where(value.c.value.is_not(None), *_within())
    mean = wanted.group_by(event.job_id, value.c.key, event.split, event.step).cte("mean").c
    metric = mean.name, mean.split
    rank = (func.dense_rank().over(partition_by=metric, order_by=mean.step) - 1).label("rank")
    ranked = select(*mean, rank).subquery("ranked").c
    most = func.max(ranked.rank).over(partition_by=(ranked.name, ranked.split)) + 1
    stretch = case((most <= _POINTS, ranked.rank), else_=ranked.rank * _POINTS // most)
    cut = select(*ranked, most.label("count"), stretch.label("stretch")).subquery("cut").c
    last = literal_column("(array_agg(cut.number ORDER BY cut.step DESC))[1]", Double).label("last")
    key = cut.name, cut.split, cut.stretch, cut.job_id, cut.count
    each = select(*key, func.max(cut.step).label("step"), last).group_by(*key).subquery("each").c
    table = each.name, each.split, each.count
    row = func.max(each.step), func.array_agg(each.job_id), func.array_agg(each.last)
    rows = select(*table, *row).group_by(*table, each.stretch)
    return compiled(rows.order_by(each.name, each.split, each.stretch).limit(_MOST))


class PostgresSeries:
    """The part of domain.jobs.stores.JobReads that is about metrics."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def series(self, viewer: Viewer, ids: Sequence[UUID], wish: SeriesWish) -> Sequence[Sequence[Series]]:
        found: dict[UUID, list[Series]] = {}
        records = await self._rows(_sampled(access(viewer), named=bool(wish.names)), viewer, ids, wish)
        for key, points in groupby(records, _series):
            found.setdefault(key[0], []).append(_one_series(key, list(points)))
        return [found.get(id_, []) for id_ in ids]

    async def aligned(self, viewer: Viewer, ids: Sequence[UUID], wish: SeriesWish) -> Sequence[Aligned]:
        records = await self._rows(_side_by_side(access(viewer)), viewer, ids, wish)
        return [
            Aligned(name, Split(split), count, tuple(_row(ids, record) for record in rows))
            for (name, split, count), rows in groupby(records, lambda record: tuple(record[:3]))
        ]

    async def _rows(self, query: Query, viewer: Viewer, ids: Sequence[UUID], wish: SeriesWish) -> Sequence[Any]:
        records = await self._reader.rows(
            query,
            viewer=viewer.user_id,
            ids=ids,
            names=wish.names or None,
            splits=wish.splits or None,
            points=_EVERY if wish.points is None else wish.points,
            most=MOST_ROWS + 1,
            **{name: getattr(wish, name) for name in _NUMBERS},
        )
        if len(records) > MOST_ROWS:
            message = f"These are more than {MOST_ROWS:,} points. Name the metrics you want, or ask for fewer points."
            raise Refused.because(Code.OUT_OF_RANGE, message, "points")
        return records


def _series(record: Any) -> tuple[UUID, str, str, int | None, int | None]:
    """The count is there where points were left out."""
    return record["job_id"], record["key"], record["split"], record["seed"], record["count"]


def _one_series(key: tuple[UUID, str, str, int | None, int | None], records: Sequence[Any]) -> Series:
    _, name, split, seed, count = key
    points = (Point(row["seq"], row["epoch"], row["step"], row["at"], row["number"]) for row in records)
    return Series(name, Split(split), seed, len(records) if count is None else count, tuple(points))


def _row(ids: Sequence[UUID], record: Any) -> AlignedRow:
    _, _, _, step, jobs, values = record
    there = dict(zip(jobs, values, strict=True))
    return AlignedRow(step, tuple(there.get(id_) for id_ in ids))
