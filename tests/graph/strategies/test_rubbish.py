"""Whatever a client sends, it is told what is wrong: nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.factory import Factory
from domain.catalogue import algorithms
from domain.errors import Code
from tests.support.api import Api
from tests.support.people import Person, a_person

MANY = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(codec="utf-8"), max_size=200)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)
names = sorted({parameter.name for algorithm in algorithms() for parameter in algorithm.parameters})
configs = st.dictionaries(st.sampled_from(names) | texts, values, max_size=8) | values
inputs = st.fixed_dictionaries(
    {"name": texts},
    optional={
        "description": texts,
        "tags": st.lists(texts, max_size=30),
        "message": texts,
        "config": configs,
        "tmConfig": values,
        "templateId": texts,
        "projectId": texts,
        "taskType": st.just("ORDER_EXECUTION"),
        "algorithm": st.sampled_from(["PD", "PPO"]),
    },
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "text": texts,
        "tags": st.lists(texts, max_size=5),
        "projectId": texts,
        "ownerId": texts,
        "statuses": st.lists(st.sampled_from(["DRAFT", "ARCHIVED"]), max_size=3),
    },
)
CODES = {code.value for code in Code}


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@MANY
@given(input_=inputs)
async def test_a_strange_strategy_is_made_or_refused(api: Api, ann: Person, input_: dict[str, Any]) -> None:
    document = "mutation($input: CreateStrategyInput!) { createStrategy(input: $input) { errors { code } } }"
    answer = await api(document, ann, input=input_)
    if "errors" in answer:
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    else:
        assert {error["code"] for error in answer["data"]["createStrategy"]["errors"]} <= CODES


@MANY
@given(filter_=filters, cursor=texts)
async def test_a_strange_filter_finds_nothing_and_a_strange_cursor_is_refused(
    api: Api, ann: Person, filter_: dict[str, Any], cursor: str
) -> None:
    document = """query($filter: StrategyFilter, $after: String) {
      strategies(filter: $filter, after: $after, orderBy: UPDATED) { totalCount nodes { id } } }"""
    found = await api.data(document, ann, filter=filter_)
    assert found["strategies"]["totalCount"] == len(found["strategies"]["nodes"])
    if cursor:
        assert await api.codes(document, ann, after=cursor) == ["BAD_USER_INPUT"]


@MANY
@given(config=configs)
async def test_a_strange_config_is_judged(api: Api, config: object) -> None:
    document = """query($config: JSON!) { validateStrategyConfig(
      task: ORDER_EXECUTION, algorithm: PD, config: $config) { valid errors { code message field } } }"""
    answer = await api(document, config=config)
    if config is None:
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    else:
        result = answer["data"]["validateStrategyConfig"]
        assert result["valid"] is (not result["errors"])
