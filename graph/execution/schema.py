"""Our schema: it reads each document once, limits what may be asked, executes by plan, and answers in one form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from contextlib import aclosing
from functools import partial
from inspect import isawaitable, iscoroutinefunction
from typing import Any

import strawberry
from graphql import ExecutionResult as CoreResult
from graphql import GraphQLError
from graphql.execution import create_source_event_stream, map_source_to_response_event
from strawberry.exceptions import MissingQueryError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graph.errors import ErrorCode, Presenter, coded
from graph.execution.admission import Admitted, Request, admit
from graph.execution.batches import Answer, Batches, batches
from graph.execution.documents import Documents, Refusal
from graph.execution.executor import Executor
from graph.execution.limits import Limits

_AT_ONCE = frozenset({OperationType.QUERY, OperationType.MUTATION})
_ALL = frozenset(OperationType)
Gate = Callable[[Any, Admitted], Awaitable[None]]
"""Asked last of all before anything is executed, with the context; it may raise."""
_FOR_THE_TRANSPORT = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)


class Schema(strawberry.Schema):
    """Takes the place of strawberry.Schema, with the same methods for transports."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        limits: Limits,
        types: Iterable[type] = (),
        config: StrawberryConfig | None = None,
        unavailable: tuple[type[BaseException], ...] = (),
        on_error: Callable[[str], None] | None = None,
        gate: Gate | None = None,
    ) -> None:
        super().__init__(query, mutation, subscription, types=types, config=config, execution_context_class=Executor)
        self._refuse_waiting_types()
        self.documents = Documents(self._schema, limits)
        self._limits = limits
        self._gate = gate or _open
        self._presenter = Presenter(unavailable=unavailable, on_error=on_error)

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Run a query or a mutation."""
        allowed = allowed_operation_types or _AT_ONCE
        request = Request(
            query, variable_values, context_value, root_value, operation_name, operation_extensions, allowed
        )
        try:
            admitted = admit(self._schema, self.documents, request)
            await self._gate(context_value, admitted)
            result = await _settled(admitted.executor.execute_operation())
        except _FOR_THE_TRANSPORT:
            raise
        except Exception as error:  # noqa: BLE001 - clients get an answer whatever happened
            return self._failed(error, context_value)
        return self._answer(result, admitted, context_value)

    def execute_sync(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Run an operation that awaits nothing."""
        running = self.execute(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            allowed_operation_types,
            operation_extensions,
        )
        try:
            running.send(None)
        except StopIteration as done:
            result: ExecutionResult = done.value
            return result
        running.close()
        raise RuntimeError("This operation has to be awaited.")

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        operation_extensions: dict[str, Any] | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
    ) -> AsyncGenerator[ExecutionResult, None]:
        """Run any operation; a subscription gives a result for each event, or many at once, the others give one."""
        allowed = allowed_operation_types or _ALL
        return self._streamed(
            Request(query, variable_values, context_value, root_value, operation_name, operation_extensions, allowed)
        )

    async def _streamed(self, request: Request) -> AsyncGenerator[ExecutionResult, None]:
        context = request.context
        try:
            admitted = admit(self._schema, self.documents, request)
            # A subscription lives long, and what was asked for is in its plan.
            del request
            await self._gate(context, admitted)
            result = await _begun(admitted)
        except Exception as error:  # noqa: BLE001 - clients get an answer whatever happened
            yield self._failed(error, context)
            return
        if isinstance(result, CoreResult):
            answer = self._answer(result, admitted, context)
            failed = admitted.kind is OperationType.SUBSCRIPTION
            # A subscription that gives a result gives no events: it could not be started.
            yield PreExecutionError(answer.data, answer.errors, answer.extensions) if failed else answer
            return
        events: AsyncGenerator[ExecutionResult, None]
        if isinstance(result, Batches):
            events = batches(result, admitted.executor, admitted.sharing, partial(self._batched, admitted))
        else:
            events = self._one_by_one(result, admitted)
        async with aclosing(events):
            try:
                async for event in events:
                    yield event
                    # Until the next one comes, nobody needs it.
                    del event
            except Exception as error:  # noqa: BLE001 - the source of the events broke
                yield self._failed(error, context)

    async def _one_by_one(
        self, source: AsyncIterable[Any], admitted: Admitted
    ) -> AsyncGenerator[ExecutionResult, None]:
        context = admitted.executor.context_value
        async with aclosing(map_source_to_response_event(admitted.executor, source)) as events:
            async for event in events:
                yield self._answer(event, admitted, context)

    def _batched(self, admitted: Admitted, result: CoreResult) -> Answer:
        answer = self._answer(result, admitted, admitted.executor.context_value)
        # What each of thousands of events had cost is said by none of them.
        return Answer(data=answer.data, errors=answer.errors)

    def _answer(self, result: CoreResult, admitted: Admitted, context: object) -> ExecutionResult:
        errors = self._presenter.present(result.errors, context) if result.errors else None
        cost = {"requested": admitted.cost, "limit": self._limits.max_cost}
        return ExecutionResult(data=result.data, errors=errors, extensions={"cost": cost})

    def _failed(self, error: Exception, context: object) -> ExecutionResult:
        """The answer to a request of which nothing was executed."""
        errors = self._presenter.present(_as_errors(error), context)
        return PreExecutionError(data=None, errors=errors)

    def _refuse_waiting_types(self) -> None:
        """Types tell at once whether a value is theirs: the plan relies on it."""
        for type_ in self._schema.type_map.values():
            for name in ("is_type_of", "resolve_type"):
                if iscoroutinefunction(getattr(type_, name, None)):
                    raise TypeError(f"{type_.name}.{name} must not be async.")


async def _open(_context: object, _admitted: Admitted) -> None:
    return


async def _settled(result: Any) -> Any:
    return await result if isawaitable(result) else result


async def _begun(admitted: Admitted) -> CoreResult | AsyncIterable[Any]:
    """The result, or the events of a subscription."""
    executor = admitted.executor
    if admitted.kind is OperationType.SUBSCRIPTION:
        begun = create_source_event_stream(executor)
    else:
        begun = executor.execute_operation()
    result: CoreResult | AsyncIterable[Any] = await begun if isawaitable(begun) else begun
    return result


def _as_errors(error: Exception) -> list[GraphQLError]:
    match error:
        case Refusal():
            return error.errors
        case MissingQueryError():
            return [coded(GraphQLError("The request names no document."), ErrorCode.BAD_USER_INPUT)]
        case CannotGetOperationTypeError():
            return [coded(GraphQLError(error.as_http_error_reason()), ErrorCode.BAD_USER_INPUT)]
        case InvalidOperationTypeError():
            message = f"A {error.operation_type.value} cannot be run here."
            return [coded(GraphQLError(message), ErrorCode.BAD_USER_INPUT)]
    return [GraphQLError(str(error), original_error=error)]
