"""Names of columns: cleaned for people, and made safe and unique for the canonical form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from domain.datasets.columns import SPLIT, SYMBOL, TIME

_LONGEST = 60
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"\W+|_+")


def cleaned(names: Iterable[str | None]) -> list[str]:
    """As the file calls them, without what cannot be shown, each only once; `column_3` for one without a name."""
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names, start=1):
        shown = "".join(c for c in unicodedata.normalize("NFC", name or "") if c.isprintable()).strip()
        found.append(_unique(shown[:_LONGEST] or f"column_{place}", taken))
    return found


def safe(originals: Sequence[str], fixed: Sequence[str | None]) -> list[str]:
    """Names in snake_case for the canonical form; those that are fixed already stay as they are."""
    taken = {TIME, SYMBOL, SPLIT, *(name for name in fixed if name)}
    return [name or _unique(_snake(original), taken) for original, name in zip(originals, fixed, strict=True)]


def _snake(name: str) -> str:
    text = _HUMP.sub("_", unicodedata.normalize("NFKC", name))
    words = _NO_WORD.sub("_", text).strip("_").lower()[:_LONGEST].strip("_")
    return words if words[:1].isalpha() else f"column_{words}".rstrip("_")


def _unique(name: str, taken: set[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate)
    return candidate
