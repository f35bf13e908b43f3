"""Subscriptions whose events come in batches, and whose answers are shared by all who ask the same."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from graphql.execution import execute_subscription_event
from strawberry.types import ExecutionResult

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graph.execution.executor import Executor
    from graph.execution.sharing import Sharing


class Answer(ExecutionResult):
    """The answer to one event. `text` is its JSON, once somebody has needed it: it is written once for all."""

    text: str | None = None
    place: int | None = None
    """Where a client goes on that has seen this."""


class Item:
    """An event on its way to clients, with the answers that were made of it."""

    __slots__ = ("answers", "place", "value", "views")

    def __init__(self, value: object, place: int | None = None) -> None:
        self.value = value
        self.place = place
        self.answers: dict[Sharing, Answer] = {}
        self.views: dict[object, Item | None] = {}


class Batches(AsyncIterator[Any]):
    """The source of a subscription. What it yields are the values of items."""

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending: list[Item] = []

    @property
    @abstractmethod
    def is_stale(self) -> bool:
        """Whether what was taken and not sent yet must not be sent any more."""

    @abstractmethod
    async def take(self) -> Sequence[Item]:
        """Whatever there is, at once; waits when there is nothing. Empty at the end."""

    @abstractmethod
    async def aclose(self) -> None: ...

    async def __anext__(self) -> Any:
        if not self._pending:
            self._pending = [*reversed(await self.take())]
        if not self._pending:
            raise StopAsyncIteration
        return self._pending.pop().value


class Batch(ExecutionResult):
    """Answers to be sent together."""

    def __init__(self, answers: Sequence[Answer], source: Batches) -> None:
        super().__init__(data=None, errors=None)
        self.answers = answers
        self._source = source

    @property
    def is_stale(self) -> bool:
        return self._source.is_stale


@runtime_checkable
class Refreshed(Protocol):
    """A context that outlives many events, and must not answer from what it remembers of the first."""

    def refresh(self) -> None: ...


@runtime_checkable
class Resumed(Protocol):
    """A context that can be told where a client goes on that comes back."""

    def resume(self, seq: int) -> None: ...


async def batches(
    source: Batches, executor: Executor, sharing: Sharing, answer: Callable[[Any], Answer]
) -> AsyncGenerator[Batch, None]:
    """Execute each event once for all who share it."""
    try:
        while items := await source.take():
            batch = Batch(
                [each.answers.get(sharing) or await _executed(each, executor, sharing, answer) for each in items],
                source,
            )
            # Thousands wait for what comes next: none shall hold what came last.
            del items
            yield batch
            del batch
    finally:
        await source.aclose()


async def _executed(item: Item, executor: Executor, sharing: Sharing, answer: Callable[[Any], Answer]) -> Answer:
    context = executor.context_value
    if isinstance(context, Refreshed):
        context.refresh()
    result: Any = execute_subscription_event(executor.build_per_event_executor(item.value))
    if executor.is_awaitable(result):
        result = await _settled(result)
    made = answer(result)
    made.place = item.place
    if not made.errors and sharing.holds(item.value):
        item.answers[sharing] = made
    return made


async def _settled(result: Awaitable[Any]) -> Any:
    return await result
