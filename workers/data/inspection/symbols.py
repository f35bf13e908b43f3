"""Which column names the thing that each row is about."""

from __future__ import annotations

import polars as pl

from domain.datasets.columns import SYMBOL
from domain.datasets.report import Correction, Finding, FindingCode, Severity
from domain.text import readable
from workers.data.inspection.aliases import ranked
from workers.data.inspection.tables.model import Table
from workers.data.inspection.times import TimeColumn, joined
from workers.data.inspection.voice import quoted

_LONGEST = 40


def symbol_column(
    table: Table, sample: pl.DataFrame, time: TimeColumn, correction: Correction
) -> tuple[str | None, list[Finding]]:
    if correction.symbol_column is not None:
        return _chosen(table, time, correction.symbol_column), []
    free = [source for source in table.sources if source not in time.sources and _may_name(sample.schema[source])]
    named = [table.source_of(name) for name in ranked(SYMBOL, [table.name_of(source) for source in free])]
    likely = [source for source in named if sample.get_column(source).null_count() < sample.height]
    if likely:
        return likely[0], []
    return _by_values(table, sample, time, free)


def _chosen(table: Table, time: TimeColumn, name: str) -> str | None:
    """None for an empty name: no column says it."""
    source = table.source_of(name) if name else None
    if source in time.sources:
        what = f"{quoted(name)} holds the times and cannot name the symbols too. Choose another column."
        raise table.voice.bad(FindingCode.CORRECTION, what)
    return source


def only_symbol(name: str, correction: Correction) -> str:
    """What the one symbol of a file without a column of them is called."""
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    stem = last.split(".", 1)[0].strip() if not last.startswith(".") else last.strip(".")
    return readable((correction.symbol or stem).strip(), _LONGEST).strip() or "data"


def about_only_symbol(table: Table, symbol: str, correction: Correction) -> list[Finding]:
    if correction.symbol is not None:
        return []
    what = "no column says which symbol a row is about. Choose the column if there is one, or give the symbol's name."
    action = f"All rows were taken to be about one symbol, {quoted(symbol)}."
    return [table.voice.finding(Severity.INFO, FindingCode.SYMBOL_ASSUMED, what, action)]


def _may_name(kind: pl.DataType) -> bool:
    return kind == pl.String or kind.is_integer()


def _by_values(
    table: Table, sample: pl.DataFrame, time: TimeColumn, free: list[str]
) -> tuple[str | None, list[Finding]]:
    """A column of words that come again and again, and that tells apart rows of the same time."""
    times = sample.select(joined(time.sources).alias("time"))
    if times.to_series().n_unique() > sample.height * 0.7:
        return None, []
    for source in free:
        words = sample.get_column(source)
        pairs = times.with_columns(words.alias("word"))
        is_text = sample.schema[source] == pl.String and not words.cast(pl.Float64, strict=False).count()
        if is_text and words.n_unique() <= sample.height / 2 and not pairs.is_duplicated().any():
            what = f"{quoted(table.name_of(source))} was taken to name the symbols. Choose another if it does not."
            action = "Rows were sorted and counted by it."
            return source, [table.voice.finding(Severity.WARNING, FindingCode.SYMBOL_ASSUMED, what, action)]
    return None, []
