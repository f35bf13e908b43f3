"""How a column of values becomes a column of the answer, by the type of the field."""

from __future__ import annotations

from collections.abc import AsyncIterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
)
from graphql.execution.executor import invalid_return_type_error
from graphql.pyutils import Undefined, is_iterable

from graph.execution.kinds import NOTHING, kinds_of, odd, waits
from graph.execution.leaves import quick
from graph.execution.where import Column, Items, Some, Where

if TYPE_CHECKING:
    from graph.execution.plan import Field, Selection
    from graph.execution.run import Run

_LISTS = {list, tuple}


def shape_of(type_: GraphQLOutputType, field: Field) -> Shape:
    nullable = not isinstance(type_, GraphQLNonNull)
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        return ListShape(field, nullable, shape_of(inner.of_type, field))
    if isinstance(inner, (GraphQLScalarType, GraphQLEnumType)):
        return LeafShape(field, nullable, inner)
    if isinstance(inner, GraphQLObjectType):
        return ObjectShape(field, nullable, inner)
    return AbstractShape(field, nullable, inner)


class Shape:
    """What a value is completed to. `convert` sees values and Nones only; all else is sifted out before."""

    __slots__ = ("field", "nullable")

    def __init__(self, field: Field, nullable: bool) -> None:
        self.field = field
        self.nullable = nullable

    def complete(self, run: Run, values: Column, where: Where) -> Column:
        kinds = kinds_of(values)
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
        """The items of an unusual list, or None where there are none, or not yet."""
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


class ObjectShape(Shape):
    """Objects of one type."""

    __slots__ = ("_selection", "_trusted", "type")

    def __init__(self, field: Field, nullable: bool, type_: GraphQLObjectType) -> None:
        super().__init__(field, nullable)
        self.type = type_
        self._selection: Selection | None = None
        self._trusted: set[type] = set()

    def convert(self, run: Run, values: Column, kinds: set[type], gaps: bool, where: Where) -> Column:
        if self.type.is_type_of is not None and not kinds <= self._trusted:
            values = [self._vetted(run, value, index, where) for index, value in enumerate(values)]
            gaps = NOTHING in kinds_of(values)
        try:
            selection = self._selection or self._select(run)
        except GraphQLError as error:
            return self._unselectable(run, values, error, where)
        if not gaps:
            return run.rows(selection, values, where)
        present = [index for index, value in enumerate(values) if value is not None]
        done = iter(run.rows(selection, [values[index] for index in present], Some(where, present)))
        return [None if value is None else next(done) for value in values]

    def _select(self, run: Run) -> Selection:
        self._selection = run.select(self.type, self.field)
        return self._selection

    def _unselectable(self, run: Run, values: Column, error: GraphQLError, where: Where) -> Column:
        """An @include or @skip whose variable is null: it fails every object that it would have shaped."""
        for index, value in enumerate(values):
            if value is not None:
                run.fail(where, index, error, self.field)
        return [None] * len(values)

    def _vetted(self, run: Run, value: Any, index: int, where: Where) -> Any:
        """The value if it is of this type. Whole Python types are trusted after the first of their values was."""
        if value is None or type(value) in self._trusted:
            return value
        try:
            assert self.type.is_type_of is not None  # noqa: S101
            if not self.type.is_type_of(value, run.raw_info(self.field, where, index)):
                raise invalid_return_type_error(self.type, value, self.field.details)  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - is_type_of is code of the schema
            run.fail(where, index, error, self.field)
            return None
        self._trusted.add(type(value))
        return value


class AbstractShape(Shape):
    """Objects of several types: each type's objects are one column."""

    __slots__ = ("_objects", "type")

    def __init__(self, field: Field, nullable: bool, type_: GraphQLAbstractType) -> None:
        super().__init__(field, nullable)
        self.type = type_
        self._objects: dict[GraphQLObjectType, ObjectShape] = {}

    def convert(self, run: Run, values: Column, kinds: set[type], gaps: bool, where: Where) -> Column:  # noqa: ARG002
        groups: dict[GraphQLObjectType, list[int]] = {}
        for index, value in enumerate(values):
            if value is not None and (type_ := self._type_of(run, value, index, where)):
                groups.setdefault(type_, []).append(index)
        done: Column = [None] * len(values)
        for type_, indices in groups.items():
            chosen = [values[index] for index in indices]
            rows = self._shape(type_).convert(run, chosen, kinds_of(chosen), False, Some(where, indices))
            for index, row in zip(indices, rows, strict=True):
                done[index] = row
        return done

    def _shape(self, type_: GraphQLObjectType) -> ObjectShape:
        return self._objects.setdefault(type_, ObjectShape(self.field, self.nullable, type_))

    def _type_of(self, run: Run, value: Any, index: int, where: Where) -> GraphQLObjectType | None:
        try:
            info = run.raw_info(self.field, where, index)
            resolve = self.type.resolve_type or run.executor.type_resolver
            name = resolve(value, info, self.type)
            return run.executor.ensure_valid_runtime_type(name, self.type, self.field.details, info, value)
        except Exception as error:  # noqa: BLE001 - resolve_type is code of the schema
            run.fail(where, index, error, self.field)
            return None
