"""One value against one parameter: is it of the right kind and in range, and what is its canonical form."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from domain.catalogue.model import Kind, Parameter
from domain.catalogue.wording import hint, shown, shown_default, shown_length, shown_range, wanted
from domain.errors import Code, Problem

Path = tuple[str, ...]


def problems_of(parameter: Parameter, value: object, path: Path) -> Iterator[Problem]:
    return _CHECKS[parameter.kind](parameter, value, path)


def canonical(parameter: Parameter, value: object) -> object:
    """A value that was found good, in the one form in which it is kept."""
    if parameter.kind is Kind.INTEGER and isinstance(value, int | float):
        return int(value)
    if parameter.kind is Kind.NUMBER and isinstance(value, int | float):
        return float(value)
    if parameter.kind is Kind.INTEGER_LIST and isinstance(value, list | tuple):
        return [int(item) for item in value]
    return value


def _boolean(parameter: Parameter, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield _wrong_kind(parameter, value, path)


def _choice(parameter: Parameter, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong_kind(parameter, value, path)
    elif value not in parameter.choices:
        choices = ", ".join(parameter.choices)
        message = (
            f"{parameter.name} cannot be {shown(value)}.{hint(value, parameter.choices)} Choose one of: {choices}."
        )
        yield Problem(Code.UNKNOWN, message, path)


def _number(parameter: Parameter, value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float) or _is_no_number(value):
        yield _wrong_kind(parameter, value, path)
    elif not _in_range(parameter, value):
        yield _out_of_range(parameter, value, path)


def _integer(parameter: Parameter, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, int | float) or not _is_whole(value):
        yield _wrong_kind(parameter, value, path)
    elif not _in_range(parameter, value):
        yield _out_of_range(parameter, value, path)


def _integer_list(parameter: Parameter, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, list | tuple):
        yield _wrong_kind(parameter, value, path)
    elif not (parameter.min_items or 0) <= len(value) <= (parameter.max_items or 0):
        code = Code.TOO_LONG if value else Code.TOO_SHORT
        message = f"{parameter.name} must be a list of {shown_length(parameter)}; it has {len(value):,}."
        yield Problem(code, message, path)
    else:
        for place, item in enumerate(value):
            yield from _item(parameter, item, (*path, str(place)))


def _item(parameter: Parameter, item: object, path: Path) -> Iterator[Problem]:
    if not isinstance(item, int | float) or not _is_whole(item):
        message = f"Each number in {parameter.name} must be {wanted(Kind.INTEGER)}, not {shown(item)}."
        yield Problem(Code.INVALID, message, path)
    elif not _in_range(parameter, item):
        message = f"Each number in {parameter.name} must be {shown_range(parameter)}; this one is {shown(item)}."
        yield Problem(Code.OUT_OF_RANGE, message, path)


def _is_no_number(value: float) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _is_whole(value: float) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int) or value.is_integer())


def _in_range(parameter: Parameter, value: float) -> bool:
    low, high = parameter.minimum or 0, parameter.maximum or 0
    above = value > low if parameter.exclusive_minimum else value >= low
    below = value < high if parameter.exclusive_maximum else value <= high
    return above and below


def _wrong_kind(parameter: Parameter, value: object, path: Path) -> Problem:
    message = f"{parameter.name} must be {wanted(parameter.kind)}, not {shown(value)}."
    if value is None:
        message += f" Leave it out to use {shown_default(parameter)}."
    elif isinstance(value, str) and parameter.kind is not Kind.CHOICE:
        message += " Write it without quotation marks."
    return Problem(Code.INVALID, message, path)


def _out_of_range(parameter: Parameter, value: object, path: Path) -> Problem:
    message = f"{parameter.name} must be {shown_range(parameter)}; it is {shown(value)}."
    return Problem(Code.OUT_OF_RANGE, message, path)


_CHECKS: dict[Kind, Callable[[Parameter, object, Path], Iterator[Problem]]] = {
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.INTEGER_LIST: _integer_list,
}
