"""The catalogue through the API: anybody may read it."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalogue import algorithms, json_schema
from tests.support.api import Api


async def test_every_task_names_its_data_and_its_algorithms(api: Api) -> None:
    data = await api.data("{ tasks { name title summary data algorithms { name task } } }")
    offered = {
        (task["name"], one["name"])
        for task in data["tasks"]
        for one in task["algorithms"]
        if one["task"] == task["name"]
    }
    assert offered == {(one.task.name, one.name.name) for one in algorithms()}
    assert all(task["title"] and task["summary"] and task["data"] for task in data["tasks"])


async def test_every_parameter_is_described_as_the_code_has_it(api: Api) -> None:
    query = """{ algorithms { task name title summary family reference jsonSchema defaultConfig rules { fields text }
      parameters { name title help kind group advanced default unit minimum maximum exclusiveMinimum exclusiveMaximum
        minItems maxItems choices } } }"""
    found = (await api.data(query))["algorithms"]
    for shown, ours in zip(found, algorithms(), strict=True):
        assert (shown["task"], shown["name"], shown["family"]) == (ours.task.name, ours.name.name, ours.family.name)
        assert shown["jsonSchema"] == json_schema(ours)
        assert shown["rules"] == [{"fields": list(rule.fields), "text": rule.text} for rule in ours.rules]
        for parameter, known in zip(shown["parameters"], ours.parameters, strict=True):
            default = list(known.default) if isinstance(known.default, tuple) else known.default
            assert parameter == {
                "name": known.name,
                "title": known.title,
                "help": known.help,
                "kind": known.kind.name,
                "group": known.group.name,
                "advanced": known.advanced,
                "default": default,
                "unit": known.unit,
                "minimum": known.minimum,
                "maximum": known.maximum,
                "exclusiveMinimum": known.exclusive_minimum,
                "exclusiveMaximum": known.exclusive_maximum,
                "minItems": known.min_items,
                "maxItems": known.max_items,
                "choices": list(known.choices),
            }
            assert shown["defaultConfig"][known.name] == default


async def test_one_algorithm_is_found_by_task_and_name(api: Api) -> None:
    query = """query($task: TaskType!, $name: AlgorithmName!) { algorithm(task: $task, name: $name) { task name } }"""
    found = await api.data(query, task="HIGH_FREQUENCY_TRADING", name="DDQN")
    assert found == {"algorithm": {"task": "HIGH_FREQUENCY_TRADING", "name": "DDQN"}}
    assert await api.data(query, task="ORDER_EXECUTION", name="DDQN") == {"algorithm": None}
    some = await api.data("{ algorithms(task: ORDER_EXECUTION) { name } }")
    assert some == {"algorithms": [{"name": "ETEO"}, {"name": "PD"}]}


VALIDATE = """query($task: TaskType!, $algorithm: AlgorithmName!, $config: JSON!) {
  validateStrategyConfig(task: $task, algorithm: $algorithm, config: $config) {
    valid completed errors { code field } } }"""


@pytest.mark.parametrize(
    ("config", "errors"),
    [
        ({"epochs": 0}, [("OUT_OF_RANGE", ["config", "epochs"])]),
        ({"epochs": None}, [("INVALID", ["config", "epochs"])]),
        ({"no_such": 1, "epochs": 1.5}, [("UNKNOWN", ["config", "no_such"]), ("INVALID", ["config", "epochs"])]),
        ([1], [("INVALID", ["config"])]),
        ("text", [("INVALID", ["config"])]),
    ],
)
async def test_a_bad_config_is_told_field_by_field(api: Api, config: Any, errors: list[tuple[str, list[str]]]) -> None:
    answer = await api.data(VALIDATE, task="ORDER_EXECUTION", algorithm="PD", config=config)
    result = answer["validateStrategyConfig"]
    assert (result["valid"], result["completed"]) == (False, None)
    assert [(error["code"], error["field"]) for error in result["errors"]] == errors


async def test_a_good_config_comes_back_whole(api: Api) -> None:
    answer = await api.data(VALIDATE, task="ORDER_EXECUTION", algorithm="PD", config={"epochs": 3})
    result = answer["validateStrategyConfig"]
    defaults = await api.data("{ algorithm(task: ORDER_EXECUTION, name: PD) { defaultConfig } }")
    assert result == {"valid": True, "errors": [], "completed": defaults["algorithm"]["defaultConfig"] | {"epochs": 3}}


async def test_an_algorithm_that_the_task_does_not_have_is_an_error_of_its_own(api: Api) -> None:
    answer = await api.data(VALIDATE, task="ORDER_EXECUTION", algorithm="PPO", config={})
    assert answer["validateStrategyConfig"] == {
        "valid": False,
        "completed": None,
        "errors": [{"code": "UNKNOWN", "field": ["algorithm"]}],
    }
