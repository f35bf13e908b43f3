"""Whatever is asked, and whatever goes wrong: the answer is the one that graphql-core gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, parse, validate
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from graph.execution.executor import Executor
from tests.graph.execution.queries import documents
from tests.graph.execution.toy import Context, Fate, Mutation, Query


class Quiet(strawberry.Schema):
    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Errors are what is tested here."""


STOCK = Quiet(Query, Mutation)
OURS = Quiet(Query, Mutation, execution_context_class=Executor)
_usual = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
_seeds = st.tuples(st.integers(0, 2**30), st.sampled_from([0, 3, 10, 30]))
Errors = dict[tuple[str | int, ...], str]


async def both(text: str, seed: tuple[int, int], variables: dict[str, Any]) -> list[tuple[Any, Errors, list[str]]]:
    answers = []
    for schema in (STOCK, OURS):
        context = Context(Fate(*seed), [])
        result = await schema.execute(text, variables, context_value=context)
        pushes = [line for line in context.log if line != "load"]
        answers.append((result.data, _errors(result.errors or []), pushes))
    return answers


def _errors(errors: list[GraphQLError]) -> Errors:
    found = {tuple(error.path or ()): f"{error.message} {error.locations}" for error in errors}
    assert len(found) == len(errors), "two errors have one path"
    return found


def _nulled(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The place of the answer that was nulled for an error."""
    for length, step in enumerate(path):
        if data is None:
            return path[:length]
        data = data[step]
    return path


@given(text=documents(STOCK._schema, sync=True), seed=_seeds, maybe=st.booleans())
@_usual
async def test_what_awaits_nothing_gives_the_same_data_and_the_same_errors(
    text: str, seed: tuple[int, int], maybe: bool
) -> None:
    assert validate(STOCK._schema, parse(text)) == []
    stock, ours = await both(text, seed, {"maybe": maybe, "point": {"x": 5}})
    event(f"{min(len(stock[1]), 5)} errors")
    assert json.dumps(ours[0], default=str) == json.dumps(stock[0], default=str)
    assert ours[1] == stock[1]
    assert ours[2] == stock[2]


@given(text=documents(STOCK._schema), seed=_seeds, maybe=st.booleans())
@_usual
async def test_what_awaits_gives_the_same_data_and_an_error_for_the_same_nulls(
    text: str, seed: tuple[int, int], maybe: bool
) -> None:
    """Where several errors null one place, it depends on time which of them graphql-core tells of."""
    assert validate(STOCK._schema, parse(text)) == []
    stock, ours = await both(text, seed, {"maybe": maybe, "point": {"x": 5}})
    event(f"{min(len(stock[1]), 5)} errors")
    assert json.dumps(ours[0], default=str) == json.dumps(stock[0], default=str)
    assert ours[2] == stock[2]
    assert {_nulled(ours[0], path) for path in ours[1]} == {_nulled(stock[0], path) for path in stock[1]}
    common = ours[1].keys() & stock[1].keys()
    assert {path: ours[1][path] for path in common} == {path: stock[1][path] for path in common}
