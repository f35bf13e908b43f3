"""Starting evaluations and looking at them, without the work itself."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.models.model import KIND
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.evaluations import an_evaluation
from tests.support.people import Person, a_person
from tests.support.trainings import a_dataset_of, a_model, a_trading_strategy

STARTED = "evaluation { id name parameters dataset { id } job { id kind strategy { id } } } errors { code field }"
COSTS = {"transaction_cost": 0.002, "slippage": 0.0005}


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def ids(factory: Factory, ann: Person, **values: Any) -> JSON:
    dataset = await a_dataset_of(factory, ann, "AAA")
    model = await a_model(factory, ann, dataset_id=dataset.id, hyperparameters=COSTS, **values)
    return {"model": encode("Model", model.id), "dataset": encode("Dataset", dataset.id)}


async def begun(api: Api, who: Person, **wish: Any) -> JSON:
    return await api.do("startEvaluation", who, {"kind": "BACKTEST"} | wish, STARTED)


async def test_what_is_left_out_is_taken_from_the_model(api: Api, factory: Factory, ann: Person) -> None:
    strategy = await a_trading_strategy(factory, ann)
    known = await ids(factory, ann, strategy=strategy)
    payload = await begun(api, ann, modelIds=[known["model"]])
    assert payload["errors"] == []
    made = payload["evaluation"]
    assert made["name"] == "Backtest of Agent on Prices"
    assert made["dataset"]["id"] == known["dataset"]
    assert made["job"]["kind"] == "EVALUATION"
    assert made["job"]["strategy"]["id"] == encode("Strategy", strategy.id)
    asked = made["parameters"]
    assert (asked["split"], asked["since"], asked["benchmark"]) == ("test", None, "buy_and_hold")
    assert {name: asked["setup"][name] for name in COSTS} == COSTS
    assert (asked["setup"]["drift"], asked["setup"]["latency_bars"]) == ("gross", 0)
    assert [model["key"] for model in asked["models"]] == ["model-1"]


async def test_other_data_has_no_parts(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann)
    other = encode("Dataset", (await a_dataset_of(factory, ann, "AAA", name="Other")).id)
    there = await begun(api, ann, modelIds=[known["model"]], datasetId=other)
    assert there["evaluation"]["parameters"]["split"] is None
    refused = await begun(api, ann, modelIds=[known["model"]], datasetId=other, split="TEST")
    assert refused["errors"] == [{"code": "INVALID", "field": ["split"]}]


async def test_asked_twice_it_is_the_same(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann)
    wish = {"modelIds": [known["model"]], "idempotencyKey": "mine"}
    one, other = await begun(api, ann, **wish), await begun(api, ann, **wish)
    assert one["evaluation"]["id"] == other["evaluation"]["id"]
    for change in ({"seed": 1}, {"slippage": 0.01}, {"to": "2021-01-01"}, {"name": "Other"}, {"latencyBars": 1}):
        changed = await begun(api, ann, **wish, **change)
        assert changed["errors"] == [{"code": "INVALID", "field": ["idempotencyKey"]}]


async def test_what_cannot_be_judged(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann)
    homeless = encode("Model", (await a_model(factory, ann)).id)
    assert (await begun(api, ann, modelIds=[homeless]))["errors"] == [{"code": "REQUIRED", "field": ["datasetId"]}]
    nothing = await begun(api, ann, modelIds=[known["model"]], datasetId="")
    assert nothing["errors"] == [{"code": "NOT_FOUND", "field": ["datasetId"]}]
    many = encode("Dataset", (await a_dataset_of(factory, ann, "AAA", "BBB", name="Two")).id)
    which = await begun(api, ann, modelIds=[known["model"]], datasetId=many)
    assert which["errors"] == [{"code": "REQUIRED", "field": ["symbol"]}]
    named = await begun(api, ann, modelIds=[known["model"]], datasetId=many, symbol="BBB")
    assert named["errors"] == []


async def test_a_model_without_files_cannot_act(api: Api, factory: Factory, ann: Person) -> None:
    dataset = await a_dataset_of(factory, ann, "AAA")
    model = await a_model(factory, ann, dataset_id=dataset.id)
    async with factory.works() as work:
        await work.blobs.release(KIND, model.id)
    payload = await begun(api, ann, modelIds=[encode("Model", model.id)])
    assert payload["errors"] == [{"code": "WRONG_STATE", "field": ["modelIds"]}]
    assert (await api.data("{ evaluations { totalCount } }", ann))["evaluations"]["totalCount"] == 0


async def test_looking_before_the_end_and_for_what_is_not_there(api: Api, factory: Factory, ann: Person) -> None:
    known = await ids(factory, ann)
    waiting = (await begun(api, ann, modelIds=[known["model"]]))["evaluation"]["id"]
    document = (
        "query($id: ID!, $key: String!) { evaluationSeries(evaluationId: $id, key: $key, name: EQUITY) { values } }"
    )
    assert await api.codes(document, ann, id=waiting, key="model-1") == ["BAD_USER_INPUT"]
    over = encode("Evaluation", (await an_evaluation(factory, ann, await a_model(factory, ann))).id)
    assert await api.codes(document, ann, id=over, key="model-7") == ["BAD_USER_INPUT"]
    found = await api.data(document, ann, id=over, key="model-1")
    assert found["evaluationSeries"]["values"] == [1.0]
    wish = {"id": waiting, "part": "SERIES"}
    early = await api.do("requestEvaluationDownload", ann, wish, "errors { code field }")
    assert early["errors"] == [{"code": "WRONG_STATE", "field": ["part"]}]
    unknown = {"id": over, "part": "TRADES", "key": "model-9"}
    refused = await api.do("requestEvaluationDownload", ann, unknown, "errors { code field }")
    assert refused["errors"] == [{"code": "UNKNOWN", "field": ["key"]}]


async def test_files_for_spreadsheets(api: Api, factory: Factory, ann: Person) -> None:
    over = encode("Evaluation", (await an_evaluation(factory, ann, await a_model(factory, ann))).id)
    wish = {"id": over, "part": "TRADES", "form": "CSV"}
    for _ in range(2):
        payload = await api.do("requestEvaluationDownload", ann, wish, "link { url } errors { code }")
        assert payload["errors"] == []
        fetched = await api.client.get(payload["link"]["url"])
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "text/csv; charset=utf-8")
        assert fetched.text.splitlines()[0] == "time,symbol,side,quantity,price,profit"
        assert "AAA,buy,1.0," in fetched.text


async def test_a_model_that_is_deleted_leaves_its_figures(api: Api, factory: Factory, ann: Person) -> None:
    model = await a_model(factory, ann)
    id_ = encode("Evaluation", (await an_evaluation(factory, ann, model)).id)
    await factory.use.models.delete(ann.viewer, model.id)
    document = """query($id: ID!) { node(id: $id) { ... on Evaluation {
      models { id } entries { key model { id } performance { sharpe omega } } } } }"""
    found = (await api.data(document, ann, id=id_))["node"]
    assert found["models"] == [None]
    assert found["entries"] == [{"key": "model-1", "model": None, "performance": {"sharpe": 1.5, "omega": None}}]
