"""How operations are executed: by level, in few batches, and without the library's own descent."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import execute, parse
from graphql.execution import Executor as CoreExecutor
from strawberry import Info

from graph.errors import RateLimited
from graph.execution import Schema
from graph.execution.admission import Admitted
from graph.execution.executor import Executor
from graph.execution.run import Run
from tests.graph.execution.house import ROOMY, Context, schema
from tests.support.patience import PATIENCE_S

HOUSE = schema()


@pytest.fixture
def no_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes the library's own way from field to field fails."""
    monkeypatch.setattr(CoreExecutor, "execute_field", None)
    monkeypatch.setattr(CoreExecutor, "complete_value", None)


@pytest.mark.usefixtures("no_descent")
async def test_everything_usual_goes_by_plan() -> None:
    text = """
        query ($name: Boolean = true) {
          people(first: 2) { totalCount edges { node { __typename ...P } } }
          node { id ... on Person { name @include(if: $name) chief { name } } }
          __type(name: "Page") { name }
          fail(how: "forbidden")
        }
        fragment P on Person { id boss { name } friends(last: 1) { nodes { name } } }
    """
    result = await HOUSE.execute(text, context_value=Context())
    one = {"nodes": [{"name": "person 0"}]}
    assert result.data == {
        "people": {
            "totalCount": 30,
            "edges": [
                {"node": {"__typename": "Person", "id": "0", "boss": None, "friends": one}},
                {"node": {"__typename": "Person", "id": "1", "boss": {"name": "person 0"}, "friends": one}},
            ],
        },
        "node": {"id": "3", "name": "person 3", "chief": {"name": "person 2"}},
        "__type": None,
        "fail": None,
    }
    assert result.errors is not None
    assert [error.path for error in result.errors] == [["fail"]]


@pytest.mark.usefixtures("no_descent")
async def test_mutations_and_events_go_by_plan() -> None:
    result = await HOUSE.execute('mutation { rename(name: "Ann") { id name } }', context_value=Context())
    assert result.data == {"rename": {"id": "1", "name": "Ann"}}
    stream = await HOUSE.subscribe("subscription { hires { name } }", context_value=Context())
    assert [event.data async for event in stream] == [
        {"hires": {"name": "person 1"}},
        {"hires": {"name": "person 2"}},
    ]


async def test_what_is_unusual_goes_the_librarys_way(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def middleware(next_: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
        seen.append(info.field_name)
        return next_(source, info, **arguments)

    monkeypatch.setattr(Run, "start", None)
    document = parse("{ person { name } }")
    result = execute(HOUSE._schema, document, executor_class=Executor, middleware=[middleware])
    assert result.data == {"person": {"name": "person 5"}}  # type: ignore[union-attr]
    assert seen == ["person", "name"]


async def test_a_level_costs_one_batch_whatever_asks_for_it() -> None:
    """Two edges by different ways, at the same depth, of all objects: one batch; what is known is not asked again."""
    context = Context()
    text = "{ people(first: 4) { nodes { boss { name boss { name } } chief { chief { name } } } } }"
    result = await HOUSE.execute(text, context_value=context)
    assert result.errors is None
    assert context.batches == [[0, 1, 2]]
    context = Context()
    text = "{ a: person(key: 9) { boss { boss { boss { name } } } } b: person(key: 20) { chief { chief { name } } } }"
    assert (await HOUSE.execute(text, context_value=context)).errors is None
    assert context.batches == [[8, 19], [7, 18], [6]]


async def test_a_slow_branch_does_not_hold_up_the_one_beside_it() -> None:
    """The slow one waits for what happens two levels below its neighbour: in lock step it would wait for ever."""
    happened = asyncio.Event()

    @strawberry.type
    class Below:
        @strawberry.field
        async def deeper(self) -> "Below":
            happened.set()
            return Below()

        name: str = "below"

    globals()["Below"] = Below

    @strawberry.type
    class Query:
        @strawberry.field
        async def slow(self) -> str:
            await happened.wait()
            return "slow"

        @strawberry.field
        async def quick(self) -> Below:
            return Below()

    house = Schema(Query, limits=ROOMY)
    async with asyncio.timeout(PATIENCE_S):
        result = await house.execute("{ slow quick { deeper { name } } }")
    assert result.data == {"slow": "slow", "quick": {"deeper": {"name": "below"}}}


@strawberry.type
class Worker:
    number: int

    @strawberry.field
    async def work(self, info: Info) -> str | None:
        return await info.context.work(self.number)  # type: ignore[no-any-return]


@strawberry.type
class Works:
    @strawberry.field
    def workers(self) -> list[Worker]:
        return [Worker(number=number) for number in range(3)]


class Shop:
    def __init__(self, work: Callable[[int], Any]) -> None:
        self.work = work


async def _all_work(work: Callable[[int], Any]) -> Any:
    return await Schema(Works, limits=ROOMY).execute("{ workers { work } }", context_value=Shop(work))


async def test_a_timeout_in_a_resolver_stops_that_resolver_only() -> None:
    async def work(number: int) -> str:
        async with asyncio.timeout(0.01 if number == 1 else None):
            await (asyncio.Event().wait() if number == 1 else asyncio.sleep(0))
        return str(number)

    result = await _all_work(work)
    assert result.data == {"workers": [{"work": "0"}, {"work": None}, {"work": "2"}]}
    assert [error.path for error in result.errors] == [["workers", 1, "work"]]


async def test_a_cancelled_wait_is_an_error_of_that_field_only() -> None:
    async def work(number: int) -> str:
        if number == 1:
            future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            future.cancel()
            return await future
        return str(number)

    result = await _all_work(work)
    assert result.data == {"workers": [{"work": "0"}, {"work": None}, {"work": "2"}]}
    assert result.errors[0].extensions["code"] == "INTERNAL"


async def test_a_client_that_leaves_stops_all_the_work() -> None:
    begun, stopped = asyncio.Event(), []

    async def work(number: int) -> str:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            stopped.append(number)
        return ""

    before = asyncio.all_tasks()
    running = asyncio.create_task(_all_work(work))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    while left := asyncio.all_tasks() - before:
        await asyncio.wait(left)
    assert sorted(stopped) == [0, 1, 2]


async def test_the_gate_is_the_last_word_before_anything_runs() -> None:
    asked: list[int] = []

    async def gate(context: Any, admitted: Admitted) -> None:
        asked.append(admitted.cost)
        raise RateLimited(3)

    guarded = schema(gate=gate)
    context = Context()
    result = await guarded.execute("{ person { boss { name } } }", context_value=context)
    assert result.data is None
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "RATE_LIMITED", "requestId": "req-1", "retryAfter": 3}
    await guarded.execute("{ nope }", context_value=context)
    assert asked == [2]
    assert context.batches == []


@strawberry.type
class Odd:
    """Resolvers written in every way that Strawberry knows."""

    name: str

    @strawberry.field
    def both(self, parent: strawberry.Parent[Any]) -> bool:
        return self is parent

    @strawberry.field
    def keyword(self, *, info: Info) -> str:
        return f"{self.name} {info.field_name}"

    @strawberry.field
    def turned(info: Info, root: Any) -> str:  # noqa: N805
        return f"{root.name} {info.path.key}"

    @strawberry.field
    @staticmethod
    def static(parent: strawberry.Parent[Any]) -> str:
        return f"{parent.name} static"

    @strawberry.field
    @classmethod
    def of_class(cls, root: Any, times: int = 2) -> str:
        return cls.__name__ * times + str(root.name)

    @strawberry.field
    def alone() -> str:  # type: ignore[misc]
        return "alone"


@strawberry.type
class Odds:
    @strawberry.field
    def odd(self) -> Odd:
        return Odd(name="odd")


async def test_resolvers_are_called_as_they_are_written() -> None:
    text = "{ odd { both keyword turned static ofClass alone } }"
    expected = (await strawberry.Schema(Odds).execute(text)).data
    assert expected is not None
    assert (await Schema(Odds, limits=ROOMY).execute(text)).data == expected
    assert expected["odd"]["keyword"] == "odd keyword"
