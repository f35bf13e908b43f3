from __future__ import annotations

from typing import Any

import pytest

from domain.catalogue import algorithms, validate
from domain.catalogue.rules import RULES
from domain.errors import Code

DQN = ("algorithmic_trading", "dqn")
PPO = ("portfolio_management", "ppo")
EIIE = ("portfolio_management", "eiie")
SAC = ("portfolio_management", "sac")
ETEO = ("order_execution", "eteo")

# algorithm, a config that just holds, one that just does not, the field that is named
CASES: list[tuple[tuple[str, str], dict[str, Any], dict[str, Any], str]] = [
    (DQN, {"batch_size": 2_000, "buffer_size": 2_000}, {"batch_size": 2_001, "buffer_size": 2_000}, "batch_size"),
    (SAC, {"warmup_steps": 2_000, "buffer_size": 2_000}, {"warmup_steps": 2_001, "buffer_size": 2_000}, "warmup_steps"),
    (
        PPO,
        {"batch_size": 32, "rollout_length": 8, "parallel_environments": 4},
        {"batch_size": 33, "rollout_length": 8, "parallel_environments": 4},
        "batch_size",
    ),
    (
        DQN,
        {"exploration_start": 0.5, "exploration_end": 0.5},
        {"exploration_start": 0.5, "exploration_end": 0.51},
        "exploration_end",
    ),
    (
        DQN,
        {"weight_decay": 9.9, "learning_rate": 0.1},
        {"weight_decay": 10, "learning_rate": 0.1},
        "weight_decay",
    ),
    (EIIE, {"kernel_size": 4, "lookback": 4}, {"kernel_size": 5, "lookback": 4}, "kernel_size"),
    (
        DQN,
        {"position_levels": 4, "allow_short": False},
        {"position_levels": 4, "allow_short": True},
        "position_levels",
    ),
    (ETEO, {"max_slice": 0.1, "horizon": 10}, {"max_slice": 0.1, "horizon": 9}, "max_slice"),
]


@pytest.mark.parametrize(("algorithm", "good", "bad", "field"), CASES, ids=lambda case: str(case)[:40])
def test_a_rule_holds_or_names_its_field(
    algorithm: tuple[str, str], good: dict[str, Any], bad: dict[str, Any], field: str
) -> None:
    assert validate(*algorithm, good) == ()
    (problem,) = validate(*algorithm, bad)
    assert (problem.code, problem.field) == (Code.OUT_OF_RANGE, ("config", field))


def test_every_rule_has_a_case_and_binds_an_algorithm() -> None:
    bound = {rule.fields for algorithm in algorithms() for rule in algorithm.rules}
    assert bound == {rule.fields for rule in RULES}
    assert {fields[0] for fields in bound} == {case[3] for case in CASES}
    assert len(CASES) == len(RULES)


def test_a_rule_binds_exactly_the_algorithms_that_have_its_fields() -> None:
    for algorithm in algorithms():
        names = {parameter.name for parameter in algorithm.parameters}
        assert algorithm.rules == tuple(rule for rule in RULES if names >= set(rule.fields))


def test_a_rule_against_a_default_names_the_field_that_was_given() -> None:
    (problem,) = validate(*DQN, {"exploration_start": 0.01})
    assert problem.field == ("config", "exploration_start")
    assert problem.message == (
        "exploration_end must not exceed exploration_start. "
        "Here exploration_end is 0.05 (the default), exploration_start is 0.01."
    )


def test_a_field_that_is_wrong_in_itself_is_not_judged_by_rules_as_well() -> None:
    problems = validate(*DQN, {"batch_size": 0, "buffer_size": "x", "warmup_steps": 20_000})
    assert [(problem.code, problem.field[1]) for problem in problems] == [
        (Code.OUT_OF_RANGE, "batch_size"),
        (Code.INVALID, "buffer_size"),
    ]


def test_an_unknown_name_does_not_keep_rules_from_being_judged() -> None:
    problems = validate(*DQN, {"config": 1, "exploration_start": 0.01})
    assert [problem.code for problem in problems] == [Code.UNKNOWN, Code.OUT_OF_RANGE]
