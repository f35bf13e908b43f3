"""Yahoo Finance, by the package yfinance.

Written after the package's own source and documentation. The tests run against a stand-in of the package that gives
tables of the recorded shape: they never reach Yahoo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE
from domain.datasets.forms import Values
from domain.datasets.forms.checks import moment
from domain.datasets.sources.model import FetchRequest, Source
from domain.datasets.sources.offer import YFINANCE
from domain.errors import Code, Refused
from workers.data.sources.patience import TIMEOUT, Patience
from workers.data.sources.port import OnProgress
from workers.data.sources.tables import bars, only_finished

_INTERVALS = {"1w": "1wk"}
_BY_DAY = frozenset({"1d", "1w", "1mo"})
_COLUMNS = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "volume": "Volume",
    ADJUSTED_CLOSE: "Adj Close",
}


class YahooSource:
    """One question per symbol. The address is the package's own; only the checked symbol becomes part of it."""

    source: Source = YFINANCE

    def __init__(
        self, patience: Patience, now: Callable[[], datetime], load: Callable[[str], Any] = import_module
    ) -> None:
        self._patience = patience
        self._now = now
        self._load = load

    def is_installed(self) -> bool:
        return find_spec("yfinance") is not None

    def frames(self, request: FetchRequest, on_progress: OnProgress) -> Iterator[pl.DataFrame]:
        package = self._load("yfinance")
        _let_faults_out(package)
        symbols = request.values["symbols"]
        for place, symbol in enumerate(symbols):
            on_progress(place / len(symbols), f"Fetching {symbol}")
            yield self._one(package, symbol, request.values)
            self._patience.pause()

    def notes(self, request: FetchRequest) -> dict[str, str]:  # noqa: ARG002
        return {}

    def _one(self, package: Any, symbol: str, values: Values) -> pl.DataFrame:
        passing = (OSError, package.exceptions.YFRateLimitError)
        try:
            table = self._patience.ask("Yahoo", lambda: _history(package, symbol, values), passing)
        except package.exceptions.YFTickerMissingError as missing:
            raise _not_found(symbol) from missing
        if not len(table):
            raise _not_found(symbol)
        columns = {ours: table[theirs].to_numpy() for ours, theirs in _COLUMNS.items() if theirs in table.columns}
        frame = bars(symbol, _times(table.index, values["period"]), columns)
        return only_finished(frame, values["period"], self._now())


def _history(package: Any, symbol: str, values: Values) -> Any:
    end = values["end"]
    return package.Ticker(symbol).history(
        interval=_INTERVALS.get(values["period"], values["period"]),
        start=moment(values["start"]),
        end=moment(end) if end else None,
        auto_adjust=False,
        actions=False,
        timeout=TIMEOUT,
    )


def _times(index: Any, period: str) -> Any:
    """A daily bar belongs to the day of its market, whatever its zone; a shorter one to its moment."""
    local = index if period in _BY_DAY or index.tz is None else index.tz_convert("UTC")
    naive = np.asarray(local.tz_localize(None).to_numpy())
    return naive.astype("datetime64[D]") if period in _BY_DAY else naive


def _let_faults_out(package: Any) -> None:
    """By default the package hides faults behind an empty table."""
    config = getattr(package, "config", None)
    if config is not None:
        config.debug.hide_exceptions = False


def _not_found(symbol: str) -> Refused:
    message = f"Yahoo has no bars of {symbol} for this time and period. Minutes are there only for the last days."
    return Refused.because(Code.NOT_FOUND, message, "symbols")
