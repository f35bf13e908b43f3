"""Time, handed in, so that a test can say what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from domain.errors import Code, Refused

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def in_utc(moment: datetime, *field: str) -> datetime:
    """A moment that a client named, in our time; one without a time zone is meant to be UTC."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise Refused.because(Code.OUT_OF_RANGE, "This moment lies outside the calendar.", *field) from error
