"""How numbers and times are written for people."""

from __future__ import annotations

from datetime import UTC, datetime

NONE = "\u2013"
_MINUS = "\u2212"
_OFTEN = 400.0
"""Bars a year, from which on the time of day matters."""
_LARGE = 10_000.0
_SURE = 0.99


def share(value: float | None) -> str:
    """Of a gain or a loss: with its sign."""
    return NONE if value is None else _signed(f"{value:+,.2%}")


def part(value: float | None) -> str:
    """Of a whole: without a sign."""
    return NONE if value is None else _signed(f"{value:.2%}")


def likelihood(value: float) -> str:
    """Nothing is sure."""
    return "more than 99%" if value > _SURE else "less than 1%" if value < 1.0 - _SURE else f"{value:.0%}"


def number(value: float | None) -> str:
    return NONE if value is None else _signed(f"{value:,.2f}")


def count(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def money(value: float | None) -> str:
    """Of large sums, nobody looks at the cents."""
    return NONE if value is None else _signed(f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:,.2f}")


def basis(value: float | None) -> str:
    return NONE if value is None else _signed(f"{value:+,.2f}")


def rate(value: float | None) -> str:
    """Of small shares, such as costs: as many digits as they have."""
    return NONE if value is None else f"{value * 100:.6f}".rstrip("0").rstrip(".") + "%"


def day(text: str | None, per_year: float | None = None) -> str:
    """A time in ISO form; with the time of day where bars are shorter than a day."""
    if text is None:
        return NONE
    moment = datetime.fromisoformat(text).astimezone(UTC)
    hour = f" {moment:%H:%M}" if per_year is not None and per_year > _OFTEN else ""
    return f"{moment.day} {moment:%b %Y}{hour}"


def listed(words: list[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def plural(count_: int, one: str, many: str | None = None) -> str:
    return f"{count_:,} {one if count_ == 1 else many or one + 's'}"


def _signed(text: str) -> str:
    """With a true minus; nothing is neither more nor less."""
    return text.replace("-", _MINUS) if text.strip("+-0.,%") else text.lstrip("+-")
