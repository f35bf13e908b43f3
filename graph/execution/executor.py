"""The executor that graphql-core is given: ours for all that is usual, its own for the rest."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from graphql import ExecutionResult
from graphql.type import GraphQLResolveInfoHelpers
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.execution.plan import OperationPlan
from graph.execution.run import Run


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Executes by plan. The plan comes with the document, so that the next request finds it."""

    def __init__(self, *args: Any, plan: OperationPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = OperationPlan() if plan is None else plan

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """Made when asked for: kept, they would tie this object to itself, and with it all that was read."""
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, _: GraphQLResolveInfoHelpers) -> None:
        return

    def execute_operation(self, serially: bool | None = None) -> Any:
        if self._is_unusual:
            return super().execute_operation(serially)
        return self.run()

    def run(self) -> ExecutionResult | Awaitable[ExecutionResult]:
        return Run(self, self.plan).start()

    @property
    def _is_unusual(self) -> bool:
        """Whether the caller wants what the plan does not know: signals, hooks, middleware, switched-off nulls."""
        middleware = self.middleware_manager is not None and bool(self.middleware_manager.middlewares)
        return middleware or self.abort_signal is not None or self.hooks is not None or not self.error_propagation
