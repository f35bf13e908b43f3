"""Crypto exchanges, by the package ccxt.

Written after the package's own source and documentation. The tests run against a stand-in of the package that answers
with candles of the recorded shape: they never reach an exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from domain.datasets.columns import TIME
from domain.datasets.forms import Values
from domain.datasets.forms.checks import moment
from domain.datasets.sources.model import FetchRequest, Source
from domain.datasets.sources.offer import CCXT
from domain.errors import Code, Refused
from workers.data.sources.patience import TIMEOUT, Patience
from workers.data.sources.port import OnProgress
from workers.data.sources.tables import bars, only_finished

PAGE = 500
MOST_PAGES = 4_000
_COLUMNS = ("open", "high", "low", "close", "volume")

Candle = list[Any]


class CcxtSource:
    """Pages through public candles. The exchange is one of a fixed list, so nobody can point it at an address."""

    source: Source = CCXT

    def __init__(
        self, patience: Patience, now: Callable[[], datetime], load: Callable[[str], Any] = import_module
    ) -> None:
        self._patience = patience
        self._now = now
        self._load = load

    def is_installed(self) -> bool:
        return find_spec("ccxt") is not None

    def frames(self, request: FetchRequest, on_progress: OnProgress) -> Iterator[pl.DataFrame]:
        package = self._load("ccxt")
        values = request.values
        exchange = _opened(package, values["exchange"])
        _refuse_period(exchange, values)
        for place, symbol in enumerate(values["symbols"]):
            on_progress(place / len(values["symbols"]), f"Fetching {symbol}")
            yield self._one(package, exchange, symbol, values)

    def notes(self, request: FetchRequest) -> dict[str, str]:  # noqa: ARG002
        return {}

    def _one(self, package: Any, exchange: Any, symbol: str, values: Values) -> pl.DataFrame:
        end = int((moment(values["end"]) if values["end"] else self._now()).timestamp() * 1000)
        try:
            candles = [candle for page in self._pages(package, exchange, symbol, values, end) for candle in page]
        except package.BadSymbol as unknown:
            message = f"{values['exchange']} has no market {symbol}."
            raise Refused.because(Code.NOT_FOUND, message, "symbols") from unknown
        if not candles:
            message = f"{values['exchange']} has no bars of {symbol} for this time."
            raise Refused.because(Code.NOT_FOUND, message, "symbols")
        return only_finished(_frame(symbol, candles, end), values["period"], self._now())

    def _pages(self, package: Any, exchange: Any, symbol: str, values: Values, end: int) -> Iterator[list[Candle]]:
        """Page after page, until the end, or until an exchange that ignores the time gives nothing new."""
        since = int(moment(values["start"]).timestamp() * 1000)
        for _ in range(MOST_PAGES):
            page = self._page(package, exchange, symbol, values["period"], since)
            fresh = [candle for candle in page if candle[0] >= since]
            if not fresh:
                return
            yield fresh
            since = fresh[-1][0] + 1
            if since >= end:
                return

    def _page(self, package: Any, exchange: Any, symbol: str, period: str, since: int) -> list[Candle]:
        def call() -> list[Candle]:
            return sorted(exchange.fetch_ohlcv(symbol, period, since, PAGE))

        return self._patience.ask("The exchange", call, (package.NetworkError, OSError))


def _opened(package: Any, name: str) -> Any:
    """Without keys: only public prices are asked for. The package keeps to the exchange's own pace."""
    return getattr(package, name)({"enableRateLimit": True, "timeout": int(TIMEOUT * 1000)})


def _refuse_period(exchange: Any, values: Values) -> None:
    offered = exchange.timeframes or {}
    if values["period"] not in offered:
        message = f"{values['exchange']} has no bars of {values['period']}. It has: {', '.join(offered)}."
        raise Refused.because(Code.UNKNOWN, message, "period")


def _frame(symbol: str, candles: list[Candle], end: int) -> pl.DataFrame:
    wanted = [candle for candle in candles if candle[0] < end]
    times = np.array([candle[0] for candle in wanted], dtype="datetime64[ms]")
    columns = {
        name: [np.nan if candle[place] is None else candle[place] for candle in wanted]
        for place, name in enumerate(_COLUMNS, start=1)
    }
    return bars(symbol, times, columns).sort(TIME)
