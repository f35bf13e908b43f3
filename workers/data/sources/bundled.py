"""Prices that lie inside an installed package: skfolio's daily closes of 20 US stocks and the S&P 500."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE, SYMBOL, TIME
from domain.datasets.forms import Values
from domain.datasets.forms.checks import moment
from domain.datasets.sources.model import FetchRequest, Source
from domain.datasets.sources.offer import SKFOLIO
from domain.errors import Unavailable
from workers.data.frames import UTC_TIME
from workers.data.sources.port import OnProgress

_STOCKS, _INDEX = "sp500_dataset.csv.gz", "sp500_index.csv.gz"


def installed_folder() -> Path | None:
    """Where skfolio lies. Finding it does not load it, nor what it needs."""
    spec = find_spec("skfolio")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None


class SkfolioSource:
    """Reads the package's own files. They are adjusted closes, so open, high, low and volume are not there."""

    source: Source = SKFOLIO

    def __init__(self, folder: Callable[[], Path | None] = installed_folder) -> None:
        self._folder = folder

    def is_installed(self) -> bool:
        return self._folder() is not None

    def frames(self, request: FetchRequest, on_progress: OnProgress) -> Iterator[pl.DataFrame]:
        values = request.values
        on_progress(0.0, "Reading stocks")
        yield _closes(self._read(_STOCKS), list(values["symbols"]), values)
        if values["index"]:
            on_progress(0.8, "Reading the index")
            yield _closes(self._read(_INDEX), ["SP500"], values)

    def notes(self, request: FetchRequest) -> dict[str, str]:  # noqa: ARG002
        return {}

    def _read(self, name: str) -> pl.DataFrame:
        folder = self._folder()
        file = folder / "datasets" / "data" / name if folder is not None else None
        if file is None or not file.is_file():
            raise Unavailable(f"skfolio's file {name} is not where it used to be. Install another version of it.")
        return pl.read_csv(file, try_parse_dates=True)


def _closes(table: pl.DataFrame, symbols: list[str], values: Values) -> pl.DataFrame:
    time = pl.col("Date").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").cast(UTC_TIME)
    long = table.select(time.alias(TIME), *symbols).unpivot(
        on=symbols, index=TIME, variable_name=SYMBOL, value_name="close"
    )
    both = long.drop_nulls().with_columns(pl.col("close").cast(pl.Float64).alias(ADJUSTED_CLOSE))
    start, end = values["start"], values["end"]
    both = both.filter(pl.col(TIME) >= moment(start)) if start else both
    return both.filter(pl.col(TIME) < moment(end)) if end else both
