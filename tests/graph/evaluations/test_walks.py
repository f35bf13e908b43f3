"""Asking for a walk-forward, and reading what came of it, without the work itself."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.evaluations import WHOLE, an_evaluation
from tests.support.people import Person, a_person
from tests.support.trainings import a_dataset_of, a_model

STARTED = "evaluation { id name kind parameters folds { bars } walk { beatAll } } errors { code field }"


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def ids(factory: Factory, ann: Person, *symbols: str, **values: Any) -> JSON:
    dataset = await a_dataset_of(factory, ann, *symbols)
    model = await a_model(factory, ann, dataset_id=dataset.id, **values)
    return {"modelIds": [encode("Model", model.id)], "datasetId": encode("Dataset", dataset.id)}


async def begun(api: Api, who: Person, **wish: Any) -> JSON:
    return await api.do("startEvaluation", who, {"kind": "WALK_FORWARD"} | wish, STARTED)


async def test_what_is_left_out_is_as_usual(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann, "AAA")
    payload = await begun(api, ann, **known)
    assert payload["errors"] == []
    made = payload["evaluation"]
    assert (made["name"], made["kind"]) == ("Walk-forward of Agent on Prices", "WALK_FORWARD")
    assert made["parameters"]["walk"] == {"folds": 5, "anchored": False, "epochs": None}
    # All of its own data, and not the test split alone.
    assert made["parameters"]["split"] is None
    assert (made["folds"], made["walk"]) == ([], None)


async def test_the_model_knows_its_symbol(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann, "AAA", "BBB")
    assert (await begun(api, ann, **known))["errors"] == []
    backtest = await begun(api, ann, **known | {"kind": "BACKTEST"})
    assert backtest["errors"] == [{"code": "REQUIRED", "field": ["symbol"]}]
    unknown = await begun(api, ann, **known, symbol="ZZZ")
    assert unknown["errors"] == [{"code": "UNKNOWN", "field": ["symbol"]}]


async def test_what_is_refused_changes_nothing(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann, "AAA")
    for wrong, field in (
        ({"walk": {"folds": 1}}, ["walk", "folds"]),
        ({"walk": {"epochs": 0}}, ["walk", "epochs"]),
        ({"split": "TEST"}, ["split"]),
        ({"kind": "BACKTEST", "walk": {"folds": 3}}, ["walk"]),
    ):
        payload = await begun(api, ann, **known | wrong)
        assert [each["field"] for each in payload["errors"]] == [field]
    for task, algorithm in (
        (TaskType.ORDER_EXECUTION, AlgorithmName.PD),
        (TaskType.HIGH_FREQUENCY_TRADING, AlgorithmName.DDQN),
    ):
        model = encode("Model", (await a_model(factory, ann, task_type=task, algorithm=algorithm)).id)
        payload = await begun(api, ann, **known | {"modelIds": [model]})
        assert payload["errors"] == [{"code": "INVALID", "field": ["modelIds"]}]
    found = await api.data("{ evaluations { totalCount } jobs(filter: {kind: EVALUATION}) { totalCount } }", ann)
    assert (found["evaluations"]["totalCount"], found["jobs"]["totalCount"]) == (0, 0)


async def test_asked_twice_it_is_the_same(api: Api, factory: Factory, ann: Person) -> None:
    wish = await ids(factory, ann, "AAA") | {"idempotencyKey": "mine", "walk": {"folds": 3}}
    one, other = await begun(api, ann, **wish), await begun(api, ann, **wish)
    assert one["evaluation"]["id"] == other["evaluation"]["id"]
    for walk in ({"folds": 4}, {"folds": 3, "anchored": True}, {"folds": 3, "epochs": 7}, None):
        changed = await begun(api, ann, **wish | {"walk": walk})
        assert changed["errors"] == [{"code": "INVALID", "field": ["idempotencyKey"]}]


async def test_reading_what_came_of_it(api: Api, factory: Factory, ann: Person) -> None:
    told = {name: WHOLE[name] for name in ("folds", "walk")}
    over = await an_evaluation(factory, ann, await a_model(factory, ann), told=told)
    document = """query($id: ID!) { node(id: $id) { ... on Evaluation {
      folds { from to bars trainedFrom trainedTo bestScore valid { totalReturn annualReturn sharpe }
        entries { key totalReturn sharpe } }
      walk { beatBuyAndHold beatAll annualReturn validAnnualReturn efficiency worst median best deviation }
      entries { key warnings } } } }"""
    found = (await api.data(document, ann, id=encode("Evaluation", over.id)))["node"]
    (fold,) = found["folds"]
    assert (fold["bars"], fold["bestScore"], fold["from"]) == (2, 0.5, "2020-01-02T00:00:00+00:00")
    assert fold["valid"] == {"totalReturn": 0.1, "annualReturn": None, "sharpe": 0.5}
    assert fold["entries"] == [{"key": "model-1", "totalReturn": 0.1, "sharpe": None}]
    assert (found["walk"]["beatBuyAndHold"], found["walk"]["beatAll"], found["walk"]["efficiency"]) == (1.0, 0.5, None)
    assert found["entries"] == [{"key": "model-1", "warnings": ["SUSPICIOUS"]}]
