"""What may be asked of evaluations."""

from __future__ import annotations

from datetime import UTC, datetime
from math import nan
from typing import Any

import pytest

from domain.analysis.names import USUAL, Scenario
from domain.errors import Code, Refused
from domain.evaluations.model import EvaluationKind
from domain.evaluations.walk import WalkWish
from domain.evaluations.wish import EvaluationWish, StressWish
from domain.ids import new_id

ONE, TWO = (new_id(),), (new_id(), new_id())
DAY = datetime(2024, 1, 1, tzinfo=UTC)


def wish(**values: Any) -> EvaluationWish:
    return EvaluationWish(**{"kind": EvaluationKind.BACKTEST, "model_ids": ONE} | values)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"model_ids": ()}, Code.TOO_SHORT, ("model_ids",)),
        ({"model_ids": TWO}, Code.TOO_LONG, ("model_ids",)),
        ({"kind": EvaluationKind.COMPARISON}, Code.TOO_SHORT, ("model_ids",)),
        ({"kind": EvaluationKind.COMPARISON, "model_ids": ONE * 2}, Code.INVALID, ("model_ids",)),
        ({"split": "test", "since": DAY}, Code.INVALID, ("split",)),
        ({"since": DAY, "until": DAY}, Code.INVALID, ("to",)),
        ({"transaction_cost": 0.11}, Code.OUT_OF_RANGE, ("transaction_cost",)),
        ({"slippage": nan}, Code.OUT_OF_RANGE, ("slippage",)),
        ({"start_capital": 0.5}, Code.OUT_OF_RANGE, ("start_capital",)),
        ({"latency_bars": -1}, Code.OUT_OF_RANGE, ("latency_bars",)),
        ({"max_position": 0.0}, Code.OUT_OF_RANGE, ("max_position",)),
        ({"seed": 2**31}, Code.OUT_OF_RANGE, ("seed",)),
        ({"benchmark": "luck"}, Code.UNKNOWN, ("benchmark",)),
        ({"name": " "}, Code.REQUIRED, ("name",)),
        ({"key": "x" * 101}, Code.TOO_LONG, ("idempotency_key",)),
        ({"stress": (StressWish(Scenario.GAP),)}, Code.INVALID, ("scenarios",)),
    ],
)
def test_what_is_refused(values: dict[str, Any], code: Code, field: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        wish(**values).cleaned()
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(code, field)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start_capital": 0.01}, "Start capital must be from 1 to 1,000,000,000,000."),
        ({"slippage": 0.2}, "Slippage must be from 0 to 0.1."),
        ({"seed": -1}, "Seed must be from 0 to 2,147,483,647."),
        ({"since": DAY, "until": DAY}, "The period is over before it begins. Let `to` be later than `from`."),
    ],
)
def test_how_bounds_are_told(values: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as refused:
        wish(**values).cleaned()
    assert [problem.message for problem in refused.value.problems] == [message]


@pytest.mark.parametrize(
    ("stress", "code", "field"),
    [
        (StressWish(Scenario.CRASH, 1.0), Code.OUT_OF_RANGE, ("scenarios", "0", "strength")),
        (StressWish(Scenario.CRASH, nan), Code.OUT_OF_RANGE, ("scenarios", "0", "strength")),
        (StressWish(Scenario.BOOTSTRAP, runs=51), Code.OUT_OF_RANGE, ("scenarios", "0", "runs")),
        (StressWish(Scenario.CRASH, runs=2), Code.INVALID, ("scenarios", "0", "runs")),
    ],
)
def test_what_is_refused_of_scenarios(stress: StressWish, code: Code, field: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        wish(kind=EvaluationKind.STRESS_TEST, stress=(stress,)).cleaned()
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(code, field)]


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"model_ids": TWO}, Code.TOO_LONG, ("model_ids",)),
        ({"walk": WalkWish(folds=1)}, Code.OUT_OF_RANGE, ("walk", "folds")),
        ({"walk": WalkWish(folds=21)}, Code.OUT_OF_RANGE, ("walk", "folds")),
        ({"walk": WalkWish(epochs=0)}, Code.OUT_OF_RANGE, ("walk", "epochs")),
        ({"walk": WalkWish(epochs=1_001)}, Code.OUT_OF_RANGE, ("walk", "epochs")),
        ({"split": "test"}, Code.INVALID, ("split",)),
        ({"stress": (StressWish(Scenario.GAP),)}, Code.INVALID, ("scenarios",)),
        ({"kind": EvaluationKind.BACKTEST, "walk": WalkWish()}, Code.INVALID, ("walk",)),
    ],
)
def test_what_is_refused_of_walks(values: dict[str, Any], code: Code, field: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        wish(**{"kind": EvaluationKind.WALK_FORWARD} | values).cleaned()
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [(code, field)]


def test_a_walk_is_as_usual_where_nothing_is_said() -> None:
    assert wish(kind=EvaluationKind.WALK_FORWARD).cleaned().walk == WalkWish(5, anchored=False, epochs=None)
    most = WalkWish(20, anchored=True, epochs=1_000)
    assert wish(kind=EvaluationKind.WALK_FORWARD, walk=most).cleaned().walk == most
    assert wish().cleaned().walk is None


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        wish(seed=-1, benchmark="luck", model_ids=()).cleaned()
    assert len(refused.value.problems) == 3


def test_too_many_runs_in_all() -> None:
    many = (StressWish(Scenario.BOOTSTRAP, runs=50),) * 5
    with pytest.raises(Refused) as refused:
        wish(kind=EvaluationKind.STRESS_TEST, stress=many).cleaned()
    assert refused.value.problems[0].code is Code.TOO_LONG


def test_what_is_left_out_is_as_usual() -> None:
    cleaned = wish(kind=EvaluationKind.STRESS_TEST, name=" a ").cleaned()
    assert cleaned.name == "a"
    assert {one.scenario: one.strength for one in cleaned.stress} == USUAL
    assert wish().cleaned().stress == ()
