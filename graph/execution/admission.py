"""What happens to a request before anything is executed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from graph.errors import ErrorCode, coded
from graph.execution.documents import Documents, Operation, Refusal
from graph.execution.executor import Executor
from graph.execution.kinds import is_awaitable
from graph.execution.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Request:
    """What a transport hands over."""

    query: str | None
    variables: dict[str, Any] | None
    context: Any
    root: Any
    operation_name: str | None
    extensions: dict[str, Any] | None
    allowed: Iterable[OperationType]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may be executed."""

    operation: Operation
    executor: Executor
    kind: OperationType
    cost: int
    name: str | None
    lists: bool

    @property
    def sharing(self) -> Sharing:
        return self.operation.sharing(self.executor.variable_values.coerced)


def admit(schema: GraphQLSchema, documents: Documents, request: Request) -> Admitted:
    """Check everything that can be checked beforehand.

    What is wrong with the operation is a Refusal; what is wrong with how it was sent is an exception of Strawberry's,
    because transports have answers of their own to that.
    """
    operation, kind = _operation(documents, request)
    executor = _executor(schema, operation, request)
    cost = operation.cost(executor.variable_values.coerced)
    return Admitted(operation, executor, kind, cost, operation.name, operation.lists)


def _operation(documents: Documents, request: Request) -> tuple[Operation, OperationType]:
    if not request.query:
        raise MissingQueryError
    operation = documents.read(request.query).operation(request.operation_name)
    if operation is None:
        raise CannotGetOperationTypeError(request.operation_name)
    kind = OperationType(operation.node.operation.value)
    if kind not in request.allowed:
        raise InvalidOperationTypeError(kind)
    return operation, kind


def _executor(schema: GraphQLSchema, operation: Operation, request: Request) -> Executor:
    document = operation.document
    executor = Executor.build(
        schema,
        document.node,
        request.root,
        request.context,
        request.variables,
        operation.name,
        is_awaitable=is_awaitable,
        hide_suggestions=not document.limits.introspection,
        operation_extensions=request.extensions,
        plan=operation.plan,
    )
    if isinstance(executor, list):
        raise Refusal([coded(error, ErrorCode.BAD_USER_INPUT) for error in executor])
    assert isinstance(executor, Executor)  # noqa: S101 - graphql-core types it as its own class
    return executor
