"""What may be asked, to the last number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import get_introspection_query
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from graph.execution import Limits, Schema
from tests.graph.execution.house import ROOMY, Context, schema


async def run(text: str, limits: Limits = ROOMY, **variables: Any) -> ExecutionResult:
    return await schema(limits).execute(text, variables, context_value=Context())


async def refusal(text: str, limits: Limits = ROOMY, **variables: Any) -> dict[str, Any]:
    """The extensions of the only error of a request of which nothing was executed."""
    context = Context()
    result = await schema(limits).execute(text, variables, context_value=context)
    assert isinstance(result, PreExecutionError)
    assert result.data is None
    assert result.errors is not None
    assert len(result.errors) == 1
    assert context.batches == []
    return dict(result.errors[0].extensions or {})


def too_complex(**numbers: int) -> dict[str, Any]:
    return {"code": "QUERY_TOO_COMPLEX", "requestId": "req-1", **numbers}


async def cost(text: str, **variables: Any) -> int:
    result = await run(text, **variables)
    assert result.errors is None
    assert result.extensions is not None
    requested: int = result.extensions["cost"]["requested"]
    return requested


async def test_as_many_tokens_as_allowed_pass_and_one_more_does_not() -> None:
    text = "{ person { name } }"
    assert (await run(text, replace(ROOMY, max_tokens=6))).data == {"person": {"name": "person 5"}}
    assert await refusal(text, replace(ROOMY, max_tokens=5)) == too_complex(limit=5)


async def test_comments_count_as_tokens() -> None:
    text = "#\n" * 50 + "{ report }"
    assert await refusal(text, replace(ROOMY, max_tokens=50)) == too_complex(limit=50)


async def test_as_deep_as_allowed_passes_and_one_deeper_does_not() -> None:
    text = "{ person { boss { boss { name } } } }"
    assert (await run(text, replace(ROOMY, max_depth=4))).errors is None
    assert await refusal(text, replace(ROOMY, max_depth=3)) == too_complex(limit=3)


async def test_depth_is_counted_through_fragments() -> None:
    text = "{ person { ...A } } fragment A on Person { boss { ...B } } fragment B on Person { boss { ... { name } } }"
    assert (await run(text, replace(ROOMY, max_depth=4))).errors is None
    assert await refusal(text, replace(ROOMY, max_depth=3)) == too_complex(limit=3)


async def test_depth_counts_what_is_skipped() -> None:
    text = "query ($deep: Boolean!) { person { boss @include(if: $deep) { boss { name } } } }"
    assert await refusal(text, replace(ROOMY, max_depth=3), deep=False) == too_complex(limit=3)


async def test_a_circle_of_fragments_is_invalid_and_ends() -> None:
    text = "{ person { ...A } } fragment A on Person { boss { ...B } } fragment B on Person { boss { ...A } }"
    assert await refusal(text) == too_complex(limit=15)
    text = "{ person { ...A } } fragment A on Person { name ...B } fragment B on Person { name ...A }"
    assert (await refusal(text))["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_fragments_that_only_open_fragments_are_limited() -> None:
    chain = (
        " ".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(60)) + " fragment F60 on Query { report }"
    )
    assert await refusal("{ ...F0 } " + chain) == too_complex(limit=50)


async def test_as_many_aliases_as_allowed_pass_and_one_more_does_not() -> None:
    text = "{ a: report ...F } fragment F on Query { b: report c: person { d: name } }"
    assert (await run(text, replace(ROOMY, max_aliases=4))).errors is None
    assert await refusal(text, replace(ROOMY, max_aliases=3)) == too_complex(aliases=4, limit=3)


async def test_no_aliases_at_all_can_be_the_limit() -> None:
    assert (await run("{ report }", replace(ROOMY, max_aliases=0))).errors is None
    assert await refusal("{ a: report }", replace(ROOMY, max_aliases=0)) == too_complex(aliases=1, limit=0)


async def test_as_many_root_fields_as_allowed_pass_and_one_more_does_not() -> None:
    text = "{ report ...F person { name } } fragment F on Query { a: report report }"
    assert (await run(text, replace(ROOMY, max_root_fields=3))).errors is None
    assert await refusal(text, replace(ROOMY, max_root_fields=2)) == too_complex(rootFields=3, limit=2)


async def test_directives_are_limited_in_one_place_and_in_all() -> None:
    assert await refusal("{ report " + "@skip(if: false) " * 6 + "}") == too_complex(limit=5)
    fields = " ".join(f"a{n}: report @skip(if: false) @include(if: true)" for n in range(25))
    assert (await run(f"{{ {fields} }}", replace(ROOMY, max_root_fields=99))).errors is None
    text = f"{{ {fields} report @skip(if: false) }}"
    assert await refusal(text, replace(ROOMY, max_root_fields=99)) == too_complex(directives=51, limit=50)


async def test_arguments_of_one_field_are_limited() -> None:
    assert await refusal("{ person(" + "key: 1 " * 51 + ") { name } }") == too_complex(limit=50)


async def test_a_field_may_be_repeated_but_not_without_end() -> None:
    assert (await run("{ " + "report " * 50 + "}")).data == {"report": "report"}
    assert await refusal("{ " + "report " * 51 + "}") == too_complex(repeats=51, limit=50)
    assert await refusal("{ " + "__typename " * 51 + "}") == too_complex(repeats=51, limit=50)


async def test_fields_that_multiply_through_fragments_are_limited() -> None:
    """A short text that unfolds to millions of fields."""
    levels = [f"fragment F{n} on Person {{ boss {{ ...F{n + 1} }} chief {{ ...F{n + 1} }} }}" for n in range(14)]
    text = "{ person { ...F0 } } " + " ".join(levels) + " fragment F14 on Person { name }"
    assert await refusal(text, replace(ROOMY, max_depth=50)) == too_complex(limit=20_000)


async def test_an_object_costs_one_and_a_leaf_nothing() -> None:
    assert await cost("{ report2: __typename }") == 0
    assert await cost("{ person { name id } }") == 1
    assert await cost("{ person { boss { name } chief { name boss { name } } } }") == 4
    assert await cost("{ node { id ... on Person { name boss { id } } } }") == 2


async def test_the_same_object_asked_for_twice_costs_once() -> None:
    text = "{ person { ...A boss { name } } } fragment A on Person { boss { id name } }"
    assert await cost(text) == 2


async def test_a_page_costs_what_it_may_hold() -> None:
    # The connection, and for each item an edge and a node.
    assert await cost("{ people(first: 5) { edges { node { name } } } }") == 1 + 5 * 2
    assert await cost("{ people(last: 3) { nodes { name } } }") == 1 + 3
    assert await cost("{ people { nodes { name } } }") == 1 + 20
    assert await cost("{ people(first: null) { nodes { name } } }") == 1 + 20
    assert await cost("{ people(first: 5, last: 9) { nodes { name } } }") == 1 + 9


async def test_page_sizes_that_are_no_sizes_cost_as_the_nearest() -> None:
    assert await cost("{ people(first: 1000) { nodes { name } } }") == 1 + 100
    assert await cost("{ people(first: 0) { nodes { name } } }") == 1 + 1
    assert await cost("{ people(first: -7) { nodes { name } } }") == 1 + 1


async def test_pages_in_pages_multiply() -> None:
    text = "{ people(first: 3) { nodes { friends(first: 4) { nodes { boss { name } } } } } }"
    assert await cost(text) == 1 + 3 * (1 + (1 + 4 * (1 + 1)))


async def test_a_page_counts_once_however_long_it_is() -> None:
    assert await cost("{ people(first: 50) { totalCount } }") == 1 + 10
    assert await cost("{ people(first: 2) { totalCount nodes { friends(first: 5) { totalCount } } } }") == 11 + 2 * 12


async def test_page_sizes_in_variables_count() -> None:
    text = "query ($n: Int, $m: Int = 7) { people(first: $n) { nodes { friends(last: $m) { nodes { name } } } } }"
    assert await cost(text, n=2, m=3) == 1 + 2 * (1 + 1 + 3)
    assert await cost(text, n=2) == 1 + 2 * (1 + 1 + 7)
    assert await cost(text, n=None, m=1) == 1 + 20 * (1 + 1 + 1)
    assert await cost(text) == 1 + 20 * (1 + 1 + 7)


async def test_what_is_left_out_costs_nothing() -> None:
    part = "boss @include(if: $all) { name } chief @skip(if: $all) { boss { id } }"
    text = f"query ($all: Boolean!) {{ person {{ name {part} }} }}"
    assert await cost(text, all=True) == 2
    assert await cost(text, all=False) == 3
    assert await cost("{ person { boss @skip(if: true) { name } } }") == 1


async def test_a_field_may_say_what_it_costs() -> None:
    assert await cost("{ report }") == 4
    assert await cost("{ dear { name } }") == 7
    assert await cost("{ dear { boss { name } } }") == 7 + 3
    assert await cost("{ dear(limit: 5) { boss { name } } }") == 7 + 5


async def test_as_dear_as_allowed_passes_and_one_dearer_does_not() -> None:
    text = "query ($n: Int) { people(first: $n) { nodes { name } } }"
    result = await run(text, replace(ROOMY, max_cost=11), n=10)
    assert result.extensions == {"cost": {"requested": 11, "limit": 11}}
    assert await refusal(text, replace(ROOMY, max_cost=11), n=11) == too_complex(cost=12, limit=11)


async def test_the_cost_is_that_of_the_operation_that_runs() -> None:
    text = "query Cheap { report } query Dear { people(first: 100) { nodes { name } } }"
    limited = schema(replace(ROOMY, max_cost=50))
    cheap = await limited.execute(text, operation_name="Cheap", context_value=Context())
    assert cheap.data == {"report": "report"}
    dear = await limited.execute(text, operation_name="Dear", context_value=Context())
    assert dear.errors is not None
    assert dear.errors[0].extensions == too_complex(cost=101, limit=50)


async def test_the_question_that_graphiql_asks_is_neither_deep_nor_dear() -> None:
    text = get_introspection_query(directive_is_repeatable=True, schema_description=True, input_value_deprecation=True)
    limits = replace(ROOMY, max_depth=2, max_cost=1)
    result = await run(text, limits)
    assert result.errors is None
    assert result.extensions == {"cost": {"requested": 0, "limit": 1}}


async def test_introspection_that_goes_round_in_circles_is_refused() -> None:
    text = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert (await refusal(text))["code"] == "GRAPHQL_VALIDATION_FAILED"
    fields = "name " * 51
    assert await refusal(f"{{ __schema {{ types {{ {fields} }} }} }}") == too_complex(repeats=51, limit=50)


async def test_introspection_can_be_off_and_typename_still_works() -> None:
    closed = replace(ROOMY, introspection=False)
    for text in ("{ __schema { __typename } }", '{ __type(name: "Person") { __typename } }'):
        assert await refusal(text, closed) == {"code": "GRAPHQL_VALIDATION_FAILED", "requestId": "req-1"}
    assert (await run("{ __typename person { __typename } }", closed)).data == {
        "__typename": "Query",
        "person": {"__typename": "Person"},
    }


@pytest.mark.parametrize("introspection", [True, False])
async def test_suggestions_are_only_made_where_the_schema_is_no_secret(introspection: bool) -> None:
    house = schema(replace(ROOMY, introspection=introspection))
    for text in (
        "{ persom { name } }",
        "{ person { naem } }",
        "{ person(kye: 1) { name } }",
        "{ ... on Persan { name } }",
    ):
        result = await house.execute(text, context_value=Context())
        assert result.errors is not None
        assert ("Did you mean" in result.errors[0].message) is introspection


async def test_a_flood_of_errors_stops_early() -> None:
    fields = " ".join(f"wrong{n}" for n in range(100))
    result = await run(f"{{ person {{ {fields} }} }}")
    assert result.errors is not None
    assert len(result.errors) == 11
    assert {error.extensions["code"] for error in result.errors if error.extensions} == {"GRAPHQL_VALIDATION_FAILED"}


async def test_subscriptions_have_the_same_limits() -> None:
    async def first(house: Schema, text: str) -> Any:
        return await anext(await house.subscribe(text, context_value=Context()))

    text = "subscription { hires { boss { name } } }"
    result = await first(schema(replace(ROOMY, max_depth=3)), text)
    assert result.data == {"hires": {"boss": {"name": "person 0"}}}
    assert result.extensions == {"cost": {"requested": 2, "limit": 20_000}}
    result = await first(schema(replace(ROOMY, max_depth=2)), text)
    assert isinstance(result, PreExecutionError)
    assert result.errors
    assert result.errors[0].extensions == too_complex(limit=2)


def test_limits_are_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        replace(ROOMY, max_cost=0)
    with pytest.raises(ValueError, match="positive"):
        replace(ROOMY, max_aliases=-1)
