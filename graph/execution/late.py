"""Values that must be awaited."""

from __future__ import annotations

from asyncio import CancelledError, Future, current_task, ensure_future
from collections.abc import Awaitable
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from typing import TYPE_CHECKING, Any

from graph.execution.kinds import FUTURES, kinds_of
from graph.execution.where import Column, Where

if TYPE_CHECKING:
    from graph.execution.shapes import Shape


class Late:
    """Values that are awaited together, so that the level below them is loaded as a whole."""

    __slots__ = ("_started", "shape", "values", "where")

    def __init__(self, shape: Shape, values: Column, where: Where) -> None:
        self.shape = shape
        self.values: list[Awaitable[Any]] = values
        self.where = where
        self._started: list[Future[Any]] = []

    def start(self) -> None:
        """Let all of them run in the same turn of the loop: loaders gather what is asked for in one turn."""
        if len(self.values) == 1 or kinds_of(self.values) == FUTURES:
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
                done.append(_not_ours(error))
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


class LateColumn:
    """A whole column that is one awaitable."""

    __slots__ = ("_coming", "_size", "shape", "where")

    def __init__(self, shape: Shape, coming: Awaitable[Column], size: int, where: Where) -> None:
        self.shape = shape
        self.where = where
        self._coming = coming
        self._size = size

    def start(self) -> None:
        self._coming = ensure_future(self._coming)

    async def settled(self) -> Column:
        try:
            return _checked(await self._coming, self._size)
        except CancelledError as error:
            return [_not_ours(error)] * self._size
        except Exception as error:  # noqa: BLE001 - it is an error of every value
            return [error] * self._size

    def abandon(self) -> None:
        """Nobody waits any more."""
        if isinstance(self._coming, Future):
            self._coming.cancel()


def _checked(values: Column, size: int) -> Column:
    if len(values) != size:
        raise RuntimeError(f"A resolver gave {len(values)} values for {size} objects.")
    return values


def _not_ours(error: CancelledError) -> Exception:
    """What a resolver waited for was cancelled: an error like another, unless it is we who are cancelled."""
    task = current_task()
    if task is None or task.cancelling():
        raise error
    return RuntimeError(f"What a resolver waited for was cancelled: {error!r}")
