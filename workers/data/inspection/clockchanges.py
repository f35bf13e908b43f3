"""The hour that clocks show twice when they are set back: rows in the order of time tell the first from the second."""

from __future__ import annotations

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import Finding, FindingCode, Place, Severity
from workers.data.inspection.plan import Plan
from workers.data.inspection.tables.model import PLACE, Table
from workers.data.inspection.zones import UTC

_ROW, _LATER, _DAY = "__row", "__later", "__day"
_WAY, _AGAINST, _SHORTEST = "__way", "__against", "__shortest"
_TOLD, _SECOND = "__told", "__second"


def told_apart(table: Table, plan: Plan, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """`frame` is in the order of the file, its times read as the first of two where there are two."""
    zone = _clock_of(plan)
    if zone == UTC or (doubled := _doubled(frame, zone)).is_empty():
        return frame, []
    rows = _told(doubled.join(_order(frame, doubled), on=SYMBOL))
    second = rows.filter(_SECOND)
    times = frame.get_column(TIME).scatter(second.get_column(_ROW), second.get_column(_LATER))
    return frame.with_columns(times), _findings(table, plan, zone, rows)


def _clock_of(plan: Plan) -> str:
    """The one place whose clock showed all times; UTC where some say how far from UTC they are."""
    form = plan.time.form
    if form is None or form.has_offsets or (form.lacks_zones and form.says_zones):
        return UTC
    if form.lacks_zones:
        return plan.time.zone
    zones = list(form.zones)
    # Nobody sets the clocks of EST and the like.
    return zones[0] if len(zones) == 1 and "/" in zones[0] else UTC


def _doubled(frame: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The rows whose clock showed the same twice, with the later of both times."""
    clock = pl.col(TIME).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    later = clock.dt.replace_time_zone(zone, ambiguous="latest").dt.convert_time_zone(UTC)
    read = frame.lazy().with_row_index(_ROW).filter(later != pl.col(TIME))
    return read.select(_ROW, PLACE, TIME, _symbol(frame), later.alias(_LATER), clock.dt.date().alias(_DAY)).collect()


def _symbol(frame: pl.DataFrame) -> pl.Expr:
    return pl.col(SYMBOL) if SYMBOL in frame.columns else pl.lit("").alias(SYMBOL)


def _order(frame: pl.DataFrame, doubled: pl.DataFrame) -> pl.DataFrame:
    """Of each symbol: whether its rows go forward or back in time, how many go against that, and its shortest step."""
    step = pl.col(TIME).diff()
    back, forth = (step < pl.duration()).sum(), (step > pl.duration()).sum()
    return (
        frame.lazy()
        .select(TIME, _symbol(frame))
        .filter(pl.col(SYMBOL).is_in(doubled.get_column(SYMBOL).unique().implode()))
        .group_by(SYMBOL)
        .agg(
            pl.when(back > forth).then(-1).otherwise(1).alias(_WAY),
            pl.min_horizontal(back, forth).alias(_AGAINST),
            step.abs().filter(step != pl.duration()).min().alias(_SHORTEST),
        )
        .collect()
    )


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Which rows are of the second hour, where the order says so: but for clocks set back, the file is in order."""
    each, time = [SYMBOL, _DAY], pl.col(TIME)
    back = (time < time.shift()).fill_null(value=False)
    in_order = pl.col(_AGAINST) == back.over(each).sum().over(SYMBOL)
    # Hourly bars have one row in each of the two hours, so that no clock goes back.
    is_pair = (pl.len() == 2) & (time.n_unique() == 1) & (pl.col(_LATER) - time == pl.col(_SHORTEST)).all()
    told, second = (back.sum() == 1) | is_pair, (back.cum_sum() == 1) | (is_pair & (pl.int_range(pl.len()) == 1))
    return rows.sort(pl.col(_ROW).cast(pl.Int64) * pl.col(_WAY)).with_columns(
        (told.over(each) & in_order).alias(_TOLD), (told.over(each) & in_order & second.over(each)).alias(_SECOND)
    )


def _findings(table: Table, plan: Plan, zone: str, rows: pl.DataFrame) -> list[Finding]:
    twice = f"in {zone} the clocks were set back and showed these times twice"
    told = (
        Severity.INFO,
        f"{twice}. Nothing needs to be done.",
        "By the order of its rows the first hour was told from the second.",
    )
    untold = (
        Severity.WARNING,
        f"{twice}, and the order of the rows does not tell which is meant. Write them with offsets, such as +01:00.",
        "They were taken to be of the first hour.",
    )
    found = []
    for (severity, what, action), those in ((told, rows.filter(_TOLD)), (untold, rows.filter(~pl.col(_TOLD)))):
        if not those.is_empty():
            first = those.get_column(PLACE).unique().sort().head(MOST_PLACES)
            places = [Place(row, plan.time.original) for row in first]
            code, count = FindingCode.CLOCK_CHANGE, those.height
            found.append(table.voice.finding(severity, code, what, action, count=count, places=places))
    return found
