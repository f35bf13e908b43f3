"""How a column of values becomes a column of the answer, by the type of the field."""

from __future__ import annotations

from collections.abc import AsyncIterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLLeafType,
)
from graphql.pyutils import Undefined, is_iterable

from graph.execution.kinds import FUTURES, NOTHING, kinds_of, odd, waits
from graph.execution.leaves import quick
from graph.execution.where import Column, Items, Some, Where

if TYPE_CHECKING:
    from graph.execution.plan import Field
    from graph.execution.run import Run

_LISTS = {list, tuple}


class Shape:
    """What a value is completed to. `convert` sees values and Nones only; all else is sifted out before."""

    __slots__ = ("field", "nullable")

    def __init__(self, field: Field, nullable: bool) -> None:
        self.field = field
        self.nullable = nullable

    def complete(self, run: Run, values: Column, where: Where) -> Column:
        kinds = kinds_of(values)
        if kinds == FUTURES:
            # What a loader gives; nothing needs to be looked for between them.
            run.later(self, values, where)
            return [None] * len(values)
        if (NOTHING in kinds and not self.nullable) or any(map(odd, kinds)):
            values = self._sift(run, values, where)
            kinds = kinds_of(values)
        gaps = NOTHING in kinds
        kinds.discard(NOTHING)
        return self.convert(run, values, kinds, gaps, where) if kinds else values

    def convert(self, run: Run, values: Column, kinds: set[type], gaps: bool, where: Where) -> Column:
        raise NotImplementedError

    def _sift(self, run: Run, values: Column, where: Where) -> Column:
        """Note errors and forbidden nulls, put off what must be awaited, and leave None in their places."""
        kept: Column = []
        later: list[int] = []
        for index, value in enumerate(values):
            if isinstance(value, Exception):
                run.fail(where, index, value, self.field)
            elif waits(type(value)) and run.is_awaitable(value):
                later.append(index)
            elif value is not None and value is not Undefined:
                kept.append(value)
                continue
            elif not self.nullable:
                run.fail(where, index, self._null(), self.field)
            kept.append(None)
        if later:
            self._put_off(run, values, later, where)
        return kept

    def _put_off(self, run: Run, values: Column, later: list[int], where: Where) -> None:
        if len(later) == len(values):
            run.later(self, values, where)
        else:
            run.later(self, [values[index] for index in later], Some(where, later))

    def _null(self) -> TypeError:
        return TypeError(f"Cannot return null for non-nullable field {self.field.coordinate}.")


class LeafShape(Shape):
    """A scalar or an enum."""

    __slots__ = ("leaf", "quick")

    def __init__(self, field: Field, nullable: bool, leaf: GraphQLLeafType) -> None:
        super().__init__(field, nullable)
        self.leaf = leaf
        self.quick = quick(leaf)

    def convert(self, run: Run, values: Column, kinds: set[type], gaps: bool, where: Where) -> Column:
        done = self.quick(values, kinds, gaps)
        return self._slowly(run, values, where) if done is None else done

    def _slowly(self, run: Run, values: Column, where: Where) -> Column:
        done: Column = []
        for index, value in enumerate(values):
            try:
                done.append(None if value is None else run.executor.complete_leaf_value(self.leaf, value))
            except Exception as error:  # noqa: BLE001 - whatever a serialiser raises is an error of this one field
                run.fail(where, index, error, self.field)
                done.append(None)
        return done


class ListShape(Shape):
    """A list: all items of all lists of a column are one column again."""

    __slots__ = ("items",)

    def __init__(self, field: Field, nullable: bool, items: Shape) -> None:
        super().__init__(field, nullable)
        self.items = items

    def convert(self, run: Run, values: Column, kinds: set[type], gaps: bool, where: Where) -> Column:
        if not kinds <= _LISTS:
            values = [self._open(run, value, index, where) for index, value in enumerate(values)]
            gaps = NOTHING in kinds_of(values)
        lists = [value or () for value in values] if gaps else values
        lengths = list(map(len, lists))
        done = iter(
            self.items.complete(
                run, list(chain.from_iterable(lists)), Items(where, lengths, nullable=self.items.nullable)
            )
        )
        whole: Column = [list(islice(done, length)) for length in lengths]
        return [None if value is None else items for value, items in zip(values, whole, strict=True)] if gaps else whole

    def _open(self, run: Run, value: Any, index: int, where: Where) -> Any:
        """The items of an unusual list, or None where there are none, or not yet.

        A list that breaks in the middle is one error, whatever its first items were.
        """
        if value is None:
            return None
        try:
            if run.executor.is_async_iterable(value):
                run.later(self, [_gather(value)], Some(where, [index]))
                return None
            if is_iterable(value):
                return list(value)
            msg = f"Expected Iterable, but did not find one for field '{self.field.coordinate}'."
            raise GraphQLError(msg)  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - iterating may raise anything
            run.fail(where, index, error, self.field)
            return None


async def _gather(values: AsyncIterable[Any]) -> list[Any]:
    return [value async for value in values]
