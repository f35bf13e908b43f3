"""Chinese stocks from Eastmoney, by the package akshare.

Written after the package's own source. The tests run against a stand-in of the package that gives tables of the
recorded shape: they never reach Eastmoney.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from domain.datasets.columns import ADJUSTED_CLOSE, TIME
from domain.datasets.forms import Values
from domain.datasets.forms.checks import moment
from domain.datasets.sources.model import FetchRequest, Source
from domain.datasets.sources.offer import AKSHARE
from domain.errors import Code, Refused
from workers.data.sources.patience import TIMEOUT, Patience
from workers.data.sources.port import OnProgress
from workers.data.sources.tables import bars, only_finished

_PERIODS = {"1d": "daily", "1w": "weekly", "1mo": "monthly"}
_ADJUSTED = {"forward": "qfq", "backward": "hfq"}
_DATE = "日期"
_COLUMNS = {"open": "开盘", "high": "最高", "low": "最低", "close": "收盘", "volume": "成交量"}
_SHARES_PER_LOT = 100
_FAR = "20991231"


class AkshareSource:
    """One or two questions per symbol. The address is the package's own; only the six digits become part of it."""

    source: Source = AKSHARE

    def __init__(
        self, patience: Patience, now: Callable[[], datetime], load: Callable[[str], Any] = import_module
    ) -> None:
        self._patience = patience
        self._now = now
        self._load = load

    def is_installed(self) -> bool:
        return find_spec("akshare") is not None

    def frames(self, request: FetchRequest, on_progress: OnProgress) -> Iterator[pl.DataFrame]:
        package = self._load("akshare")
        symbols = request.values["symbols"]
        for place, symbol in enumerate(symbols):
            on_progress(place / len(symbols), f"Fetching {symbol}")
            yield self._one(package, symbol, request.values)
            self._patience.pause()

    def notes(self, request: FetchRequest) -> dict[str, str]:  # noqa: ARG002
        return {}

    def _one(self, package: Any, symbol: str, values: Values) -> pl.DataFrame:
        frame = self._bars(package, symbol, values, "")
        frame = frame.with_columns(pl.col("volume") * _SHARES_PER_LOT)
        how = _ADJUSTED.get(values["adjust"])
        if how is not None:
            adjusted = self._bars(package, symbol, values, how)
            frame = frame.join(adjusted.select(TIME, pl.col("close").alias(ADJUSTED_CLOSE)), on=TIME, how="left")
        return only_finished(frame, values["period"], self._now())

    def _bars(self, package: Any, symbol: str, values: Values, adjust: str) -> pl.DataFrame:
        def call() -> Any:
            return package.stock_zh_a_hist(
                symbol=symbol,
                period=_PERIODS[values["period"]],
                start_date=moment(values["start"]).strftime("%Y%m%d"),
                end_date=_last_day(values["end"]),
                adjust=adjust,
                timeout=TIMEOUT,
            )

        table = self._patience.ask("Eastmoney", call, (OSError,))
        if not len(table):
            message = f"Eastmoney has no bars of {symbol} for this time."
            raise Refused.because(Code.NOT_FOUND, message, "symbols")
        columns = {ours: table[theirs].to_numpy() for ours, theirs in _COLUMNS.items()}
        return bars(symbol, np.asarray(table[_DATE].to_numpy(), dtype="datetime64[D]"), columns)


def _last_day(end: str | None) -> str:
    """The package counts the last day in; ours is the first that is no longer wanted."""
    return (moment(end) - timedelta(days=1)).strftime("%Y%m%d") if end else _FAR
