"""What a strategy starts from, and what is laid over it."""

from __future__ import annotations

import pytest

from domain.catalogue import AlgorithmName, TaskType, complete
from domain.errors import Code, Refused
from domain.strategies.basis import Basis

PPO = (TaskType.PORTFOLIO_MANAGEMENT, AlgorithmName.PPO)
DEFAULTS = complete(*PPO, {})


def refusals(refused: Refused) -> list[tuple[Code, tuple[str, ...]]]:
    return [(problem.code, problem.field) for problem in refused.problems]


def test_from_scratch_the_rest_is_defaults() -> None:
    assert Basis.of(*PPO).completed({"epochs": 7}) == DEFAULTS | {"epochs": 7}


def test_what_is_given_is_laid_over_what_is_there() -> None:
    basis = Basis(*PPO, {"epochs": 7, "discount": 0.5})
    assert basis.completed({}) == DEFAULTS | {"epochs": 7, "discount": 0.5}
    assert basis.completed({"epochs": 8}) == DEFAULTS | {"epochs": 8, "discount": 0.5}


def test_a_null_puts_a_parameter_back_to_its_default() -> None:
    assert Basis(*PPO, {"epochs": 7}).completed({"epochs": None}) == DEFAULTS


def test_a_null_for_what_is_not_there_is_judged_like_any_value() -> None:
    for name, code in (("epochs", Code.INVALID), ("nonsense", Code.UNKNOWN)):
        with pytest.raises(Refused) as refused:
            Basis(*PPO).completed({name: None})
        assert refusals(refused.value) == [(code, ("config", name))]


def test_a_parameter_that_is_no_longer_offered_can_be_taken_out() -> None:
    old = Basis(*PPO, {"epochs": 7, "no_longer_offered": 1})
    with pytest.raises(Refused) as refused:
        old.completed({})
    assert refusals(refused.value) == [(Code.UNKNOWN, ("config", "no_longer_offered"))]
    assert old.completed({"no_longer_offered": None}) == DEFAULTS | {"epochs": 7}


@pytest.mark.parametrize("config", [[], "text", 1, True, None])
def test_what_is_no_object_is_refused(config: object) -> None:
    with pytest.raises(Refused) as refused:
        Basis(*PPO, {"epochs": 7}).completed(config)
    assert refusals(refused.value) == [(Code.INVALID, ("config",))]


def test_task_and_algorithm_must_be_named_and_both_are_missed_at_once() -> None:
    with pytest.raises(Refused) as refused:
        Basis.of(None, None)
    assert refusals(refused.value) == [(Code.REQUIRED, ("task_type",)), (Code.REQUIRED, ("algorithm",))]


def test_another_task_or_algorithm_than_the_origins_is_refused() -> None:
    basis = Basis(*PPO)
    assert basis.agreeing(None, None) is basis
    assert basis.agreeing(*PPO) is basis
    with pytest.raises(Refused) as refused:
        basis.agreeing(TaskType.ORDER_EXECUTION, AlgorithmName.PD)
    assert refusals(refused.value) == [(Code.INVALID, ("task_type",)), (Code.INVALID, ("algorithm",))]
