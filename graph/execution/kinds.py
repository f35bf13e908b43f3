"""What the Python type of a value tells about it, asked once per type instead of once per value."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import GeneratorType
from typing import Any, TypeGuard, cast
from uuid import UUID

from graphql.pyutils import Undefined
from strawberry.execution import optimized_is_awaitable

NOTHING = type(None)
FUTURES: set[type] = {Future}
_ABSENT = type(Undefined)
_CONSTANTS = (str, bytes, bool, int, float, NOTHING, UUID, Decimal, date, datetime, time, timedelta, Enum)

Asks = Callable[[type], bool]
# mypy takes no class for hashable.
_remembered = cast("Callable[[Asks], Asks]", lru_cache(maxsize=4096))


@_remembered
def waits(kind: type) -> bool:
    """Whether values of this type may have to be awaited. Generators are asked one by one."""
    return hasattr(kind, "__await__") or issubclass(kind, GeneratorType)


@_remembered
def odd(kind: type) -> bool:
    """Whether values of this type are no result yet: an error, something to await, or nothing at all."""
    return issubclass(kind, Exception) or kind is _ABSENT or waits(kind)


@_remembered
def constant(kind: type) -> bool:
    """Whether nobody can change a value of this type, so that two resolvers may be given the same one."""
    return issubclass(kind, _CONSTANTS)


def kinds_of(values: list[Any]) -> set[type]:
    return set(map(type, values))


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Like Strawberry's, which knows the plain types only and looks into every other value."""
    return waits(type(value)) and optimized_is_awaitable(value)
