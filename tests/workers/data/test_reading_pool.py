"""The processes that look into data: bounded, ended alone when they are stuck, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import psutil
import pytest

from domain.datasets.reading import PreviewWanted, Sampling, SeriesWanted
from domain.errors import Refused
from workers.data import reading_pool
from workers.data.reading_pool import ReadingPool
from workers.data.sampling import lttb, min_max

MB = 1 << 20
WANTED = PreviewWanted(count=1)


@pytest.fixture
async def pool() -> AsyncIterator[ReadingPool]:
    made = ReadingPool(size=2, memory_bytes=1_000 * MB)
    yield made
    await made.close()
    assert _children() == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data.parquet"
    times = [datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 31)]
    pl.DataFrame({"time": times, "symbol": ["A"] * 30, "close": [float(day % 7) for day in range(30)]}).write_parquet(
        path
    )
    return path


def _children() -> list[psutil.Process]:
    found = psutil.Process().children()
    return [child for child in found if any("reading_child" in part for part in child.cmdline())]


async def test_one_process_answers_many_wishes(pool: ReadingPool, path: Path) -> None:
    for _ in range(3):
        assert (await pool.preview(path, WANTED)).total == 30
    assert len(_children()) == 1


async def test_a_stuck_process_is_ended_and_the_next_wish_has_another(
    pool: ReadingPool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pool.preview(path, WANTED)
    [child] = _children()
    child.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(reading_pool, "LOOK_S", 0)
    with pytest.raises(Refused) as caught:
        await pool.preview(path, WANTED)
    assert caught.value.problems[0].code == "OUT_OF_RANGE"
    monkeypatch.undo()
    assert (await pool.preview(path, WANTED)).total == 30
    assert not child.is_running()


async def test_one_that_was_killed_is_replaced(pool: ReadingPool, path: Path) -> None:
    await pool.preview(path, WANTED)
    os.kill(_children()[0].pid, signal.SIGKILL)
    with pytest.raises(Refused):
        await pool.preview(path, WANTED)
    assert (await pool.preview(path, WANTED)).total == 30


async def test_a_wish_that_nobody_waits_for_takes_its_process_along(pool: ReadingPool, path: Path) -> None:
    await pool.preview(path, WANTED)
    [child] = _children()
    child.send_signal(signal.SIGSTOP)
    wish = asyncio.create_task(pool.preview(path, WANTED))
    await asyncio.sleep(0)
    wish.cancel()
    with pytest.raises(asyncio.CancelledError):
        await wish
    assert (await pool.preview(path, WANTED)).rows[0][1] == "A"


async def test_what_takes_too_much_memory_is_refused(path: Path, tmp_path: Path) -> None:
    large = tmp_path / "large.parquet"
    rows = 3_000_000
    frame = pl.DataFrame({"n": range(rows)})
    frame.select(
        time=pl.from_epoch("n", "s").dt.replace_time_zone("UTC"), symbol=pl.lit("A"), close=pl.col("n").cast(pl.Float64)
    ).write_parquet(large)
    small = ReadingPool(size=1, memory_bytes=140 * MB)
    try:
        with pytest.raises(Refused) as caught:
            await small.series(large, SeriesWanted(columns=("close",), points=10))
        assert caught.value.problems[0].code == "OUT_OF_RANGE"
    finally:
        await small.close()


@pytest.mark.parametrize("sampling", list(Sampling))
async def test_thinned_lines_keep_their_peaks(pool: ReadingPool, tmp_path: Path, sampling: Sampling) -> None:
    path, rows = tmp_path / "peak.parquet", 10_000
    pl.DataFrame({"n": range(rows)}).select(
        time=pl.from_epoch("n", "s").dt.replace_time_zone("UTC"),
        symbol=pl.lit("A"),
        close=pl.when(pl.col("n") == 7_777).then(1_000.0).otherwise((pl.col("n") % 10).cast(pl.Float64)),
    ).write_parquet(path)
    series = await pool.series(path, SeriesWanted(columns=("close",), points=100, sampling=sampling))
    [line] = series.lines
    assert (series.rows, max(line.values), len(line.values)) == (rows, 1_000.0, 100)
    assert line.times == sorted(line.times)


@pytest.mark.parametrize("points", [3, 4, 10, 99])
def test_both_ways_give_places_in_order_and_no_more_than_asked(points: int) -> None:
    times = pl.Series(range(1, 101)).cast(pl.Float64).to_numpy()
    values = times % 13
    for pick in (lttb, min_max):
        places = pick(times, values, points).tolist()
        assert places == sorted(set(places))
        assert len(places) <= points
        assert 0 <= places[0] <= places[-1] <= 99
