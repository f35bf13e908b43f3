"""Any table, written in any dialect that can be read only one way, reads back equal."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workers.data.inspection.looking import look

FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d %H%M%S",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%dT%H:%M:%SZ",
    "epoch",
    "epoch ms",
)
START = datetime(2001, 9, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    decimal: str
    group: str
    encoding: str
    line_end: str
    quoting: int
    form: str
    is_packed: bool

    def time(self, at: datetime) -> str:
        if self.form.startswith("epoch"):
            return str(int(at.timestamp()) * (1000 if self.form == "epoch ms" else 1))
        return at.strftime(self.form)

    def number(self, value: float) -> str:
        return f"{value:,.2f}".replace(",", "g").replace(".", self.decimal).replace("g", self.group)


# A comma cannot both part cells and decimals unless cells are quoted, so such dialects are quoted.
DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    group=st.sampled_from(["", " ", "'", "\u202f"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    form=st.sampled_from(FORMATS),
    is_packed=st.booleans(),
)
PRICES = st.integers(1, 10**9).map(lambda number: number / 100)
NOTES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8).map(lambda text: f"n{text}")
ROWS = st.lists(
    st.tuples(st.integers(0, 100_000), st.sampled_from(["AA", "B b", "Ö,;|"]), PRICES, st.none() | PRICES, NOTES),
    min_size=3,
    max_size=12,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, dialect=DIALECTS)
def test_it_reads_back_equal(rows: list[tuple[int, str, float, float | None, str]], dialect: Dialect) -> None:
    times = [START + timedelta(minutes=minute) for minute, *_ in rows]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=dialect.delimiter, lineterminator=dialect.line_end, quoting=dialect.quoting)
    writer.writerow(["time", "symbol", "close", "volume", "note", "all"])
    for at, (_, symbol, close, volume, note) in zip(times, rows, strict=True):
        shown = "" if volume is None else dialect.number(volume)
        writer.writerow([dialect.time(at), symbol, dialect.number(close), shown, note, f"{note}\n{note}"])
    content = file.getvalue().encode(dialect.encoding)
    seen = look(gzip.compress(content) if dialect.is_packed else content)
    expected = [
        (at, symbol, close, volume, note, f"{note}\n{note}")
        for at, (_, symbol, close, volume, note) in zip(times, rows, strict=True)
    ]
    assert seen.rows == sorted(expected, key=lambda row: (row[1], row[0]))
    assert seen.report.time_format == (f"{dialect.form} s" if dialect.form == "epoch" else dialect.form)
