"""What inspecting a large csv file costs, beside polars alone reading the same file. Each runs in a process of its own.

Run it with: python -m bench.datasets [ROWS]
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from domain.datasets.report import Correction

ROWS = 5_000_000
SYMBOLS = 10
THREADS = "2"
WAYS = {
    "polars.read_csv": "the plain baseline: days and clocks stay texts",
    "polars.read_csv, try_parse_dates": "the baseline that reads times as times, as a series needs them",
    "inspect": "decode, detect, read, check, sort, describe, write canonical Parquet and its hash",
    "inspect, rows shuffled": "the same rows in no order",
    "inspect, all cells quoted": "the same rows, each cell in quotes",
}


@dataclass(frozen=True, slots=True)
class Cost:
    wall_s: float
    cpu_s: float
    peak_mb: float


def write(path: Path, rows: int, *, shuffled: bool, quoted: bool) -> None:
    """Minute bars of ten symbols, about 80 bytes a row."""
    each = rows // SYMBOLS
    number = pl.int_range(rows)
    noise = number.hash(seed=1) % 10_000_000 / 1e5 + 100
    frame = pl.select(
        time=pl.from_epoch((number % each) * 60 + 1_577_836_800).cast(pl.Datetime("us")),
        symbol=pl.format("SYM{}", number // each),
        open=noise.round(5),
        high=(noise * 1.01).round(5),
        low=(noise * 0.99).round(5),
        close=(noise * 1.001).round(5),
        volume=number.hash(seed=2) % 100_000 / 10,
        adj_close=(noise * 1.001).round(5),
    )
    if shuffled:
        frame = frame.sample(fraction=1, shuffle=True, seed=3)
    frame.write_csv(path, datetime_format="%Y-%m-%d %H:%M:%S", quote_style="always" if quoted else "necessary")


def do(way: str, path: Path) -> None:
    if way == "polars.read_csv":
        pl.read_csv(path)
    elif way.startswith("polars"):
        pl.read_csv(path, try_parse_dates=True)
    else:
        from workers.data.inspection import Limits, inspect  # noqa: PLC0415 - the baselines must not carry it

        with tempfile.TemporaryDirectory(dir=path.parent) as out:
            inspect(path, path.name, Correction(), Path(out), Limits(), lambda _share, _doing: None)


def measured(way: str, path: Path) -> Cost:
    began = time.monotonic()
    environment = {**os.environ, "POLARS_MAX_THREADS": THREADS}
    child = subprocess.Popen([sys.executable, "-m", "bench.datasets", "--do", way, str(path)], env=environment)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{way} ended with {child.returncode}")
    return Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory(prefix="tmw-bench-") as folder:
        plain, shuffled, quoted = (Path(folder) / f"{name}.csv" for name in ("plain", "shuffled", "quoted"))
        for path in (plain, shuffled, quoted):
            write(path, rows, shuffled=path is shuffled, quoted=path is quoted)
        print(f"{rows:,} rows, {plain.stat().st_size / 1e6:,.0f} MB\n")
        files = {way: shuffled if "shuffled" in way else quoted if "quoted" in way else plain for way in WAYS}
        costs = {
            way: min((measured(way, path) for _ in range(2)), key=lambda c: c.cpu_s) for way, path in files.items()
        }
        base, timed = (costs[way] for way in list(WAYS)[:2])
        print(f"{'':34} {'wall s':>7} {'CPU s':>7} {'peak MB':>8} {'x plain':>8} {'x timed':>8}")
        for way, cost in costs.items():
            ratios = f"{cost.cpu_s / base.cpu_s:8.1f} {cost.cpu_s / timed.cpu_s:8.1f}"
            print(f"{way:34} {cost.wall_s:7.2f} {cost.cpu_s:7.2f} {cost.peak_mb:8,.0f} {ratios}")
        print("\n" + "\n".join(f"{way}: {meaning}" for way, meaning in WAYS.items()))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--do"]:
        do(sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else ROWS)
