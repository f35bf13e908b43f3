"""What a dataset or a saved recipe may be called, how it is described and tagged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import Code, Refused
from domain.file_names import safe_file_name
from domain.text import Problems, clean_text

MAX_NAME = 100
MAX_DESCRIPTION = 2_000
MAX_TAGS = 20
MAX_TAG = 30
MAX_KEY = 100
# Doubles are dropped before tags are counted, but nobody sends this many doubles.
_MOST_TAGS_READ = 5 * MAX_TAGS


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What can be said about a dataset. None: leave it as it is."""

    name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None

    def cleaned(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        with Problems() as problems:
            if self.name is not None:
                values["name"] = problems.take(clean_name, self.name)
            if self.description is not None:
                values["description"] = problems.take(clean_description, self.description)
            if self.tags is not None:
                values["tags"] = problems.take(clean_tags, self.tags)
        return values


def clean_name(value: str) -> str:
    return clean_text(value, "name", maximum=MAX_NAME)


def clean_description(value: str) -> str:
    return clean_text(value, "description", minimum=0, maximum=MAX_DESCRIPTION, multiline=True)


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


def clean_key(value: str | None) -> str | None:
    """A client's own word for one wish, by which its second try is known."""
    return None if value is None else clean_text(value, "idempotency_key", maximum=MAX_KEY)


def clean_filename(value: str) -> str:
    """As the person calls the file, without folders and what hides or steers. A name of nothing else is refused."""
    name = safe_file_name(value[:10_000], fallback="")
    if not name:
        message = "The name of the file is empty. Give one with its extension, such as prices.csv."
        raise Refused.because(Code.REQUIRED, message, "filename")
    return name


def _clean_tag(value: str, place: int) -> str:
    return clean_text(value.lower(), ("tags", str(place)), maximum=MAX_TAG, label="tag")


def _too_many(count: int) -> Refused:
    return Refused.because(Code.TOO_LONG, f"A dataset may have at most {MAX_TAGS} tags; these are {count}.", "tags")
