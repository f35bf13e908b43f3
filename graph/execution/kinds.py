"""What the Python type of a value tells about it, asked once per type instead of once per value."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import GeneratorType
from typing import Any
from uuid import UUID

from graphql.pyutils import Undefined

NOTHING = type(None)
_ABSENT = type(Undefined)
_CONSTANTS = (str, bytes, bool, int, float, NOTHING, UUID, Decimal, date, datetime, time, timedelta, Enum)


@lru_cache(maxsize=4096)
def waits(kind: type) -> bool:
    """Whether values of this type may have to be awaited. Generators are asked one by one."""
    return hasattr(kind, "__await__") or issubclass(kind, GeneratorType)


@lru_cache(maxsize=4096)
def odd(kind: type) -> bool:
    """Whether values of this type are no result yet: an error, something to await, or nothing at all."""
    return issubclass(kind, Exception) or kind is _ABSENT or waits(kind)


@lru_cache(maxsize=4096)
def constant(kind: type) -> bool:
    """Whether nobody can change a value of this type, so that two resolvers may be given the same one."""
    return issubclass(kind, _CONSTANTS)


def kinds_of(values: list[Any]) -> set[type]:
    return set(map(type, values))
