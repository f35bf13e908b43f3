"""Words that people type: cleaned, bounded, and fit to be stored and shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, Self, TypeVar, cast

from domain.errors import Code, Problem, Refused

P = ParamSpec("P")
T = TypeVar("T")

Field = str | tuple[str, ...]

# Control characters, halves of a character, line and paragraph separators.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They turn the direction of a line or take no room, so that one name can pass for another.
_REFUSED_CHARACTERS = frozenset("\u200b\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Mn", "Me", "Zs", "Cc"})


class Problems:
    """Collects what is wrong, so that a person hears of all of it at once.

    As a `with` block it refuses at the end of the block, and what was taken may be used after it.
    """

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def take(self, clean: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The cleaned value; after a refusal a stand-in that nobody sees, as raise_if_any comes first."""
        try:
            return clean(*args, **kwargs)
        except Refused as refused:
            self.add(*refused.problems)
            return cast("T", None)

    def add(self, *problems: Problem) -> None:
        self._found.extend(problems)

    def raise_if_any(self) -> None:
        if self._found:
            raise Refused(*self._found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Refused):
            self.add(*error.problems)
        if error is None or isinstance(error, Refused):
            self.raise_if_any()


def clean_text(
    value: str,
    field: Field,
    *,
    minimum: int = 1,
    maximum: int = 100,
    multiline: bool = False,
    label: str | None = None,
) -> str:
    """The text in NFC, trimmed, without control characters, from `minimum` to `maximum` characters long.

    Messages call it by its label, or else by the field's last name.
    """
    path = (field,) if isinstance(field, str) else field
    text = _normalised(value, multiline=multiline)
    found = _fault(text, label or path[-1].replace("_", " "), minimum, maximum, "\n\t" if multiline else "")
    if found is not None:
        raise Refused(Problem(*found, path))
    return text


def readable(value: str, maximum: int = 60) -> str:
    """A client's own word, cut and made safe to print in a message or to name a field."""
    cut = value if len(value) <= maximum else value[: maximum - 1] + "…"
    return "".join("�" if _is_refused(character) else character for character in cut)


def _normalised(value: str, *, multiline: bool) -> str:
    if multiline:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", value).strip()


def _fault(text: str, label: str, minimum: int, maximum: int, allowed: str) -> tuple[Code, str] | None:
    if any(_is_refused(character) for character in text if character not in allowed):
        return Code.INVALID, f"The {label} has characters that cannot be shown. Remove them."
    if minimum and not _is_visible(text):
        return Code.REQUIRED, f"The {label} is empty. Write at least {counted(minimum)}."
    if len(text) < minimum:
        return Code.TOO_SHORT, f"The {label} needs at least {counted(minimum)}."
    if len(text) > maximum:
        return Code.TOO_LONG, f"The {label} may have at most {counted(maximum)}; it has {len(text):,}."
    return None


def counted(number: int, noun: str = "character") -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _is_refused(character: str) -> bool:
    return unicodedata.category(character) in _REFUSED_CATEGORIES or character in _REFUSED_CHARACTERS


def _is_visible(text: str) -> bool:
    return any(unicodedata.category(character) not in _INVISIBLE_CATEGORIES for character in text)
