"""What a strategy may be called, how it is described and tagged."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import Code, Refused
from domain.text import Problems, clean_text

MAX_NAME = 100
MAX_DESCRIPTION = 2_000
MAX_MESSAGE = 500
MAX_TAGS = 20
MAX_TAG = 30
# Doubles are dropped before tags are counted, but nobody sends this many doubles.
_MOST_TAGS_READ = 5 * MAX_TAGS


def clean_name(value: str) -> str:
    return clean_text(value, "name", maximum=MAX_NAME)


def clean_description(value: str) -> str:
    return clean_text(value, "description", minimum=0, maximum=MAX_DESCRIPTION, multiline=True)


def clean_message(value: str) -> str:
    """What a person says about a new version; may be empty."""
    return clean_text(value, "message", minimum=0, maximum=MAX_MESSAGE, multiline=True)


def clean_tags(values: Sequence[str]) -> tuple[str, ...]:
    """Lower case, trimmed, each once, in the order given. Names every bad tag by its place."""
    if len(values) > _MOST_TAGS_READ:
        raise _too_many(len(values))
    with Problems() as problems:
        tags = [problems.take(_clean_tag, value, place) for place, value in enumerate(values)]
    unique = tuple(dict.fromkeys(tags))
    if len(unique) > MAX_TAGS:
        raise _too_many(len(unique))
    return unique


def _clean_tag(value: str, place: int) -> str:
    return clean_text(value.lower(), ("tags", str(place)), maximum=MAX_TAG, label="tag")


def _too_many(count: int) -> Refused:
    return Refused.because(Code.TOO_LONG, f"A strategy may have at most {MAX_TAGS} tags; these are {count}.", "tags")
