"""One value against one field: is it of the right kind and in range, and what is its canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.catalogue import kinds as catalogue
from domain.catalogue.model import Group, Kind, Parameter
from domain.catalogue.wording import hint, shown
from domain.datasets.forms.model import Field, FieldKind
from domain.errors import Code, Problem, Refused
from domain.text import clean_text, counted, readable

Path = tuple[str, ...]

_IN_CATALOGUE = {
    FieldKind.INTEGER: Kind.INTEGER,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.BOOLEAN: Kind.BOOLEAN,
    FieldKind.CHOICE: Kind.CHOICE,
    FieldKind.INTEGERS: Kind.INTEGER_LIST,
}
LONGEST_COLUMN = 100
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?")


def problems_of(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if value is None and field.default is None and not field.required:
        return
    if field.kind in _IN_CATALOGUE:
        yield from catalogue.problems_of(_parameter(field), value, path)
    else:
        yield from _CHECKS[field.kind](field, value, path)


def canonical(field: Field, value: Any) -> Any:
    """A value that was found good, in the one form in which it is kept."""
    if value is None:
        return None
    if field.kind in _IN_CATALOGUE:
        return catalogue.canonical(_parameter(field), value)
    if field.kind is FieldKind.MOMENT:
        return moment(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: value[key] for key in sorted(value)}
    return list(value) if isinstance(value, list | tuple) else value


def moment(text: str) -> datetime:
    """The time that a checked text names; one without a zone is UTC."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _parameter(field: Field) -> Parameter:
    """Numbers and choices are judged as the catalogue judges them; its groups mean nothing here."""
    return Parameter(
        name=field.name,
        title=field.title,
        kind=_IN_CATALOGUE[field.kind],
        default=field.default if field.default is not None else "nothing",
        group=Group.TRAINING,
        help=field.help,
        minimum=field.minimum,
        maximum=field.maximum,
        exclusive_minimum=field.exclusive_minimum,
        exclusive_maximum=field.exclusive_maximum,
        min_items=field.min_items,
        max_items=field.max_items,
        choices=field.choices,
    )


def _text(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(Code.INVALID, f"{field.name} must be a text, not {shown(value)}.", path)
    elif field.pattern is not None and re.fullmatch(field.pattern, value) is None:
        message = f'{field.name} cannot be "{readable(value)}". Write it like this: {field.example}.'
        yield Problem(Code.INVALID, message, path)


def _moment(field: Field, value: object, path: Path) -> Iterator[Problem]:
    wanted = f"{field.name} must be a day or time such as 2020-01-31 or 2020-01-31T14:30:00Z"
    if not isinstance(value, str) or MOMENT.fullmatch(value) is None:
        yield Problem(Code.INVALID, f"{wanted}, not {shown(value)}.", path)
        return
    try:
        moment(value)
    except (ValueError, OverflowError):
        yield Problem(Code.INVALID, f"{wanted}; {readable(value)} does not exist.", path)


def _column(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield Problem(Code.INVALID, f"{field.name} must be the name of a column, not {shown(value)}.", path)
        return
    try:
        clean_text(value, path, maximum=LONGEST_COLUMN, label="name of a column")
    except Refused as refused:
        yield from refused.problems


def _each(check: Callable[[Field, object, Path], Iterator[Problem]]) -> Callable[..., Iterator[Problem]]:
    def check_all(field: Field, value: object, path: Path) -> Iterator[Problem]:
        if not isinstance(value, list | tuple):
            yield Problem(Code.INVALID, f"{field.name} must be a list, not {shown(value)}.", path)
        elif not field.min_items <= len(value) <= field.max_items:
            yield _wrong_length(field, len(value), path)
        else:
            yield from _items(check, field, value, path)

    return check_all


def _items(
    check: Callable[[Field, object, Path], Iterator[Problem]], field: Field, items: Any, path: Path
) -> Iterator[Problem]:
    for place, item in enumerate(items):
        yield from check(field, item, (*path, str(place)))
        if item in items[:place]:
            message = f"{field.name} names {shown(item)} twice. Remove one."
            yield Problem(Code.ALREADY_EXISTS, message, (*path, str(place)))


def _column_map(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        message = f"{field.name} must be an object of columns and their values, not {shown(value)}."
        yield Problem(Code.INVALID, message, path)
    elif not field.min_items <= len(value) <= field.max_items:
        yield _wrong_length(field, len(value), path)
    else:
        for column, wanted in value.items():
            yield from _entry(field, column, wanted, (*path, readable(str(column))))


def _entry(field: Field, column: object, wanted: object, path: Path) -> Iterator[Problem]:
    yield from _column(field, column, path)
    if field.kind is FieldKind.COLUMN_NAMES:
        yield from _column(field, wanted, path)
    elif wanted not in field.choices:
        near = hint(wanted, field.choices) if isinstance(wanted, str) else ""
        message = f"{field.name} cannot be {shown(wanted)}.{near} Choose one of: {', '.join(field.choices)}."
        yield Problem(Code.UNKNOWN, message, path)


def _wrong_length(field: Field, length: int, path: Path) -> Problem:
    code = Code.TOO_SHORT if length < field.min_items else Code.TOO_LONG
    message = f"{field.name} may have {field.min_items} to {counted(field.max_items, 'entry')}; it has {length:,}."
    return Problem(code, message.replace("entrys", "entries"), path)


_CHECKS: dict[FieldKind, Callable[[Field, object, Path], Iterator[Problem]]] = {
    FieldKind.TEXT: _text,
    FieldKind.TEXTS: _each(_text),
    FieldKind.MOMENT: _moment,
    FieldKind.COLUMN: _column,
    FieldKind.COLUMNS: _each(_column),
    FieldKind.COLUMN_CHOICES: _column_map,
    FieldKind.COLUMN_NAMES: _column_map,
}
