"""Dataclasses to plain JSON values and back."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Values that any JSON writer takes: times in ISO form, enums as their values, tuples as lists."""
    if is_dataclass(value):
        return as_object(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    return value


def as_object(value: Any) -> dict[str, Any]:
    """A dataclass as a JSON object."""
    return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}


def from_plain(cls: type[T], value: dict[str, Any]) -> T:
    """A dataclass from its plain form. What the form lacks has its default; what is unknown is left out."""
    hints = _hints(cast("Any", cls))
    known = {name: _read(hints[name], item) for name, item in value.items() if name in hints}
    return cls(**known)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in {types.UnionType, Union}:
        return _read_optional(get_args(hint), value)
    if get_origin(hint) is tuple:
        return tuple(_read(get_args(hint)[0], item) for item in value)
    return _read_single(hint, value)


def _read_single(hint: Any, value: Any) -> Any:
    if is_dataclass(hint):
        return from_plain(cast("type[Any]", hint), value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value


def _read_optional(hints: tuple[Any, ...], value: Any) -> Any:
    """Of `float | str | None` the value stays as it is; of `Kind | None` it is a Kind."""
    others = [hint for hint in hints if hint is not types.NoneType]
    return _read(others[0], value) if len(others) == 1 else value
