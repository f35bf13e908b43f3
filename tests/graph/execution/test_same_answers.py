"""Whatever is asked, and whatever goes wrong: the answer is the one that graphql-core gives."""

from __future__ import annotations

import asyncio
import gc
import json
from inspect import isawaitable
from random import Random
from typing import Any

import pytest
import strawberry
from graphql import DocumentNode, GraphQLError, execute, parse, validate
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graph.execution.executor import Executor
from graph.execution.kinds import is_awaitable
from tests.graph.execution.queries import Writer, documents
from tests.graph.execution.toy import Context, Fate, Mutation, Query

SCHEMA = strawberry.Schema(Query, Mutation)._schema
_usual = settings(max_examples=120, suppress_health_check=list(HealthCheck))
_seeds = st.tuples(st.integers(0, 2**30), st.sampled_from([0, 2, 5, 15]))
# A null for a variable that has a default may reach an @include, which then fails the objects it stands in.
_flags = st.fixed_dictionaries({"maybe": st.booleans(), "no": st.sampled_from([True, False, False, None])})
Flags = dict[str, bool | None]
Seed = tuple[int, int]
Errors = dict[tuple[str | int, ...], str]
Answer = tuple[Any, Errors, list[str]]


def _document(text: str) -> DocumentNode:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return document


async def stock(document: DocumentNode, seed: Seed, variables: dict[str, Any]) -> Answer:
    try:
        return await _answer(StrawberryGraphQLCoreExecutionContext, optimized_is_awaitable, document, seed, variables)
    except asyncio.CancelledError:
        # After an error graphql-core cancels what waits beside it, and with it a future that others share: no answer.
        reject()


async def ours(document: DocumentNode, seed: Seed, variables: dict[str, Any]) -> Answer:
    return await _answer(Executor, is_awaitable, document, seed, variables)


async def _answer(executor: Any, asks: Any, document: DocumentNode, seed: Seed, variables: dict[str, Any]) -> Answer:
    context = Context(Fate(*seed), [])
    result: Any = execute(
        SCHEMA, document, None, context, variables, executor_class=executor, is_awaitable=asks
    )  # fmt: skip
    if isawaitable(result):
        result = await result
    pushes = [line for line in context.log if line != "load"]
    return json.dumps(result.data, default=str), _errors(result.errors or []), pushes


def _errors(errors: list[GraphQLError]) -> Errors:
    found = {tuple(error.path or ()): f"{error.message} {error.locations}" for error in errors}
    assert len(found) == len(errors), "two errors have one path"
    return found


def _nulled(answer: Answer) -> set[tuple[str | int, ...]]:
    """The places of the answer that were nulled for errors."""
    places = set()
    for path in answer[1]:
        value, length = json.loads(answer[0]), 0
        while value is not None and length < len(path):
            value, length = value[path[length]], length + 1
        places.add(path[:length])
    return places


@given(text=documents(SCHEMA, sync=True), seed=_seeds, flags=_flags)
@_usual
async def test_what_awaits_nothing_gives_the_same_data_and_the_same_errors(text: str, seed: Seed, flags: Flags) -> None:
    document, variables = _document(text), {**flags, "point": {"x": 5}}
    assert await ours(document, seed, variables) == await stock(document, seed, variables)


# graphql-core itself leaves coroutines behind when a field fails beside them.
@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@given(text=documents(SCHEMA), seed=_seeds, flags=_flags)
@_usual
async def test_what_awaits_gives_the_same_data_and_an_error_for_the_same_nulls(
    text: str, seed: Seed, flags: Flags
) -> None:
    """Where several errors null one place, it depends on time which of them graphql-core tells of."""
    document, variables = _document(text), {**flags, "point": {"x": 5}}
    theirs, own = await stock(document, seed, variables), await ours(document, seed, variables)
    assert own[0] == theirs[0]
    assert own[2] == theirs[2]
    assert _nulled(own) == _nulled(theirs)
    common = own[1].keys() & theirs[1].keys()
    assert {path: own[1][path] for path in common} == {path: theirs[1][path] for path in common}


async def test_nothing_that_was_begun_is_left_behind() -> None:
    """A coroutine that nobody awaits would warn here, and a warning is an error."""
    for number in range(60):
        document = _document(Writer(SCHEMA, Random(number), sync=False).document("query"))
        await ours(document, (number, 15), {"maybe": True, "point": None})
    gc.collect()
