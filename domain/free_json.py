"""JSON whose content is free, bounded so that it can be stored, compared and sent back."""

from __future__ import annotations

import math
from collections.abc import Iterator

from domain.errors import Code, Problem, Refused
from domain.text import readable

MAX_DEPTH = 8
MAX_VALUES = 2_000
MAX_TEXT = 10_000
MAX_KEY = 100
# The database keeps no such character in JSON.
_NUL = "\x00"
_LARGEST_INTEGER = 2**63

Place = tuple[tuple[str, ...], object]


def clean_object(value: object, field: str) -> dict[str, object]:
    """The object itself, when it is no deeper, larger or stranger than can be kept."""
    if not isinstance(value, dict):
        raise Refused.because(Code.INVALID, f"{field} must be an object.", field)
    waiting: list[Place] = [((field,), value)]
    read = 0
    while waiting and read < MAX_VALUES:
        path, current = waiting.pop()
        problem = _problem(path, current)
        if problem is not None:
            raise Refused(problem)
        waiting.extend(_inside(path, current))
        read += 1
    if waiting:
        raise Refused.because(Code.TOO_LONG, f"{field} may hold at most {MAX_VALUES:,} values.", field)
    return value


def _inside(path: tuple[str, ...], value: object) -> Iterator[Place]:
    if isinstance(value, dict):
        yield from (((*path, readable(key)), item) for key, item in value.items())
    elif isinstance(value, list):
        yield from (((*path, str(place)), item) for place, item in enumerate(value))


def _problem(path: tuple[str, ...], value: object) -> Problem | None:
    match value:
        case None | bool():
            return None
        case dict():
            return _too_deep(path) or next(
                (found for key in value if (found := _text_problem(path, key, MAX_KEY))), None
            )
        case list():
            return _too_deep(path)
        case str():
            return _text_problem(path, value, MAX_TEXT)
        case int() | float():
            return _number_problem(path, value)
        case _:
            return Problem(Code.INVALID, "This is no JSON value.", path)


def _too_deep(path: tuple[str, ...]) -> Problem | None:
    if len(path) <= MAX_DEPTH:
        return None
    return Problem(Code.TOO_LONG, f"This may be nested at most {MAX_DEPTH} levels deep.", path)


def _text_problem(path: tuple[str, ...], text: object, maximum: int) -> Problem | None:
    if not isinstance(text, str):
        return Problem(Code.INVALID, "The names in an object must be texts.", path)
    if len(text) > maximum:
        return Problem(Code.TOO_LONG, f"A text here may have at most {maximum:,} characters.", path)
    if _NUL in text or any("\ud800" <= character <= "\udfff" for character in text):
        return Problem(Code.INVALID, "This text has characters that cannot be stored. Remove them.", path)
    return None


def _number_problem(path: tuple[str, ...], number: float) -> Problem | None:
    if isinstance(number, int):
        fits = -_LARGEST_INTEGER <= number < _LARGEST_INTEGER
        message = "This whole number is too large to be kept exactly. Write it as a text."
    else:
        fits = math.isfinite(number)
        message = "This is no finite number."
    return None if fits else Problem(Code.OUT_OF_RANGE, message, path)
