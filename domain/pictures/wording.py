"""Numbers and times as people read them."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from domain.pictures.texts import DASH, MINUS, TIMES

UNKNOWN = "not known"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LARGE = ((1e12, 1e12, "tn"), (1e9, 1e9, "bn"), (1e7, 1e6, "M"))
"""From where on, which unit, and its name."""
_LEAST, _MOST_DIGITS = 1e-100, 6


def number(value: float, decimals: int = 0, signed: bool = False) -> str:
    """With thousands separators; from ten millions on in millions and more, from 10^16 on by its exponent."""
    if not math.isfinite(value):
        return UNKNOWN
    size = abs(value) if abs(value) > _LEAST else 0.0
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return _signed(sign, size, decimals)


def _signed(sign: str, size: float, decimals: int) -> str:
    if size == 0 and decimals > _MOST_DIGITS:
        return "0"
    if size >= 1e16 or (size > 0 and decimals > _MOST_DIGITS):
        digits, power = f"{size:.1e}".split("e")
        return f"{sign}{digits}e{MINUS if power.startswith('-') else ''}{abs(int(power))}"
    for least, unit, name in _LARGE:
        if size >= least:
            return f"{sign}{size / unit:,.1f}".removesuffix(".0") + name
    text = f"{size:,.{max(decimals, 0)}f}"
    return text if not text.strip("0.,") else sign + text


def significant(value: float, digits: int = 3, signed: bool = False) -> str:
    return number(value, decimals_of(value, digits), signed)


def decimals_of(value: float, digits: int = 3) -> int:
    """So many that this many digits are seen."""
    if not math.isfinite(value) or value == 0:
        return 0
    return max(digits - 1 - math.floor(math.log10(abs(value))), 0)


def share(value: float | None, signed: bool = True) -> str:
    """0.1234 as +12.3%."""
    hundred = math.nan if value is None else value * 100.0
    if not math.isfinite(hundred):
        return UNKNOWN
    few = 0.0 < abs(hundred) < 0.1
    return number(hundred, decimals_of(hundred, 1) if few else 1 if abs(hundred) < 1_000 else 0, signed) + "%"


def briefly(value: float) -> str:
    """A share with no more decimals than it has: 0.3 as 30%."""
    hundred = round(value * 100.0, 6)
    return number(hundred, next((few for few in range(6) if round(hundred, few) == hundred), 6)) + "%"


def multiple(value: float) -> str:
    return number(value, 2 if abs(value) < 100 else 0) + TIMES


def points(value: float) -> str:
    return number(value, 1 if abs(value) < 1_000 else 0) + " bps"


def day(time: float | np.datetime64) -> str:
    """Seconds since 1970 or a time, as 3 Mar 2024."""
    date = moment(time)
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def span(first: float, last: float) -> str:
    """From one day to another, or from one time of a day to another."""
    since, until = day(first), day(last)
    if first == last:
        return since
    return f"{since}, {clock(first)} {DASH} {clock(last)}" if since == until else f"{since} {DASH} {until}"


def clock(time: float) -> str:
    return f"{moment(time):%H:%M}"


def moment(time: float | np.datetime64) -> datetime:
    seconds = time if isinstance(time, np.datetime64) else np.datetime64(math.floor(time), "s")
    found: datetime = seconds.astype("datetime64[us]").item()
    return found


def counted(count: int, one: str, many: str) -> str:
    return f"{number(count)} {one if count == 1 else many}"
