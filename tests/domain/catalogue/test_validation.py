from __future__ import annotations

from typing import Any

import pytest

from domain.catalogue import MAX_KEYS, Algorithm, algorithms, complete, validate
from domain.errors import Code, Problem, Refused

DQN = ("algorithmic_trading", "dqn")


def only(config: Any, task: str = "algorithmic_trading", algorithm: str = "dqn") -> Problem:
    (problem,) = validate(task, algorithm, config)
    return problem


@pytest.mark.parametrize("algorithm", algorithms(), ids=lambda algorithm: f"{algorithm.task}-{algorithm.name}")
def test_the_defaults_are_good_and_complete(algorithm: Algorithm) -> None:
    assert validate(algorithm.task, algorithm.name, {}) == ()
    whole = complete(algorithm.task, algorithm.name, {})
    assert list(whole) == [parameter.name for parameter in algorithm.parameters]
    assert complete(algorithm.task, algorithm.name, whole) == whole


@pytest.mark.parametrize(
    "config",
    [
        {"learning_rate": 0.1, "weight_decay": 5.0},
        {"learning_rate": 1e-9},
        {"discount": 0},
        {"discount": 1},
        {"epochs": 1},
        {"epochs": 1_000},
        {"epochs": 3.0},
        {"hidden_layers": [1]},
        {"hidden_layers": [2_048] * 8},
        {"hidden_layers": [32.0]},
        {"activation": "tanh"},
        {"double": True},
    ],
)
def test_what_is_in_range_is_good(config: dict[str, Any]) -> None:
    assert validate(*DQN, config) == ()


@pytest.mark.parametrize(
    ("config", "code", "path"),
    [
        ({"learning_rate": 0}, Code.OUT_OF_RANGE, ("learning_rate",)),
        ({"learning_rate": 0.1000001}, Code.OUT_OF_RANGE, ("learning_rate",)),
        ({"learning_rate": "0.001"}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": True}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": None}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": [0.1]}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": {}}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": float("nan")}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": float("inf")}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": float("-inf")}, Code.INVALID, ("learning_rate",)),
        ({"learning_rate": 10**400}, Code.OUT_OF_RANGE, ("learning_rate",)),
        ({"learning_rate": -(10**5_000)}, Code.OUT_OF_RANGE, ("learning_rate",)),
        ({"epochs": 0}, Code.OUT_OF_RANGE, ("epochs",)),
        ({"epochs": 1_001}, Code.OUT_OF_RANGE, ("epochs",)),
        ({"epochs": 3.5}, Code.INVALID, ("epochs",)),
        ({"epochs": True}, Code.INVALID, ("epochs",)),
        ({"epochs": "3"}, Code.INVALID, ("epochs",)),
        ({"epochs": float("nan")}, Code.INVALID, ("epochs",)),
        ({"epochs": float("inf")}, Code.INVALID, ("epochs",)),
        ({"epochs": 1e300}, Code.OUT_OF_RANGE, ("epochs",)),
        ({"epochs": 10**5_000}, Code.OUT_OF_RANGE, ("epochs",)),
        ({"double": 1}, Code.INVALID, ("double",)),
        ({"double": "true"}, Code.INVALID, ("double",)),
        ({"activation": "relo"}, Code.UNKNOWN, ("activation",)),
        ({"activation": "RELU"}, Code.UNKNOWN, ("activation",)),
        ({"activation": 1}, Code.INVALID, ("activation",)),
        ({"hidden_layers": 64}, Code.INVALID, ("hidden_layers",)),
        ({"hidden_layers": "64,64"}, Code.INVALID, ("hidden_layers",)),
        ({"hidden_layers": []}, Code.TOO_SHORT, ("hidden_layers",)),
        ({"hidden_layers": [1] * 9}, Code.TOO_LONG, ("hidden_layers",)),
        ({"hidden_layers": [64, 0]}, Code.OUT_OF_RANGE, ("hidden_layers", "1")),
        ({"hidden_layers": [64, True]}, Code.INVALID, ("hidden_layers", "1")),
        ({"hidden_layers": [64, [64]]}, Code.INVALID, ("hidden_layers", "1")),
        ({"lerning_rate": 0.1}, Code.UNKNOWN, ("lerning_rate",)),
        ({"clip_range": 0.1}, Code.UNKNOWN, ("clip_range",)),
        ({"": 0.1}, Code.UNKNOWN, ("",)),
    ],
)
def test_a_bad_value_is_named_by_field_and_code(config: dict[str, Any], code: Code, path: tuple[str, ...]) -> None:
    problem = only(config)
    assert (problem.code, problem.field) == (code, ("config", *path))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"learning_rate": 5}, "learning_rate must be more than 0 and at most 0.1; it is 5."),
        ({"buffer_size": 50}, "buffer_size must be at least 100 and at most 10,000,000; it is 50."),
        ({"epochs": "3"}, 'epochs must be a whole number, not the text "3". Write it without quotation marks.'),
        ({"epochs": None}, "epochs must be a whole number, not null. Leave it out to use 50."),
        ({"hidden_layers": None}, "hidden_layers must be a list of whole numbers, not null."),
        ({"hidden_layers": []}, "hidden_layers must be a list of 1 to 8 numbers; it has 0."),
        ({"activation": "reul"}, 'Did you mean "relu"? Choose one of: relu, tanh, silu.'),
        ({"lerning_rate": 1}, 'DQN has no parameter "lerning_rate". Did you mean "learning_rate"?'),
        ({"Epochs": 1}, 'Did you mean "epochs"?'),
        ({"lr": 1}, 'Did you mean "learning_rate"?'),
        ({"gamma": 1}, 'Did you mean "discount"?'),
        ({"zzz": 1}, 'DQN has no parameter "zzz". Remove it.'),
    ],
)
def test_the_message_says_what_to_do(config: dict[str, Any], message: str) -> None:
    assert message in only(config).message


def test_every_problem_is_reported_in_the_order_of_the_config() -> None:
    config = {"epochs": 0, "lr": 1, "hidden_layers": [0, "x"], "discount": 2, "double": True}
    assert [problem.field for problem in validate(*DQN, config)] == [
        ("config", "epochs"),
        ("config", "lr"),
        ("config", "hidden_layers", "0"),
        ("config", "hidden_layers", "1"),
        ("config", "discount"),
    ]


@pytest.mark.parametrize("config", [None, [], "epochs", 3, True])
def test_what_is_no_object_is_refused(config: Any) -> None:
    problem = only(config)
    assert (problem.code, problem.field) == (Code.INVALID, ("config",))


def test_a_huge_config_is_refused_as_one_problem() -> None:
    assert len(validate(*DQN, {f"name{place}": 1 for place in range(MAX_KEYS)})) == MAX_KEYS
    problem = only({f"name{place}": 1 for place in range(MAX_KEYS + 1)})
    assert (problem.code, problem.field) == (Code.TOO_LONG, ("config",))


def test_a_deep_or_long_value_is_refused_without_being_walked_or_repeated() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    long = "x" * 1_000_000
    config = {"epochs": deep, "hidden_layers": deep, "activation": long, long: {"a": deep}}
    problems = validate(*DQN, config)
    assert [problem.code for problem in problems] == [Code.INVALID, Code.INVALID, Code.UNKNOWN, Code.UNKNOWN]
    assert all(len(problem.message) < 250 for problem in problems)
    assert all(len(part) <= 60 for problem in problems for part in problem.field)


def test_a_name_that_cannot_be_encoded_is_shown_so_that_it_can() -> None:
    problem = only({"\ud800\x00": 1})
    assert problem.message.encode()
    assert problem.field == ("config", "��")


def test_complete_fills_in_defaults_and_makes_types_canonical() -> None:
    whole = complete(*DQN, {"epochs": 3.0, "discount": 1, "hidden_layers": [32.0, 16], "double": True})
    assert (whole["epochs"], whole["discount"], whole["hidden_layers"], whole["double"]) == (3, 1.0, [32, 16], True)
    assert (type(whole["epochs"]), type(whole["discount"])) == (int, float)
    assert [type(size) for size in whole["hidden_layers"]] == [int, int]  # type: ignore[attr-defined]
    assert (whole["learning_rate"], whole["target_update"]) == (0.0005, 100)


def test_complete_gives_each_caller_lists_of_its_own() -> None:
    whole = complete(*DQN, {})
    whole["hidden_layers"].append(1)  # type: ignore[attr-defined]
    assert complete(*DQN, {})["hidden_layers"] == [64, 64]


def test_complete_refuses_what_validate_finds() -> None:
    bad = {"epochs": 0, "x": 1}
    with pytest.raises(Refused) as caught:
        complete(*DQN, bad)
    assert caught.value.problems == validate(*DQN, bad)
    assert len(caught.value.problems) == 2


def test_an_algorithm_that_is_not_offered_is_a_problem_of_its_own() -> None:
    problem = only({}, "order_execution", "dqn")
    assert (problem.code, problem.field) == (Code.UNKNOWN, ("algorithm",))
