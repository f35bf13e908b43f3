"""Resolvers that are called once for all objects of a level, not once for each.

What is the same for all of them (arguments, the part of a list that is wanted) is then worked out once, and one
coroutine stands for the whole column.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from graph.execution.where import Column

_WHOLE = "__whole_column__"


def columnwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a resolver as one that takes all parents and gives a value for each, in the same order.

    Its first parameters are `parents: Parent[...]` and `info: Info`. A value may be a future, or an exception, which is
    then an error of this one field. It may be async. Without our executor it works too, for one parent at a time.
    """

    if iscoroutinefunction(function):

        @wraps(function)
        async def one(parents: Any, info: Any, **arguments: Any) -> Any:
            return await _single(await function([parents], info, **arguments))

    else:

        @wraps(function)
        def one(parents: Any, info: Any, **arguments: Any) -> Any:
            [value] = function([parents], info, **arguments)
            if isinstance(value, Exception):
                raise value
            return value

    setattr(one, _WHOLE, function)
    return one


async def _single(values: Column) -> Any:
    [value] = values
    if isinstance(value, Exception):
        raise value
    return await value if isinstance(value, Awaitable) else value


def whole_of(function: object) -> Callable[..., Any] | None:
    """The function that takes all parents, where there is one."""
    found: Callable[..., Any] | None = getattr(function, _WHOLE, None)
    return found


class Coming:
    """A whole column that must be awaited."""

    __slots__ = ("values",)

    def __init__(self, values: Awaitable[Column]) -> None:
        self.values = values
