from __future__ import annotations

import re

import pytest

from domain.catalogue import (
    Algorithm,
    AlgorithmName,
    Family,
    Group,
    Kind,
    Parameter,
    TaskType,
    algorithms,
    find,
    supported_algorithms,
    tasks,
)
from domain.catalogue.algorithms.compose import compose
from domain.catalogue.parameters.training import DISCOUNT, EPOCHS
from domain.errors import Code, Refused

OFFERED = {
    "algorithmic_trading": ["dqn", "ddqn", "deepscalper"],
    "portfolio_management": [
        "ppo",
        "a2c",
        "pg",
        "ddpg",
        "sac",
        "td3",
        "eiie",
        "sarl",
        "deeptrader",
        "investor_imitator",
    ],
    "order_execution": ["eteo", "pd"],
    "high_frequency_trading": ["ddqn"],
}
EVERY = [pytest.param(algorithm, id=f"{algorithm.task}-{algorithm.name}") for algorithm in algorithms()]


def test_the_pairs_on_offer_are_these_and_no_others() -> None:
    assert supported_algorithms() == OFFERED
    assert [task.name for task in tasks()] == list(TaskType)
    assert {algorithm.name for algorithm in algorithms()} == set(AlgorithmName)
    assert {algorithm.family for algorithm in algorithms()} == set(Family)


def test_a_pair_is_found_by_enum_or_by_text() -> None:
    found = find(TaskType.ORDER_EXECUTION, AlgorithmName.PD)
    assert (found.task, found.name) == ("order_execution", "pd")
    assert find("order_execution", "pd") is found


@pytest.mark.parametrize(
    ("task", "algorithm", "field", "message"),
    [
        ("order_execution", "dqn", "algorithm", 'The task order_execution has no algorithm "dqn".'),
        ("algorithmic_trading", "deepscalpr", "algorithm", 'Did you mean "deepscalper"?'),
        ("portfolio", "ppo", "task_type", 'Did you mean "portfolio_management"?'),
    ],
)
def test_what_is_not_offered_is_refused_with_a_hint(task: str, algorithm: str, field: str, message: str) -> None:
    with pytest.raises(Refused) as caught:
        find(task, algorithm)
    (problem,) = caught.value.problems
    assert (problem.code, problem.field) == (Code.UNKNOWN, (field,))
    assert message in problem.message


def test_the_same_name_means_the_same_everywhere() -> None:
    meanings: dict[str, set[Parameter]] = {}
    for algorithm in algorithms():
        for parameter in algorithm.parameters:
            meanings.setdefault(parameter.name, set()).add(parameter.with_default(0))
    assert [name for name, known in meanings.items() if len(known) > 1] == []


@pytest.mark.parametrize("algorithm", EVERY)
def test_an_algorithm_has_no_parameter_twice_and_shows_them_in_the_order_of_a_form(algorithm: Algorithm) -> None:
    names = [parameter.name for parameter in algorithm.parameters]
    assert len(set(names)) == len(names)
    places = [(list(Group).index(parameter.group), parameter.advanced) for parameter in algorithm.parameters]
    assert places == sorted(places)
    assert {"epochs", "learning_rate", "lookback", "transaction_cost"} <= set(names)


@pytest.mark.parametrize("algorithm", EVERY)
def test_a_parameter_is_named_explained_and_bounded(algorithm: Algorithm) -> None:
    for parameter in algorithm.parameters:
        is_list, is_choice = parameter.kind is Kind.INTEGER_LIST, parameter.kind is Kind.CHOICE
        is_numeric = parameter.kind in {Kind.INTEGER, Kind.NUMBER, Kind.INTEGER_LIST}
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", parameter.name)
        assert re.fullmatch(r"[A-Z].{20,199}\.", parameter.help)
        assert parameter.title[0].isupper()
        assert (parameter.minimum is not None, parameter.maximum is not None) == (is_numeric, is_numeric)
        assert (parameter.min_items is not None, parameter.max_items is not None) == (is_list, is_list)
        assert bool(parameter.choices) is is_choice


def test_a_parameter_is_found_by_its_name() -> None:
    dqn = find("algorithmic_trading", "dqn")
    assert dqn.parameter("discount") == DISCOUNT.with_default(0.9)
    assert dqn.parameter("clip_range") is None


def test_a_parameter_given_twice_or_a_default_for_none_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="twice"):
        compose(EPOCHS, EPOCHS)
    with pytest.raises(KeyError):
        compose(EPOCHS, learning_rate=0.1)
