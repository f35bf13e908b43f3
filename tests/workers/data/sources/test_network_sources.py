"""These tests never reach a network: they run against stand-ins that answer in recorded shapes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from domain.datasets.sources import FetchRequest, read_request
from domain.errors import Code, Refused, Unavailable
from tests.workers.data.sources import recorded
from tests.workers.data.sources.recorded import NOW
from workers.data.sources.eastmoney import AkshareSource
from workers.data.sources.exchanges import PAGE, CcxtSource
from workers.data.sources.patience import PAUSE, TIMEOUT, WAITS, Patience
from workers.data.sources.yahoo import YahooSource


def a_request(source: str, *symbols: str, **values: Any) -> FetchRequest:
    return read_request({"source": source, "symbols": list(symbols), "start": "2024-01-01"} | values)


def fetched(port: Any, request: FetchRequest) -> list[pl.DataFrame]:
    return list(port.frames(request, lambda *_: None))


def refused(port: Any, request: FetchRequest) -> list[tuple[Code, tuple[str, ...]]]:
    with pytest.raises(Refused) as caught:
        fetched(port, request)
    return [(problem.code, problem.field) for problem in caught.value.problems]


class Faults:
    """Fails some times, then answers."""

    def __init__(self, answer: Any, *faults: Exception) -> None:
        self.answer = answer
        self.faults = list(faults)

    def __call__(self, *_: Any, **__: Any) -> Any:
        if self.faults:
            raise self.faults.pop(0)
        return self.answer


def yahoo(answer: Callable[..., Any], waits: list[float] | None = None, asked: list[Any] | None = None) -> YahooSource:
    slept = waits if waits is not None else []
    package = recorded.yahoo(answer, asked)
    return YahooSource(Patience(slept.append), lambda: NOW, lambda _: package)


def test_yahoo_days_are_days_of_the_market_in_utc() -> None:
    (frame,) = fetched(yahoo(lambda _: recorded.yahoo_days(2, 3)), a_request("yfinance", "AAPL"))
    assert frame.schema["time"] == pl.Datetime("us", "UTC")
    assert frame.rows(named=True)[0] == {
        "time": datetime(2024, 1, 2, tzinfo=UTC),
        "symbol": "AAPL",
        "open": 10.0,
        "high": 12.0,
        "low": 9.0,
        "close": 11.0,
        "volume": 1_000.0,
        "adjusted_close": 5.5,
    }


def test_yahoo_hours_are_moments_in_utc() -> None:
    port = yahoo(lambda _: recorded.yahoo_days(2, hour=10))
    (frame,) = fetched(port, a_request("yfinance", "AAPL", period="1h"))
    assert frame.get_column("time").to_list() == [datetime(2024, 1, 2, 15, tzinfo=UTC)]


def test_yahoo_is_asked_for_plain_prices_with_a_time_limit() -> None:
    asked: list[Any] = []
    port = yahoo(lambda _: recorded.yahoo_days(2), asked=asked)
    fetched(port, a_request("yfinance", "BRK-B", period="1w", end="2024-02-01"))
    assert asked == [
        (
            "BRK-B",
            {
                "interval": "1wk",
                "start": datetime(2024, 1, 1, tzinfo=UTC),
                "end": datetime(2024, 2, 1, tzinfo=UTC),
                "auto_adjust": False,
                "actions": False,
                "timeout": TIMEOUT,
            },
        )
    ]


def test_a_bar_that_is_still_growing_is_left_out() -> None:
    (frame,) = fetched(yahoo(lambda _: recorded.yahoo_days(8, 9, 10)), a_request("yfinance", "AAPL"))
    assert [time.day for time in frame.get_column("time")] == [8, 9]


def test_faults_that_pass_are_waited_out_longer_and_longer() -> None:
    waits: list[float] = []
    answer = Faults(recorded.yahoo_days(2), OSError("reset"), recorded.YFRateLimitError(), TimeoutError())
    assert len(fetched(yahoo(answer, waits), a_request("yfinance", "AAPL"))) == 1
    assert waits == [*WAITS[:3], PAUSE]
    assert list(WAITS) == sorted(WAITS)


def test_in_the_end_patience_ends() -> None:
    waits: list[float] = []
    answer = Faults(None, *[OSError("down")] * (len(WAITS) + 1))
    with pytest.raises(Unavailable):
        fetched(yahoo(answer, waits), a_request("yfinance", "AAPL"))
    assert waits == list(WAITS)
    assert answer.faults == []


@pytest.mark.parametrize("answer", [Faults(None, recorded.YFTickerMissingError("gone")), Faults(recorded.Table({}))])
def test_what_yahoo_does_not_know_is_refused_without_waiting(answer: Faults) -> None:
    waits: list[float] = []
    assert refused(yahoo(answer, waits), a_request("yfinance", "NOPE")) == [(Code.NOT_FOUND, ("symbols",))]
    assert waits == []


def test_another_fault_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        fetched(yahoo(Faults(None, ZeroDivisionError())), a_request("yfinance", "AAPL"))


def test_progress_counts_symbols() -> None:
    told: list[tuple[float, str]] = []
    port = yahoo(lambda _: recorded.yahoo_days(2))
    list(port.frames(a_request("yfinance", "AAPL", "MSFT"), lambda share, what: told.append((share, what))))
    assert told == [(0.0, "Fetching AAPL"), (0.5, "Fetching MSFT")]


def akshare(asked: list[Any]) -> AkshareSource:
    def stock_zh_a_hist(**options: Any) -> recorded.Table:
        asked.append(options)
        return recorded.eastmoney_days(2, 3, factor=0.5 if options["adjust"] else 1.0)

    package = type("akshare", (), {"stock_zh_a_hist": staticmethod(stock_zh_a_hist)})
    return AkshareSource(Patience(lambda _: None), lambda: NOW, lambda _: package)


def test_chinese_stocks_have_shares_as_volume_and_an_adjusted_close_of_their_own() -> None:
    asked: list[Any] = []
    (frame,) = fetched(akshare(asked), a_request("akshare", "600519", end="2024-02-01"))
    first = frame.row(0, named=True)
    assert (first["time"], first["symbol"]) == (datetime(2024, 1, 2, tzinfo=UTC), "600519")
    assert (first["open"], first["close"], first["volume"], first["adjusted_close"]) == (10.0, 11.0, 5_000.0, 5.5)
    assert [(each["adjust"], each["start_date"], each["end_date"]) for each in asked] == [
        ("", "20240101", "20240131"),
        ("qfq", "20240101", "20240131"),
    ]
    assert {each["timeout"] for each in asked} == {TIMEOUT}


def test_chinese_stocks_without_adjustment_need_one_question() -> None:
    asked: list[Any] = []
    (frame,) = fetched(akshare(asked), a_request("akshare", "600519", adjust="none", period="1w"))
    assert "adjusted_close" not in frame.columns
    assert [(each["period"], each["end_date"]) for each in asked] == [("weekly", "20991231")]


def test_a_chinese_stock_that_is_not_there_is_refused() -> None:
    package = type("akshare", (), {"stock_zh_a_hist": staticmethod(lambda **_: recorded.Table({}))})
    port = AkshareSource(Patience(lambda _: None), lambda: NOW, lambda _: package)
    assert refused(port, a_request("akshare", "999999")) == [(Code.NOT_FOUND, ("symbols",))]


def ccxt(exchange: recorded.Exchange, waits: list[float] | None = None) -> CcxtSource:
    package = recorded.exchanges(exchange)
    return CcxtSource(Patience((waits if waits is not None else []).append), lambda: NOW, lambda _: package)


def test_an_exchange_is_read_page_by_page_until_the_end() -> None:
    exchange = recorded.Exchange({})
    exchange.candles = recorded.candles(1, 2, 3, 4, 5, 6, 7)
    (frame,) = fetched(ccxt(exchange), a_request("ccxt", "BTC/USDT", end="2024-01-06"))
    assert [time.day for time in frame.get_column("time")] == [1, 2, 3, 4, 5]
    assert frame.get_column("close").to_list() == [11.0, 12.0, 13.0, 14.0, 15.0]
    assert [asked[2] for asked in exchange.asked] == [
        exchange.candles[0][0],
        exchange.candles[2][0] + 1,
    ]
    assert exchange.asked[0] == ("BTC/USDT", "1d", exchange.candles[0][0], PAGE)


def test_an_exchange_that_ignores_the_time_does_not_go_on_for_ever() -> None:
    exchange = recorded.Exchange({})
    exchange.candles = recorded.candles(1, 2, 3)
    exchange.fetch_ohlcv = lambda *_: list(exchange.candles)  # type: ignore[method-assign]
    (frame,) = fetched(ccxt(exchange), a_request("ccxt", "BTC/USDT"))
    assert frame.height == 3


def test_candles_in_any_order_with_holes_are_put_right() -> None:
    exchange = recorded.Exchange({})
    exchange.candles = [*recorded.candles(3, 2), [recorded.candles(4)[0][0], None, None, None, None, None]]
    (frame,) = fetched(ccxt(exchange), a_request("ccxt", "BTC/USDT"))
    assert [time.day for time in frame.get_column("time")] == [2, 3]


def test_the_last_candle_of_an_exchange_is_still_growing() -> None:
    exchange = recorded.Exchange({})
    exchange.candles = recorded.candles(8, 9, 10)
    (frame,) = fetched(ccxt(exchange), a_request("ccxt", "BTC/USDT"))
    assert [time.day for time in frame.get_column("time")] == [8, 9]


def test_an_exchange_in_trouble_is_asked_again() -> None:
    exchange, waits = recorded.Exchange({}), list[float]()
    exchange.candles = recorded.candles(1)
    exchange.faults = [recorded.NetworkError("busy"), OSError("reset")]
    assert fetched(ccxt(exchange, waits), a_request("ccxt", "BTC/USDT"))[0].height == 1
    assert waits == list(WAITS[:2])


@pytest.mark.parametrize(
    ("values", "faults", "field"),
    [
        ({}, [recorded.BadSymbol("no")], "symbols"),
        ({}, [], "symbols"),
        ({"period": "5m"}, [], "period"),
    ],
)
def test_what_an_exchange_does_not_have_is_refused(values: dict[str, Any], faults: list[Exception], field: str) -> None:
    exchange = recorded.Exchange({})
    exchange.faults = faults
    ((_, place),) = refused(ccxt(exchange), a_request("ccxt", "XXX/YYY", **values))
    assert place == (field,)


def test_an_exchange_is_opened_without_keys_and_with_a_time_limit() -> None:
    opened: list[Any] = []

    def kraken(options: Any) -> recorded.Exchange:
        opened.append(options)
        exchange = recorded.Exchange(options)
        exchange.candles = recorded.candles(1)
        return exchange

    package = recorded.exchanges(recorded.Exchange({}))
    package.kraken = kraken
    fetched(CcxtSource(Patience(lambda _: None), lambda: NOW, lambda _: package), a_request("ccxt", "BTC/USDT"))
    assert opened == [{"enableRateLimit": True, "timeout": int(TIMEOUT * 1000)}]
