"""One execution of an operation, level by level.

All objects of a level are worked on together: their plain fields by column, their edges by one batch. So a list of a
thousand objects costs a few loops, not a thousand descents, and everything that may be loaded together is.
"""

from __future__ import annotations

from asyncio import TaskGroup
from collections.abc import Awaitable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING, Any

from graphql import ExecutionResult, GraphQLError, GraphQLObjectType, GraphQLResolveInfo, OperationType
from graphql.execution.collect_fields import collect_fields
from graphql.execution.values import get_argument_values
from strawberry import Schema

from graph.errors import ErrorCode, coded
from graph.execution.failures import Failure, settle
from graph.execution.kinds import constant
from graph.execution.late import Late, LateColumn
from graph.execution.plan import Field, OperationPlan, Selection
from graph.execution.resolvers import BACKREF
from graph.execution.where import Column, Objects, Where

if TYPE_CHECKING:
    from graph.execution.executor import Executor
    from graph.execution.shapes import Shape

_EVERYTHING = Where()


class Run:
    """What one execution knows while it lasts."""

    def __init__(self, executor: Executor, plan: OperationPlan) -> None:
        house: Schema = executor.schema.extensions[BACKREF]
        self.executor = executor
        self.context = executor.context_value
        self.is_awaitable = executor.is_awaitable
        self.config = house.config
        self.scalars = house.schema_converter.scalar_registry
        self._plan = plan
        self._lates: list[Late | LateColumn] = []
        self._failures: list[Failure] = []

    def start(self) -> ExecutionResult | Awaitable[ExecutionResult]:
        try:
            root = self._root()
        except GraphQLError as error:
            return ExecutionResult(None, [error])
        if self.executor.operation.operation is OperationType.MUTATION:
            return self._serially(root)
        [row] = self.rows(root, [self.executor.root_value], _EVERYTHING)
        return self._finished(row) if self._lates else self._result(row)

    def rows(self, selection: Selection, sources: Column, place: Where) -> list[dict[str, Any]]:
        """The answers for objects of one type."""
        objects = Objects(place)
        columns = [field.column(self, sources, objects) for field in selection.fields]
        if columns:
            objects.rows = list(map(dict, map(zip, repeat(selection.keys), zip(*columns, strict=True))))
        else:
            objects.rows = [{} for _ in sources]
        return objects.rows

    def later(self, shape: Shape, values: Column, where: Where) -> None:
        """Complete these when they have been awaited."""
        self.follow(Late(shape, values, where))

    def follow(self, late: Late | LateColumn) -> None:
        self._lates.append(late)

    def fail(self, where: Where, index: int, error: Exception, field: Field) -> None:
        self._failures.append(Failure(where, index, error, field))

    def select(self, type_: GraphQLObjectType, field: Field) -> Selection:
        grouped = self.executor.collect_subfields(type_, field.details).grouped_field_set
        return Selection(self.executor.schema, type_, grouped)

    def arguments(self, field: Field) -> dict[str, Any]:
        """The arguments as the client gave them, with defaults."""
        if field.arguments is not None:
            return field.arguments
        if not field.definition.args:
            return {}
        executor = self.executor
        try:
            given = get_argument_values(
                field.definition, field.nodes[0], executor.variable_values, None, executor.hide_suggestions
            )
        except GraphQLError as error:
            raise coded(error, ErrorCode.BAD_USER_INPUT) from None
        if field.fixed and all(constant(type(value)) for value in given.values()):
            field.arguments = given
        return given

    def raw_info(self, field: Field, where: Where, index: int) -> GraphQLResolveInfo[Any]:
        path = where.path(index)
        while path is not None and isinstance(path.key, int):
            path = path.prev
        assert path is not None  # noqa: S101 - below the root, everything is in a field
        return self.executor.build_resolve_info(field.definition, field.nodes, field.parent_type, path)

    def _root(self) -> Selection:
        variant = self._plan.variant(self.executor.variable_values.coerced)
        if variant.root is None:
            variant.root = self._planned()
        return variant.root

    def _planned(self) -> Selection:
        executor = self.executor
        schema, operation = executor.schema, executor.operation
        type_ = schema.get_root_type(operation.operation)
        if type_ is None:
            raise GraphQLError(f"Schema is not configured to execute {operation.operation.value} operation.")
        collected = collect_fields(
            schema, executor.fragments, executor.variable_values, type_, operation, executor.hide_suggestions
        )
        return Selection(schema, type_, collected.grouped_field_set)

    def _result(self, row: dict[str, Any]) -> ExecutionResult:
        if not self._failures:
            return ExecutionResult(row, None)
        return ExecutionResult(*settle(row, self._failures))

    async def _finished(self, row: dict[str, Any]) -> ExecutionResult:
        await self._follow(self._taken())
        return self._result(row)

    def _serially(self, root: Selection) -> ExecutionResult | Awaitable[ExecutionResult]:
        """The root fields of a mutation run one after the other, each with all that is below it."""
        objects = Objects(_EVERYTHING)
        objects.rows = [{}]
        fields = iter(root.fields)
        if self._step(fields, objects):
            return self._rest(fields, objects)
        return self._result(objects.rows[0])

    def _step(self, fields: Iterator[Field], objects: Objects) -> bool:
        """Run root fields until one has to be awaited. False when none is left, or all data is lost."""
        for field in fields:
            [objects.rows[0][str(field.step.key)]] = field.column(self, [self.executor.root_value], objects)
            if self._lates:
                return True
            if self._is_lost():
                return False
        return False

    async def _rest(self, fields: Iterator[Field], objects: Objects) -> ExecutionResult:
        waiting = True
        while waiting:
            await self._follow(self._taken())
            waiting = not self._is_lost() and self._step(fields, objects)
        return self._result(objects.rows[0])

    def _is_lost(self) -> bool:
        return any(failure.is_fatal for failure in self._failures)

    def _taken(self) -> list[Late | LateColumn]:
        taken, self._lates = self._lates, []
        return taken

    async def _follow(self, lates: list[Late | LateColumn]) -> None:
        """Await columns side by side, each with all that is below it."""
        for late in lates:
            late.start()
        try:
            if len(lates) == 1:
                await self._complete(lates[0])
                return
            async with TaskGroup() as group:
                for late in lates[1:]:
                    group.create_task(self._complete(late))
                await self._complete(lates[0])
        except BaseException:
            for late in lates:
                late.abandon()
            raise

    async def _complete(self, late: Late | LateColumn) -> None:
        values = await late.settled()
        late.where.fill(late.shape.complete(self, values, late.where))
        if self._lates:
            await self._follow(self._taken())
