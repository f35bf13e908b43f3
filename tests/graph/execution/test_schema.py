"""The schema as transports use it."""

import asyncio
from typing import Any

import pytest
import strawberry
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graph.execution import Schema
from graph.execution.documents import Documents, Refusal
from tests.graph.execution.house import ROOMY, Context, schema

HOUSE = schema()


async def events(text: str, house: Schema = HOUSE, **options: Any) -> list[ExecutionResult]:
    stream = await house.stream(text, context_value=Context(), **options)
    return [result async for result in stream]


async def test_a_query_and_a_mutation_run() -> None:
    assert (await HOUSE.execute("{ person { name boss { name } } }", context_value=Context())).data == {
        "person": {"name": "person 5", "boss": {"name": "person 4"}}
    }
    result = await HOUSE.execute('mutation { rename(name: "Ann") { name } }', context_value=Context())
    assert result.data == {"rename": {"name": "Ann"}}


async def test_what_was_sent_wrongly_is_left_to_the_transport() -> None:
    with pytest.raises(MissingQueryError):
        await HOUSE.execute("")
    with pytest.raises(CannotGetOperationTypeError):
        await HOUSE.execute("query A { report }", operation_name="B")
    with pytest.raises(CannotGetOperationTypeError):
        await HOUSE.execute("query A { report } query B { report }")
    with pytest.raises(InvalidOperationTypeError):
        await HOUSE.execute('mutation { rename(name: "x") { id } }', allowed_operation_types=[OperationType.QUERY])
    with pytest.raises(InvalidOperationTypeError):
        await HOUSE.execute("subscription { count(to: 1) }")


async def test_streams_answer_the_same_with_errors() -> None:
    for text in ("", "query A { report } query B { report }", "{ nope }", "{"):
        [result] = await events(text)
        assert isinstance(result, PreExecutionError)
        assert result.errors is not None
        assert result.errors[0].extensions is not None
        assert result.errors[0].extensions["requestId"] == "req-1"
    [result] = await events("{ report }", allowed_operation_types=[OperationType.SUBSCRIPTION])
    assert isinstance(result, PreExecutionError)
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "BAD_USER_INPUT", "requestId": "req-1"}


async def test_a_subscription_gives_an_answer_for_each_event() -> None:
    results = await events("subscription { count(to: 3) }")
    assert [result.data for result in results] == [{"count": 0}, {"count": 1}, {"count": 2}]
    results = await events("subscription { hires { id name boss { name } } }")
    assert [result.data for result in results] == [
        {"hires": {"id": "1", "name": "person 1", "boss": {"name": "person 0"}}},
        {"hires": {"id": "2", "name": "person 2", "boss": {"name": "person 1"}}},
    ]


async def test_a_query_over_a_stream_gives_one_answer() -> None:
    [result] = await events("{ report }")
    assert result.data == {"report": "report"}
    assert result.extensions == {"cost": {"requested": 4, "limit": 20_000}}


async def test_a_source_that_breaks_ends_with_an_error() -> None:
    first, last = await events('subscription { breaks(how: "broken") }')
    assert first.data == {"breaks": 1}
    assert last.data is None
    assert last.errors is not None
    assert last.errors[0].extensions == {"code": "INTERNAL", "requestId": "req-1"}


async def test_a_subscription_that_may_not_start_gives_an_error_and_no_events() -> None:
    [result] = await events('subscription { guarded(how: "forbidden") }')
    assert isinstance(result, PreExecutionError)
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "FORBIDDEN", "requestId": "req-1"}


async def test_a_subscription_that_is_left_closes_its_source() -> None:
    closed = asyncio.Event()

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def ticks(self) -> Any:
            try:
                while True:
                    yield 1
            finally:
                closed.set()

        ticks.type = int

    @strawberry.type
    class Query:
        nothing: int | None = None

    stream = await Schema(Query, subscription=Subscription, limits=ROOMY).stream("subscription { ticks }")
    assert (await anext(stream)).data == {"ticks": 1}
    await stream.aclose()
    assert closed.is_set()


def test_an_operation_that_awaits_nothing_can_run_without_a_loop() -> None:
    assert HOUSE.execute_sync("{ report }").data == {"report": "report"}
    assert "__schema" in HOUSE.introspect()
    result = HOUSE.execute_sync(
        "{ people(first: 1000) { nodes { friends(first: 1000) { nodes { friends { totalCount } } } } } }"
    )
    assert result.errors is not None
    assert result.errors[0].extensions is not None
    assert result.errors[0].extensions["code"] == "QUERY_TOO_COMPLEX"


async def test_the_second_time_a_document_is_neither_parsed_nor_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    house = schema()
    text = "query ($n: Int!) { person(key: $n) { name } }"
    assert (await house.execute(text, {"n": 1})).data == {"person": {"name": "person 1"}}
    monkeypatch.setattr("graph.execution.documents.parse", None)
    monkeypatch.setattr("graph.execution.documents.validate", None)
    monkeypatch.setattr("graph.execution.run.collect_fields", None)
    assert (await house.execute(text, {"n": 2})).data == {"person": {"name": "person 2"}}


async def test_one_document_has_a_plan_for_each_set_of_conditions() -> None:
    house = schema()
    text = "query ($full: Boolean!) { person { name boss @include(if: $full) { name } } }"
    for _ in range(2):
        assert (await house.execute(text, {"full": False}, Context())).data == {"person": {"name": "person 5"}}
        full = await house.execute(text, {"full": True}, Context())
        assert full.data == {"person": {"name": "person 5", "boss": {"name": "person 4"}}}
    operation = house.documents.read(text).operation(None)
    assert operation is not None
    assert len(operation.plan) == 2


async def test_plans_of_one_document_are_bounded() -> None:
    house = schema()
    names = [f"v{n}" for n in range(6)]
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: report @skip(if: ${name})" for name in names)
    text = f"query ({variables}) {{ {fields} }}"
    for number in range(64):
        values = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        result = await house.execute(text, values)
        assert result.data == {name: "report" for name, skipped in values.items() if not skipped}
    operation = house.documents.read(text).operation(None)
    assert operation is not None
    assert len(operation.plan) == 32


def test_documents_are_kept_up_to_a_number_and_a_size() -> None:
    def texts(count: int) -> list[str]:
        return [f"{{ a{number}: report }}" for number in range(10, 10 + count)]

    few = Documents(HOUSE._schema, ROOMY, most=3)
    for text in texts(5):
        few.read(text)
    assert len(few) == 3
    small = Documents(HOUSE._schema, ROOMY, most_characters=40)
    for text in texts(5):
        small.read(text)
    assert len(small) == 2
    with pytest.raises(Refusal):
        small.read("{ nope }")
    assert len(small) == 2
    small.read("{ report " + " " * 100 + "}")
    assert len(small) == 0


def test_the_documents_kept_are_those_last_used() -> None:
    documents = Documents(HOUSE._schema, ROOMY, most=2)
    first = documents.read("{ report }")
    documents.read("{ a: report }")
    documents.read("{ report }")
    documents.read("{ b: report }")
    assert documents.read("{ report }") is first


def test_types_that_have_to_wait_to_know_their_values_are_refused() -> None:
    @strawberry.type
    class Slow:
        name: str

        @classmethod
        async def is_type_of(cls, obj: object, info: object) -> bool:
            return True

    @strawberry.type
    class Query:
        slow: Slow | None = None

    with pytest.raises(TypeError, match=r"Slow\.is_type_of must not be async"):
        Schema(Query, limits=ROOMY)
