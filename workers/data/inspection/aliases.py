"""What columns are called around the world, and what they are then for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from domain.datasets.columns import ADJUSTED_CLOSE, SYMBOL, TIME, VOLUME

# The better name first.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    TIME: (
        "datetime", "timestamp", "time", "date", "datetimeutc", "timestamputc", "dateutc", "timeutc", "opentime",
        "tradetime", "tradedate", "tradingday", "tradingdate", "eventtime", "systemtime", "localtimestamp", "gmttime",
        "localtime", "ts", "dt", "day", "unix", "unixtime", "unixtimestamp", "epoch", "tsevent", "tsrecv",
        "日期时间", "时间", "日期", "交易日期", "交易日", "trading日期", "datum", "fecha", "data",
        "日付", "日時", "일자", "날짜", "일시", "дата",
    ),
    SYMBOL: (
        "symbol", "ticker", "tic", "instrument", "instrumentid", "asset", "pair", "code", "secid", "tscode", "isin",
        "ric", "contract", "market", "coin", "stock", "stockcode", "permno", "name",
        "股票代码", "证券代码", "代码", "合约", "名称", "銘柄コード", "コード", "종목코드", "тикер", "wkn",
    ),
    "open": (
        "open", "o", "openprice", "priceopen", "opening", "openingprice", "openbid", "开盘", "开盘价", "今开",
        "eröffnung", "erster", "ouverture", "apertura", "abertura", "otwarcie", "pxopen", "始値", "시가", "открытие",
    ),
    "high": (
        *("high", "h", "highprice", "pricehigh", "max", "highbid"),
        *("最高", "最高价", "hoch", "haut", "máximo", "maximo", "plushaut", "máxima", "maxima", "massimo", "najwyższy"),
        *("najwyzszy", "pxhigh", "高値", "고가", "максимум", "макс"),
    ),
    "low": (
        *("low", "l", "lowprice", "pricelow", "min", "lowbid"),
        *("最低", "最低价", "tief", "bas", "mínimo", "minimo", "plusbas", "mínima", "minima", "najniższy"),
        *("najnizszy", "pxlow", "安値", "저가", "минимум", "мин"),
    ),
    "close": (
        "close", "c", "closeprice", "priceclose", "closing", "closingprice", "closelast", "closebid", "last",
        "lastprice", "price", "收盘", "收盘价", "最新价", "schluss", "schlusskurs", "clôture", "cloture", "dernier",
        "cierre", "último", "ultimo", "fechamento", "chiusura", "zamknięcie", "zamkniecie", "pxlast", "終値", "종가",
        "закрытие", "settle", "settlement", "settlementprice", "kurs", "cours", "цена",
    ),
    VOLUME: (
        "volume", "vol", "v", "tradedvolume", "totalvolume", "tickvol", "tickvolume", "numberofshares", "成交量",
        "出来高", "거래량", "stuecke", "stücke", "stück", "volumen", "wolumen", "pxvolume", "объём", "объем",
    ),
    ADJUSTED_CLOSE: (
        "adjustedclose", "adjclose", "adjcp", "adjcloseprice", "adjustedcloseprice", "closeadj", "closeadjusted",
        "adjprice", "复权收盘价", "調整後終値", "終値調整", "수정종가",
    ),
}  # fmt: skip
PRICES = ("open", "high", "low", "close", ADJUSTED_CLOSE)
ROLES = (*PRICES[:4], VOLUME, ADJUSTED_CLOSE)
_RANKS = {alias: (role, rank) for role, aliases in _ALIASES.items() for rank, alias in enumerate(aliases)}
_NUMBERED = re.compile(r"^\d+[.)]\s*")
_UNIT = re.compile(r"[(\uff08\[][^)\uff09\]]*[)\uff09\]]\s*$")
_NO_WORD = re.compile(r"[\W_]+")
_VOLUME_OF = re.compile(r"volume\w{2,5}")

_SIDE = r"(?P<side>bid|ask)s?"
_WHAT = r"(?P<what>price|px|p|prc|size|sz|s|qty|quantity|q|volume|vol|v|amount|amt)"
_LEVEL = r"(?P<level>\d{1,2})"
_BOOK = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_SIDE}_?{_LEVEL}(?:_?{_WHAT})?",
        rf"{_SIDE}_?{_WHAT}_?{_LEVEL}",
        rf"{_SIDE}(?:_?{_WHAT})?",
    )
)
_PRICE_WORDS = frozenset({None, "price", "px", "p", "prc"})
_MOST_LEVELS = 50
BOOK_ROLE = re.compile(r"(bid|ask)_(price|size)_([1-9]|[1-4]\d|50)")


def is_role(name: str) -> bool:
    return name in ROLES or BOOK_ROLE.fullmatch(name) is not None


def is_price(role: str | None) -> bool:
    return role in PRICES or (role or "").startswith(("bid_price_", "ask_price_"))


def ranked(role: str, names: Iterable[str]) -> list[str]:
    """The names that may stand for the role, the likeliest first."""
    ranks = {name: rank for name in names if (rank := _rank(role, name)) is not None}
    return sorted(ranks, key=lambda name: ranks[name])


def price_roles(names: list[str]) -> dict[str, str]:
    """From the role to the name; each name at most once."""
    found: dict[str, str] = {}
    for role in ROLES:
        free = [name for name in ranked(role, names) if name not in found.values()]
        if free:
            found[role] = free[0]
    return found | _book_roles([name for name in names if name not in found.values()])


def _rank(role: str, name: str) -> int | None:
    word = _word(name)
    known, rank = _RANKS.get(word, (None, 0))
    if known is None:
        known, rank = _RANKS.get(_word(_UNIT.sub("", name)), (None, 0))
        rank += len(_RANKS)
    if known == role:
        return rank
    return len(_ALIASES[VOLUME]) if role == VOLUME and known is None and _VOLUME_OF.fullmatch(word) else None


def _word(name: str) -> str:
    return _NO_WORD.sub("", _NUMBERED.sub("", name.strip().lower()))


def _book_roles(names: list[str]) -> dict[str, str]:
    matches = [(name, match) for name in names if (match := _book_match(name))]
    levels = [int(match["level"]) for _, match in matches if match.groupdict().get("level")]
    from_zero = 1 if 0 in levels else 0
    found: dict[str, str] = {}
    for name, match in matches:
        level = int(match.groupdict().get("level") or 1 - from_zero) + from_zero
        what = "price" if match["what"] in _PRICE_WORDS else "size"
        if level <= _MOST_LEVELS:
            found.setdefault(f"{match['side']}_{what}_{level}", name)
    return found


def _book_match(name: str) -> re.Match[str] | None:
    text = _NO_WORD.sub("_", name.strip().lower()).strip("_")
    return next((match for pattern in _BOOK if (match := pattern.fullmatch(text))), None)
