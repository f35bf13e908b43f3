"""Values that must be awaited."""

from __future__ import annotations

from asyncio import CancelledError, Future, current_task, ensure_future
from collections.abc import Awaitable
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from typing import TYPE_CHECKING, Any

from graph.execution.where import Column, Where

if TYPE_CHECKING:
    from graph.execution.shapes import Shape


class Late:
    """A column that is awaited as a whole, so that the level below it is loaded as a whole."""

    __slots__ = ("_started", "shape", "values", "where")

    def __init__(self, shape: Shape, values: Column, where: Where) -> None:
        self.shape = shape
        self.values: list[Awaitable[Any]] = values
        self.where = where
        self._started: list[Future[Any]] = []

    def start(self) -> None:
        """Let all of them run in the same turn of the loop: loaders gather what is asked for in one turn."""
        if len(self.values) == 1:
            return
        futures = [ensure_future(value) for value in self.values]
        self._started = [future for future, value in zip(futures, self.values, strict=True) if future is not value]
        self.values = list(futures)

    async def settled(self) -> Column:
        """The values; errors are values too."""
        done: Column = []
        for value in self.values:
            try:
                done.append(await value)
            except CancelledError as error:
                task = current_task()
                if task is None or task.cancelling():
                    raise
                # Not we were cancelled but what we waited for, and that is an error like another.
                done.append(RuntimeError(f"What a resolver waited for was cancelled: {error!r}"))
            except Exception as error:  # noqa: BLE001 - resolvers may raise anything; it is an error of this one value
                done.append(error)
        return done

    def abandon(self) -> None:
        """Nobody waits any more."""
        for future in self._started:
            future.cancel()
        for value in self.values:
            if iscoroutine(value) and getcoroutinestate(value) == CORO_CREATED:
                value.close()
