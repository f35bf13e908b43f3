"""How often bars come, when the market is open, and where bars are missing."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from domain.datasets.columns import SYMBOL, TIME
from domain.datasets.findings import MOST_PLACES
from domain.datasets.report import Finding, FindingCode, MarketCalendar, Place, Severity
from workers.data.evenings import HALF_DAY, begin_in_the_evening
from workers.data.inspection.tables.model import PLACE
from workers.data.inspection.voice import Voice

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_UNITS = ((7 * _DAY, "w"), (_DAY, "d"), (3600 * _SECOND, "h"), (60 * _SECOND, "min"), (_SECOND, "s"), (1000, "ms"))
_MONTH = (27 * _DAY, 33 * _DAY)
_MEAN_MONTH = 30.4369 * _DAY
_REGULAR = 0.5
"""The share of steps that must be alike for a frequency to be told."""
_WEEKEND = 0.1
"""Of seven days two are at a weekend; a tenth of the bars is far more than a few strays."""
_LATE = 1.5
_USUAL = 0.05
_LONGEST_CLOSURE = 4
"""Days from one trading day to the next that a weekend and one holiday explain."""


@dataclass(frozen=True, slots=True)
class Spacing:
    frequency: str | None
    calendar: MarketCalendar | None
    by_symbol: dict[str, tuple[str | None, int, int]]
    """Frequency, gaps, missing bars."""
    findings: tuple[Finding, ...]


def spacing_of(frame: pl.DataFrame, time_column: str, voice: Voice) -> Spacing:
    """`frame` is sorted by symbol and time, each time once."""
    steps = _steps(frame)
    usual = _usual_steps(steps)
    if usual.is_empty():
        return Spacing(None, None, {}, ())
    overall = _overall(usual)
    if overall >= _DAY and frame.select(begin_in_the_evening()).item():
        frame, steps = (each.with_columns(pl.col(at) + HALF_DAY) for each, at in ((frame, TIME), (steps, "at")))
    calendar = _calendar(frame, overall)
    gaps = _gaps(frame, steps, usual, calendar)
    by_symbol = {name: (_named(step), 0, 0) for name, step in usual.select("symbol", "usual").rows()}
    for name, count, missing in gaps.group_by("symbol").agg(pl.len(), pl.col("missing").sum()).rows():
        by_symbol[name] = (by_symbol[name][0], count, missing)
    return Spacing(_named(overall), calendar, by_symbol, _findings(gaps, time_column, voice))


def _steps(frame: pl.DataFrame) -> pl.DataFrame:
    """From each row of a symbol to its next one, in microseconds."""
    symbol, time = pl.col(SYMBOL), pl.col(TIME).dt.timestamp("us")
    return (
        frame.lazy()
        .select(
            pl.col(PLACE),
            symbol.alias("symbol"),
            pl.col(TIME).alias("at"),
            pl.when(symbol.to_physical() == symbol.to_physical().shift()).then(time - time.shift()).alias("step"),
        )
        .filter(pl.col("step").is_not_null())
        .collect()
    )


def _usual_steps(steps: pl.DataFrame) -> pl.DataFrame:
    """Of each symbol the commonest step, where it is common enough. All months are one step, however long."""
    month = pl.col("step").is_between(*_MONTH) & (pl.col("step") % (7 * _DAY) != 0).any().over("symbol")
    return (
        steps.lazy()
        .group_by("symbol", "step")
        .len()
        .with_columns(pl.when(month).then(pl.lit(_MONTH[0])).otherwise(pl.col("step")).alias("step"))
        .group_by("symbol", "step")
        .agg(pl.col("len").sum())
        .with_columns(pl.col("len").sum().over("symbol").alias("all"))
        .sort("len", "step", descending=[True, False])
        .group_by("symbol", maintain_order=True)
        .first()
        .filter(pl.col("len") >= pl.col("all") * _REGULAR)
        .select("symbol", pl.col("step").alias("usual"), "len")
        .sort("symbol")
        .collect()
    )


def _overall(usual: pl.DataFrame) -> int:
    votes = usual.group_by("usual").agg(pl.col("len").sum()).sort("len", "usual", descending=[True, False])
    return int(votes.get_column("usual")[0])


def _calendar(frame: pl.DataFrame, step: int) -> MarketCalendar | None:
    """Bars of a week or a month say nothing of days."""
    if step > 3 * _DAY:
        return None
    days = frame.select((pl.col(TIME).dt.weekday() > 5).mean()).item()
    return MarketCalendar.ALWAYS if days > _WEEKEND else MarketCalendar.WEEKDAYS


def _gaps(
    frame: pl.DataFrame, steps: pl.DataFrame, usual: pl.DataFrame, calendar: MarketCalendar | None
) -> pl.DataFrame:
    """Steps that are too long, and how many bars they leap over."""
    by_code = dict(usual.select(pl.col("symbol").to_physical(), "usual").rows())
    codes = range(steps.select(pl.col("symbol").to_physical().max()).item() + 1)
    usuals = pl.Series([by_code.get(code) for code in codes], dtype=pl.Int64)
    # A look-up by number: joining millions of steps with their symbols' would take longer than all the rest.
    known = pl.lit(usuals).gather(pl.col("symbol").to_physical())
    late = steps.with_columns(known.alias("usual")).filter(pl.col("step") > pl.col("usual") * _LATE)
    bar = pl.when(pl.col("usual") == _MONTH[0]).then(_MEAN_MONTH).otherwise(pl.col("usual"))
    bars = (pl.col("step") / bar).round().cast(pl.Int64) - 1
    late = late.with_columns(bars.alias("missing"), (pl.col("at") - pl.duration(microseconds="step")).alias("before"))
    if calendar is not MarketCalendar.WEEKDAYS:
        return late
    daily = late.filter(pl.col("usual") >= _DAY)
    within = late.filter(pl.col("usual") < _DAY)
    return pl.concat([_daily(frame, daily), _within_days(frame, within)])


def _daily(frame: pl.DataFrame, late: pl.DataFrame) -> pl.DataFrame:
    """Weekdays without a bar count when another symbol has one, or when there are several of them in a row."""
    before, at = pl.col("before").dt.date(), pl.col("at").dt.date()
    weekdays = pl.business_day_count(before + pl.duration(days=1), at).cast(pl.Int64)
    late = late.with_columns(weekdays.alias("missing")).filter(pl.col("missing") > 0)
    if late.is_empty():
        return late
    open_days = frame.select(pl.col(TIME).dt.date().alias("day")).unique().sort("day").with_row_index("nth")
    ranks = dict(open_days.select("day", "nth").rows())
    known = pl.Series(
        "known",
        [ranks[after.date()] - ranks[first.date()] - 1 for first, after in late.select("before", "at").rows()],
        dtype=pl.Int64,
    )
    late = late.with_columns(known)
    return (
        late.filter((pl.col("known") > 0) | (pl.col("missing") > 1))
        .with_columns(pl.when(pl.col("known") > 0).then("known").otherwise("missing").alias("missing"))
        .drop("known")
    )


def _within_days(frame: pl.DataFrame, late: pl.DataFrame) -> pl.DataFrame:
    """A break over night or noon ends when the market usually opens, and lasts no longer than a long weekend."""
    if late.is_empty():
        return late
    days = frame.select(pl.col(TIME).dt.date().n_unique()).item()
    openings = (
        late.group_by(pl.col("at").dt.time().alias("opens")).agg(pl.col("at").dt.date().n_unique().alias("days"))
    ).filter(pl.col("days") >= max(2, days * _USUAL))
    is_opening = pl.col("at").dt.time().is_in(openings.get_column("opens").implode())
    closure = is_opening & (pl.col("step") <= _LONGEST_CLOSURE * _DAY)
    return late.filter(~closure)


def _findings(gaps: pl.DataFrame, time_column: str, voice: Voice) -> tuple[Finding, ...]:
    if gaps.is_empty():
        return ()
    rows = gaps.get_column(PLACE).sort().head(MOST_PLACES)
    missing = int(gaps.get_column("missing").sum())
    what = f"bars are missing before this row: {missing:,} in {gaps.height:,} gaps. Fill them by preprocessing."
    places = [Place(row, time_column) for row in rows]
    action = "The gaps were left as they are."
    finding = voice.finding(Severity.WARNING, FindingCode.GAPS, what, action, count=gaps.height, places=places)
    return (finding,)


def _named(step: int) -> str | None:
    if step == _MONTH[0]:
        return "1mo"
    return next((f"{step // size}{unit}" for size, unit in _UNITS if step >= size and step % size == 0), None)
