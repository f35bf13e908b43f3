"""Bars on their way to a service that finds regimes in them, and back with a label on each. Files in, files out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE, BAR, LABEL_PREFIX, SYMBOL, TIME, VOLUME
from domain.datasets.report import Correction
from domain.errors import Code, Refused
from workers.data.frames import UTC_TIME, read_frame
from workers.data.inspection import Limits, inspect

OnProgress = Callable[[float, str], None]

MOST_BARS = 100_000
LEAST_BARS = 50
LABEL = LABEL_PREFIX + "regime"
_THEIRS = {"timestamp": TIME, "date": TIME, "tic": SYMBOL, "adjcp": ADJUSTED_CLOSE, "label": LABEL}
# Of what comes back, only this: their filtered columns have seen the future.
_KEPT = (TIME, SYMBOL, *BAR, VOLUME, ADJUSTED_CLOSE, LABEL)


def bars(request: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
    """Those of one `symbol` of the canonical file `path`, in `out` as JSON; None: the only one."""
    frame, _ = read_frame(Path(request["path"]))
    frame = _of_one(frame, request["symbol"]).select(TIME, SYMBOL, *BAR).drop_nulls()
    if not LEAST_BARS <= frame.height <= MOST_BARS:
        message = f"Regimes can be found in {LEAST_BARS:,} to {MOST_BARS:,} whole bars; these are {frame.height:,}."
        raise Refused.because(Code.OUT_OF_RANGE, message, "dataset_id")
    on_progress(0.5, "reading")
    times = frame.get_column(TIME).dt.to_string("iso:strict").to_list()
    rows = [[at, *values] for at, values in zip(times, frame.select(BAR).rows(), strict=True)]
    Path(request["out"]).write_text(json.dumps(rows))
    return {"rows": len(rows)}


def labels(request: dict[str, Any], on_progress: OnProgress) -> dict[str, Any]:
    """The table `path` of a service in canonical form, in `out`; of ours, `source` is where the bars came from."""
    out = Path(request["out"])
    try:
        table = _labelled(pl.read_csv(request["path"], infer_schema_length=None))
    except pl.exceptions.PolarsError as error:
        raise Refused.because(Code.INVALID, "The service's table cannot be read.") from error
    if request["source"] is not None:
        table = _on_ours(table, _of_one(pl.read_parquet(request["source"]), request["symbol"]))
    table.write_parquet(out / "labels.parquet")
    report = inspect(out / "labels.parquet", "labels.parquet", Correction(), out, Limits(), on_progress)
    return {"report": report.to_json(), "manifest": None}


def _labelled(table: pl.DataFrame) -> pl.DataFrame:
    names = {theirs: ours for theirs, ours in _THEIRS.items() if theirs in table.columns}
    if {TIME, LABEL} - set(names.values()):
        raise Refused.because(Code.INVALID, "The service's table has no times, or no labels.")
    table = table.rename(names).drop_nulls(LABEL)
    table = table.select(name for name in _KEPT if name in table.columns)
    return table.with_columns(pl.col(TIME).str.to_datetime(time_zone="UTC"), pl.col(LABEL).cast(pl.Int64))


def _on_ours(table: pl.DataFrame, ours: pl.DataFrame) -> pl.DataFrame:
    """Our bars as they are, each with the label that its second got; those without one are left out."""
    second = pl.col(TIME).cast(UTC_TIME).dt.truncate("1s").alias("second")
    found = table.select(second, LABEL).unique("second", keep="first")
    # They may have been labelled before.
    ours = ours.drop(LABEL, strict=False).with_columns(second)
    return ours.join(found, on="second", how="inner", maintain_order="left").drop("second")


def _of_one(frame: pl.DataFrame, symbol: str | None) -> pl.DataFrame:
    if missing := [name for name in BAR if name not in frame.columns]:
        raise Refused.because(Code.INVALID, f"The data lacks {', '.join(missing)}.", "dataset_id")
    symbols = frame.get_column(SYMBOL).cast(pl.String)
    if symbol is not None:
        return frame.filter(symbols == symbol)
    if symbols.n_unique() > 1:
        raise Refused.because(Code.REQUIRED, "The data has several symbols: name one.", "symbol")
    return frame
