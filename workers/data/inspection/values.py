"""What numbers look like in texts, and expressions that read them."""

from __future__ import annotations

import re

import polars as pl

from workers.data.inspection.timeforms import LONGEST, shape

_OF_SHEETS = ("#n/a", "#n/a n/a", "#value!", "#div/0!")
# Written where a value is missing; compared in lower case.
MISSING = ("", "na", "n/a", "null", "none", "nil", "-", "--", ".", "missing", "\\n", *_OF_SHEETS)
_SPACES = " \t\u00a0\u202f\u2009"
_SIGNS = "$€£¥₹₩₽"
_MONEY = "(?:USD|EUR|GBP|JPY|CHF|CNY|HKD|INR|KRW|CAD|AUD|SEK|NOK|DKK|PLN|BRL|RUB)"
_PLAIN = rf"[{_SIGNS}\s]*[+-]?[{_SIGNS}]?(\d[\d.,'\s]*|[.,]\d+)([eE][+-]?\d+)?\s*[%kKmMbB万亿{_SIGNS}]?"
_NUMBER = re.compile(rf"(?:{_MONEY}\s*)?(?:{_PLAIN}|\({_PLAIN}\))(?:-|\s*{_MONEY})?")
# As accounts write what is below zero: (10.50) and 10.50-.
_BELOW_ZERO = r"^\((.*)\)$|^([^(+-].*\d)-$"
_UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "万": 1e4, "亿": 1e8}
# What may stand between groups of three digits, by the decimal sign.
_GROUPS = {".": r"[,'\x{2019} \x{00a0}\x{202f}\x{2009}]", ",": r"[.'\x{2019} \x{00a0}\x{202f}\x{2009}]"}


def looks_like_value(cell: str) -> bool:
    """A number or a time, not a word."""
    text = cell.strip()
    # A long run of spaces would keep the pattern busy for hours.
    return len(text) <= LONGEST and (_NUMBER.fullmatch(text) is not None or shape(text) is not None)


def is_missing(text: pl.Expr) -> pl.Expr:
    return text.str.strip_chars(_SPACES).str.to_lowercase().is_in(MISSING)


def plain_number(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Float64, strict=False)


def bare(text: pl.Expr) -> pl.Expr:
    """Without spaces, and signs of money or per cent, around it; minus before it where accounts write it otherwise."""
    around = _SPACES + _SIGNS + "%"
    text = text.str.strip_chars(around).str.replace(_BELOW_ZERO, "-$1$2")
    text = text.str.replace(rf"^([+-]?)(?:{_MONEY}|[{_SIGNS}])\s*", "$1")
    return text.str.replace(rf"\s*{_MONEY}$", "").str.strip_chars(around)


def thorough_number(text: pl.Expr, decimal: str) -> pl.Expr:
    """Numbers with groups of digits, a decimal comma, a sign of money or per cent, or K, M, B, 万, 亿 behind them.

    What fits no such form is no number: 1.5 among decimal commas is not made 15, nor left 1.5.
    """
    group, point = _GROUPS[decimal], re.escape(decimal)
    text = bare(text)
    unit = text.str.extract(r"\d\s*([kKmMbB万亿])$").str.to_lowercase()
    digits = text.str.replace(r"\s*[kKmMbB万亿]$", "")
    # In India all groups but the last have two digits: 1,23,45,678.
    whole = rf"\d{{1,3}}(?:{group}\d{{3}})+|\d{{1,2}}(?:,\d\d)+,\d{{3}}"
    grouped = digits.str.contains(rf"^[+-]?(?:{whole})(?:{point}\d*)?$")
    digits = pl.when(grouped).then(digits.str.replace_all(group, "")).otherwise(digits)
    if decimal == ",":
        digits = pl.when(~digits.str.contains(".", literal=True)).then(digits.str.replace(",", ".", literal=True))
    number = digits.cast(pl.Float64, strict=False)
    factor = unit.replace_strict(_UNITS, default=None, return_dtype=pl.Float64)
    return pl.when(unit.is_null()).then(number).otherwise(number * factor)
