"""Reads the files in which an account is kept bar by bar, and has it measured. Reads only the period asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from domain.analysis.account import Deals, Kept, lines, reported, returns_of, span, tails
from domain.analysis.looks import BARS_PER_YEAR, CHANGES, TURNOVER, Account, Analysis, AnalysisWanted
from domain.analysis.series import Series, Times
from domain.datasets.columns import SPLIT, SYMBOL, TIME
from domain.datasets.reading import Line
from domain.errors import Code, Refused
from domain.evaluations.model import POSITION, SeriesName
from domain.text import readable
from workers.data.frames import notes_of
from workers.data.sampling import lttb

ISO = "%Y-%m-%dT%H:%M:%S%.fZ"
_EQUITY, _EXPOSURE = SeriesName.EQUITY.value, SeriesName.EXPOSURE.value
_LINES = (_EQUITY, _EXPOSURE, TURNOVER, CHANGES)


def analysis(account: Account, wanted: AnalysisWanted) -> Analysis:
    """Raises Refused where the file has no such entry."""
    kept = _kept(account, wanted)
    beside = _rows(account.series, _LINES[:1], account, wanted, key=wanted.benchmark)
    if not len(beside) and len(kept.times):
        _must_have(account, wanted.benchmark)
    benchmark = _numbers(beside, _EQUITY) if len(beside) == len(kept.times) else None
    per_year = account.per_year or float(notes_of(account.series).get(BARS_PER_YEAR, 1.0))
    report = reported(kept, per_year, returns_of(benchmark) if benchmark is not None else None, account.tried)
    found = lines(kept, per_year, benchmark)
    return Analysis(
        key=account.key,
        benchmark=wanted.benchmark,
        bars=len(kept.times),
        first=_moment(kept.times[:1]),
        last=_moment(kept.times[-1:]),
        performance=report.performance,
        risk=report.risk,
        monthly=report.monthly,
        yearly=report.yearly,
        drawdowns=report.drawdowns,
        tails=tails(kept.returns),
        exposure=span(kept.exposure),
        concentration=span(found.get("concentration")),
        lines={name: _thinned(name, kept.times, values, wanted.points) for name, values in found.items()},
    )


def _kept(account: Account, wanted: AnalysisWanted) -> Kept:
    rows = _rows(account.series, _LINES, account, wanted, key=account.key)
    if not len(rows):
        _must_have(account, account.key)
    known = {name: _numbers(rows, name) for name in _LINES[1:] if name in rows.columns}
    return Kept(
        times=rows.get_column(TIME).dt.replace_time_zone(None).to_numpy(),
        equity=_numbers(rows, _EQUITY),
        held=_held(account, wanted, len(rows)),
        deals=_deals(account, wanted),
        **known,
    )


def _rows(path: Path, names: Sequence[str], account: Account, wanted: AnalysisWanted, *, key: str) -> pl.DataFrame:
    """Those columns that the file has, of one entry within the period."""
    lazy = pl.scan_parquet(path)
    has = lazy.collect_schema()
    rows = lazy.filter(pl.col(SYMBOL).cast(pl.String) == key, *_within(wanted))
    if account.split is not None:
        rows = rows.filter(pl.col(SPLIT) == account.split)
    return rows.select(TIME, *(name for name in names if name in has)).collect(engine="streaming")


def _within(wanted: AnalysisWanted) -> list[pl.Expr]:
    since = [] if wanted.since is None else [pl.col(TIME) >= pl.lit(wanted.since)]
    return since + ([] if wanted.until is None else [pl.col(TIME) < pl.lit(wanted.until)])


def _must_have(account: Account, key: str) -> None:
    keys = pl.scan_parquet(account.series).select(pl.col(SYMBOL).cast(pl.String).unique().sort()).collect()
    known = keys.to_series().to_list()
    if key not in known:
        name = "key" if key == account.key else "benchmark"
        message = f'There is no entry "{readable(key)}" here: {", ".join(known)}.'
        raise Refused.because(Code.UNKNOWN, message, name)


def _held(account: Account, wanted: AnalysisWanted, bars: int) -> Series | None:
    if account.positions is None or not bars:
        return None
    names = [name for name in pl.read_parquet_schema(account.positions) if name.startswith(POSITION)]
    rows = _rows(account.positions, names, account, wanted, key=account.key)
    # Of baselines no positions are kept.
    return rows.select(names).to_numpy().astype(np.float64) if len(rows) == bars else None


def _deals(account: Account, wanted: AnalysisWanted) -> Deals | None:
    if account.trades is None:
        return None
    worth = (pl.col("quantity") * pl.col("price")).alias("worth")
    rows = pl.scan_parquet(account.trades).filter(*_within(wanted)).select(TIME, worth, "cost", "profit").collect()
    times = rows.get_column(TIME).dt.replace_time_zone(None).to_numpy()
    return Deals(times, _numbers(rows, "worth"), _numbers(rows, "cost"), _numbers(rows, "profit"))


def _numbers(rows: pl.DataFrame, name: str) -> Series:
    return rows.get_column(name).cast(pl.Float64).fill_null(np.nan).to_numpy()


def _thinned(name: str, times: Times, values: Series, points: int) -> Line:
    """Without what is not known, and with no more points than a chart can show."""
    places = np.flatnonzero(np.isfinite(values))
    if len(places) > points:
        seconds = times[places].astype("datetime64[us]").astype(np.float64)
        places = places[lttb(seconds, values[places], points)]
    shown = pl.Series(times[places].astype("datetime64[us]")).dt.strftime(ISO)
    return Line(name, shown.to_list(), values[places].tolist())


def _moment(times: Times) -> datetime | None:
    if not len(times):
        return None
    moment: datetime = times[0].astype("datetime64[us]").item()
    return moment.replace(tzinfo=UTC)
