"""Stand-ins for the packages of sources, which answer in the shapes that the real ones were seen to give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

NOW = datetime(2024, 1, 10, 12, tzinfo=UTC)


class Column:
    """A pandas Series, as far as it is used."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def to_numpy(self) -> Any:
        return np.asarray(self._values)


class Index:
    """A pandas DatetimeIndex, as far as it is used."""

    def __init__(self, times: Sequence[datetime], tz: str | None) -> None:
        self._times = times
        self.tz = tz

    def tz_convert(self, zone: str) -> Index:
        return Index([time.astimezone(ZoneInfo(zone)) for time in self._times], zone)

    def tz_localize(self, zone: None) -> Index:
        return Index([time.replace(tzinfo=zone) for time in self._times], None)

    def to_numpy(self) -> Any:
        return np.array(self._times, dtype="datetime64[ns]")


class Table:
    """A pandas DataFrame, as far as it is used."""

    def __init__(self, columns: dict[str, Sequence[Any]], index: Index | None = None) -> None:
        self._columns = columns
        self.columns = list(columns)
        self.index = index

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    def __getitem__(self, name: str) -> Column:
        return Column(self._columns[name])


class YFTickerMissingError(Exception):
    pass


class YFRateLimitError(Exception):
    pass


def yahoo(answer: Callable[..., Table], asked: list[Any] | None = None) -> Any:
    """yfinance 1.7: `Ticker(symbol).history(...)`, its errors, and its switch for hidden faults."""

    def ticker(symbol: str) -> Any:
        def history(**options: Any) -> Table:
            if asked is not None:
                asked.append((symbol, options))
            return answer(symbol)

        return SimpleNamespace(history=history)

    errors = SimpleNamespace(YFTickerMissingError=YFTickerMissingError, YFRateLimitError=YFRateLimitError)
    return SimpleNamespace(
        Ticker=ticker, exceptions=errors, config=SimpleNamespace(debug=SimpleNamespace(hide_exceptions=True))
    )


def yahoo_days(*days: int, hour: int = 0, zone: str = "America/New_York") -> Table:
    times = [datetime(2024, 1, day, hour, tzinfo=ZoneInfo(zone)) for day in days]
    count = range(len(days))
    columns: dict[str, Sequence[Any]] = {
        "Open": [10.0 + place for place in count],
        "High": [12.0 + place for place in count],
        "Low": [9.0 + place for place in count],
        "Close": [11.0 + place for place in count],
        "Adj Close": [5.5 + place for place in count],
        "Volume": np.array([1_000 + place for place in count], dtype=np.int64),
    }
    return Table(columns, Index(times, zone))


def eastmoney_days(*days: int, factor: float = 1.0) -> Table:
    """akshare 1.19: `stock_zh_a_hist`. Dates are plain dates, volume counts lots of 100 shares."""
    count = range(len(days))
    return Table(
        {
            "日期": [datetime(2024, 1, day).date() for day in days],  # noqa: DTZ001
            "股票代码": ["600519" for _ in days],
            "开盘": [10.0 * factor for _ in count],
            "收盘": [11.0 * factor + place for place in count],
            "最高": [12.0 * factor for _ in count],
            "最低": [9.0 * factor for _ in count],
            "成交量": np.array([50 for _ in count], dtype=np.int64),
            "成交额": [1.0 for _ in count],
        }
    )


class NetworkError(Exception):
    pass


class BadSymbol(Exception):
    pass


class Exchange:
    """ccxt 4.5: a list of [ms, open, high, low, close, volume], at most a page, from a time on."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.timeframes = {"1d": "1d", "1h": 60}
        self.asked: list[tuple[Any, ...]] = []
        self.candles: list[list[Any]] = []
        self.page = 3
        self.faults: list[Exception] = []

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int, limit: int) -> list[list[Any]]:
        self.asked.append((symbol, timeframe, since, limit))
        if self.faults:
            raise self.faults.pop(0)
        return [candle for candle in self.candles if candle[0] >= since][: self.page]


def exchanges(exchange: Exchange) -> Any:
    return SimpleNamespace(kraken=lambda _: exchange, NetworkError=NetworkError, BadSymbol=BadSymbol)


def candles(*days: int) -> list[list[Any]]:
    stamps = [int(datetime(2024, 1, day, tzinfo=UTC).timestamp() * 1000) for day in days]
    return [[stamp, 10.0, 12.0, 9.0, 11.0 + place, 5.0] for place, stamp in enumerate(stamps)]
