"""Objects, and objects of several types, a column at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLAbstractType, GraphQLError, GraphQLObjectType
from graphql.execution.executor import invalid_return_type_error

from graph.execution.kinds import NOTHING, kinds_of
from graph.execution.shapes import Shape
from graph.execution.where import Column, Some, Where

if TYPE_CHECKING:
    from graph.execution.plan import Field, Selection
    from graph.execution.run import Run


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

    __slots__ = ("_known", "_objects", "type")

    def __init__(self, field: Field, nullable: bool, type_: GraphQLAbstractType) -> None:
        super().__init__(field, nullable)
        self.type = type_
        self._known: dict[type, GraphQLObjectType] = {}
        self._objects: dict[GraphQLObjectType, ObjectShape] = {}

    def convert(self, run: Run, values: Column, kinds: set[type], gaps: bool, where: Where) -> Column:  # noqa: ARG002
        groups: dict[GraphQLObjectType, list[int]] = {}
        for index, value in enumerate(values):
            if value is None:
                continue
            type_ = self._known.get(type(value)) or self._type_of(run, value, index, where)
            if type_ is not None:
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
            type_ = run.executor.ensure_valid_runtime_type(name, self.type, self.field.details, info, value)
        except Exception as error:  # noqa: BLE001 - resolve_type is code of the schema
            run.fail(where, index, error, self.field)
            return None
        if type_.is_type_of is not None:
            # What decides is the Python type, as everywhere here.
            self._known[type(value)] = type_
        return type_
