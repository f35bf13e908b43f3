"""Which sources there are, and how to find one."""

from __future__ import annotations

from domain.catalogue.wording import hint
from domain.datasets.forms import Field, FieldKind, Form
from domain.datasets.recipes.kinds.fields import choice, flag
from domain.datasets.sources.fields import END, START, period, symbols
from domain.datasets.sources.generators import BOOK_PERIODS, GENERATORS, PERIODS
from domain.datasets.sources.model import AssetClass, Source
from domain.errors import Code, Refused
from domain.text import readable

BUNDLED_STOCKS = (
    *("AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO"),
    *("LLY", "MRK", "MSFT", "PEP", "PFE", "PG", "RRC", "UNH", "WMT", "XOM"),
)
EXCHANGES = ("binance", "bitfinex", "bitstamp", "bybit", "coinbase", "gate", "kraken", "kucoin", "okx")
_YAHOO_PERIODS = ("1m", "2m", "5m", "15m", "30m", "1h", "1d", "1w", "1mo")
_AKSHARE_PERIODS = ("1d", "1w", "1mo")
_CCXT_PERIODS = ("1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w")

SYNTHETIC = Source(
    name="synthetic",
    title="Synthetic markets",
    summary="Made up here, by rules that are known: to try things out, and to test whether something can be learned.",
    forms=GENERATORS,
    asset_classes=(AssetClass.SYNTHETIC,),
    periods=tuple(dict.fromkeys((*BOOK_PERIODS, *PERIODS))),
    synthetic=True,
)

SKFOLIO = Source(
    name="skfolio",
    title="20 US stocks (skfolio)",
    summary="Daily adjusted closes of 20 stocks of the S&P 500 and of the index, 1990 to 2022, from an installed "
    "package. Closes only. For examples, not for decisions.",
    forms=(
        Form(
            name="skfolio",
            title="20 US stocks",
            help="Real prices that need no network.",
            fields=(
                Field(
                    name="symbols",
                    title="Symbols",
                    kind=FieldKind.TEXTS,
                    default=BUNDLED_STOCKS,
                    min_items=1,
                    max_items=len(BUNDLED_STOCKS),
                    pattern="|".join(BUNDLED_STOCKS),
                    example="AAPL",
                    help="Which stocks; all twenty if left out.",
                ),
                flag("index", "With the index", "Adds the S&P 500 as the symbol SP500."),
                Field(name="start", title="From", kind=FieldKind.MOMENT, help="The first day; left out, 1990-01-02."),
                END,
            ),
        ),
    ),
    asset_classes=(AssetClass.STOCK, AssetClass.INDEX),
    periods=("1d",),
    package="skfolio",
)

YFINANCE = Source(
    name="yfinance",
    title="Yahoo Finance (yfinance)",
    summary="Bars of stocks, funds, indices, currencies, futures and crypto of the whole world, with adjusted closes. "
    "Minutes only of the last days.",
    forms=(
        Form(
            name="yfinance",
            title="Yahoo Finance",
            help="Unadjusted bars and the adjusted close.",
            fields=(
                symbols(r"\^?[A-Z0-9](?:[A-Z0-9]|[.=-](?=[A-Z0-9])){0,18}(?:=[XF])?", "AAPL", "As Yahoo writes them."),
                period(_YAHOO_PERIODS, "1d"),
                START,
                END,
            ),
        ),
    ),
    asset_classes=tuple(kind for kind in AssetClass if kind is not AssetClass.SYNTHETIC),
    periods=_YAHOO_PERIODS,
    package="yfinance",
    needs_network=True,
)

AKSHARE = Source(
    name="akshare",
    title="Chinese stocks (akshare)",
    summary="Daily, weekly and monthly bars of the stocks of Shanghai, Shenzhen and Beijing, from Eastmoney.",
    forms=(
        Form(
            name="akshare",
            title="Chinese stocks",
            help="Unadjusted bars and, if wanted, the adjusted close. Volume in shares.",
            fields=(
                symbols(r"[0-9]{6}", "600519", "Six digits each."),
                period(_AKSHARE_PERIODS, "1d"),
                START,
                END,
                choice(
                    "adjust",
                    "Adjusted close",
                    ("forward", "backward", "none"),
                    "forward is level with today's price, backward with the first one.",
                ),
            ),
        ),
    ),
    asset_classes=(AssetClass.STOCK,),
    periods=_AKSHARE_PERIODS,
    package="akshare",
    needs_network=True,
)

CCXT = Source(
    name="ccxt",
    title="Crypto exchanges (ccxt)",
    summary="Bars of crypto markets from large exchanges. Some give only the last few hundred.",
    forms=(
        Form(
            name="ccxt",
            title="Crypto exchanges",
            help="Bars from the exchange's public prices; no key is used.",
            fields=(
                choice("exchange", "Exchange", EXCHANGES, "Where the prices are from.", default="kraken"),
                symbols(
                    r"[A-Z0-9]{1,15}/[A-Z0-9]{1,15}(?::[A-Z0-9]{1,15})?", "BTC/USDT", "Base and quote, with a slash."
                ),
                period(_CCXT_PERIODS, "1d"),
                START,
                END,
            ),
        ),
    ),
    asset_classes=(AssetClass.CRYPTO,),
    periods=_CCXT_PERIODS,
    package="ccxt",
    needs_network=True,
)

_SOURCES = {each.name: each for each in (SYNTHETIC, SKFOLIO, YFINANCE, AKSHARE, CCXT)}


def sources() -> tuple[Source, ...]:
    return tuple(_SOURCES.values())


def source(name: str) -> Source:
    """The source of this name, or a refusal that says which there are."""
    if name in _SOURCES:
        return _SOURCES[name]
    message = f'There is no source "{readable(name)}".{hint(name, _SOURCES)} Choose one of: {", ".join(_SOURCES)}.'
    raise Refused.because(Code.UNKNOWN, message, "source")
