from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from domain.catalogue import Algorithm, Kind, Parameter, algorithms, complete, find, json_schema
from domain.catalogue.validation import field_problems

VALIDATORS = {id(algorithm): Draft202012Validator(json_schema(algorithm)) for algorithm in algorithms()}

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


def near(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Values at and around the limits, whole and broken, that are often good and often just not."""
    low, high = parameter.minimum or 0, parameter.maximum or 1
    edges = [low, low - 1, low + 1, high, high - 1, high + 1, float(low), float(high), low + 0.5, high - 0.5]
    return st.sampled_from(edges) | st.floats(low, high) | st.integers(int(low), int(high))


def value_for(parameter: Parameter) -> st.SearchStrategy[Any]:
    match parameter.kind:
        case Kind.BOOLEAN:
            likely: st.SearchStrategy[Any] = st.booleans() | st.integers(0, 1)
        case Kind.CHOICE:
            likely = st.sampled_from(parameter.choices) | st.just(parameter.choices[0].upper())
        case Kind.INTEGER_LIST:
            likely = st.lists(near(parameter), max_size=10) | st.just([parameter.minimum])
        case _:
            likely = near(parameter)
    return likely | likely | ANYTHING


@st.composite
def cases(draw: st.DrawFn) -> tuple[Algorithm, dict[str, Any]]:
    algorithm = draw(st.sampled_from(algorithms()))
    chosen = draw(st.lists(st.sampled_from(algorithm.parameters), max_size=4, unique_by=lambda each: each.name))
    config = {parameter.name: draw(value_for(parameter)) for parameter in chosen}
    return algorithm, config | draw(st.just({}) | st.dictionaries(st.text(max_size=6), ANYTHING, max_size=1))


@given(cases())
def test_the_schema_and_our_own_check_agree_on_which_fields_are_wrong(case: tuple[Algorithm, dict[str, Any]]) -> None:
    algorithm, config = case
    validator = VALIDATORS[id(algorithm)]
    properties = json_schema(algorithm)["properties"]
    by_schema = {error.absolute_path[0] for error in validator.iter_errors(config) if error.absolute_path}
    by_us = {problem.field[1] for problem in field_problems(algorithm, config)}
    assert by_us & properties.keys() == by_schema
    assert validator.is_valid(config) is (by_us == set())


@pytest.mark.parametrize("algorithm", algorithms(), ids=lambda algorithm: f"{algorithm.task}-{algorithm.name}")
def test_the_schema_is_sound_and_holds_for_the_defaults(algorithm: Algorithm) -> None:
    schema = json_schema(algorithm)
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    defaults = {name: each["default"] for name, each in schema["properties"].items()}
    assert defaults == complete(algorithm.task, algorithm.name, {})
    assert Draft202012Validator(schema).is_valid(defaults)


def test_the_schema_of_a_parameter_of_each_kind() -> None:
    properties = json_schema(find("algorithmic_trading", "dqn"))["properties"]
    assert {name: value for name, value in properties["learning_rate"].items() if name != "description"} == {
        "title": "Learning rate",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 0.1,
        "default": 0.0005,
        "x-group": "training",
        "x-advanced": False,
    }
    assert properties["hidden_layers"]["items"] == {"type": "integer", "minimum": 1, "maximum": 2_048}
    assert (properties["hidden_layers"]["minItems"], properties["hidden_layers"]["maxItems"]) == (1, 8)
    assert properties["activation"]["enum"] == ["relu", "tanh", "silu"]
    assert properties["double"]["type"] == "boolean"
    assert (properties["epochs"]["type"], properties["epochs"]["x-unit"]) == ("integer", "passes")


def test_the_schema_admits_nothing_else() -> None:
    schema = json_schema(find("algorithmic_trading", "dqn"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
