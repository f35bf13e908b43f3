"""Which bytes of a file a request asks for (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=\s*(\d{1,18})?-(\d{1,18})?\s*", re.IGNORECASE)
_TAGS = re.compile(r'(?:W/)?("[^"]*")')


class NotSatisfiable(Exception):
    """The range lies behind the end."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to but not with `end`."""

    start: int
    end: int


def span(asked: str | None, if_range: str | None, *, etag: str, size: int) -> Span | None:
    """None: all of it, as an answer to whatever else may be asked for, such as several ranges at once."""
    match = _ONE_RANGE.fullmatch(asked) if asked else None
    if match is None or not any(match.groups()) or (if_range is not None and if_range.strip() != etag):
        return None
    first, last = match.groups()
    if first is None:
        found = Span(max(size - int(last), 0), size)
    elif last is not None and int(last) < int(first):
        return None
    else:
        found = Span(int(first), size if last is None else min(int(last) + 1, size))
    if found.start >= found.end:
        raise NotSatisfiable
    return found


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this very content already."""
    return if_none_match is not None and (if_none_match.strip() == "*" or etag in _TAGS.findall(if_none_match))
