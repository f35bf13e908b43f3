"""Which models may be judged together, and in which way."""

from __future__ import annotations

from typing import Any

import pytest

from app.factory import Factory
from domain.catalogue import AlgorithmName, TaskType
from domain.datasets.model import Dataset
from domain.ids import new_id
from domain.jobs.status import JobKind, JobStatus
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.jobs import a_job
from tests.support.people import Person, a_person
from tests.support.trainings import BARS, a_dataset_of, a_model

ORDERS = {"task_type": TaskType.ORDER_EXECUTION, "algorithm": AlgorithmName.ETEO}
FAST = {"task_type": TaskType.HIGH_FREQUENCY_TRADING, "algorithm": AlgorithmName.DDQN}
PORTFOLIO = {"task_type": TaskType.PORTFOLIO_MANAGEMENT, "algorithm": AlgorithmName.PG}
TERMS = {"side": "sell", "order_size": 1.0, "horizon": 30, "transaction_cost": 0.0003}
BOOK = ("bid_price_1", "ask_price_1", "bid_size_1", "ask_size_1")


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def book(factory: Factory, ann: Person) -> Dataset:
    return await a_dataset_of(factory, ann, "AAA", columns=(*BARS, *BOOK))


async def begun(api: Api, who: Person, *models: str, **wish: Any) -> JSON:
    kind = "BACKTEST" if len(models) == 1 else "COMPARISON"
    asked = {"kind": kind, "modelIds": list(models), **wish}
    return await api.do("startEvaluation", who, asked, "evaluation { id parameters } errors { code field }")


async def none_begun(api: Api, who: Person) -> bool:
    return bool((await api.data("{ evaluations { totalCount } }", who))["evaluations"]["totalCount"] == 0)


async def test_each_family_is_judged_at_its_own_costs(api: Api, factory: Factory, ann: Person, book: Dataset) -> None:
    for about, hyperparameters, capital in (
        (ORDERS, TERMS, 100_000.0),
        (FAST, {"initial_capital": 5_000.0, "transaction_cost": 0.0003}, 5_000.0),
    ):
        model = await a_model(factory, ann, dataset_id=book.id, hyperparameters=hyperparameters, **about)
        payload = await begun(api, ann, encode("Model", model.id))
        assert payload["errors"] == []
        setup = payload["evaluation"]["parameters"]["setup"]
        assert (setup["transaction_cost"], setup["slippage"]) == (0.0003, 0.0)
        assert (setup["drift"], setup["start_capital"]) == ("gross", capital)


async def test_families_do_not_mix(api: Api, factory: Factory, ann: Person, book: Dataset) -> None:
    order, other = [
        encode("Model", (await a_model(factory, ann, dataset_id=book.id, hyperparameters=values, **ORDERS)).id)
        for values in (TERMS, TERMS | {"horizon": 20})
    ]
    fast, plain, many = [
        encode("Model", (await a_model(factory, ann, dataset_id=book.id, **about)).id)
        for about in (FAST, {}, PORTFOLIO)
    ]
    for pair in ((order, plain), (order, fast), (fast, many), (order, other)):
        refused = await begun(api, ann, *pair)
        assert refused["errors"] == [{"code": "INVALID", "field": ["modelIds"]}]
    assert await none_begun(api, ann)
    assert (await begun(api, ann, fast, plain))["errors"] == []


async def test_who_trades_on_a_book_needs_one(api: Api, factory: Factory, ann: Person) -> None:
    bare = await a_dataset_of(factory, ann, "AAA")
    fast, plain = [
        encode("Model", (await a_model(factory, ann, dataset_id=bare.id, **about)).id) for about in (FAST, {})
    ]
    for models in ((fast,), (fast, plain)):
        refused = await begun(api, ann, *models)
        assert refused["errors"] == [{"code": "INVALID", "field": ["datasetId"]}]
    assert await none_begun(api, ann)


async def test_a_key_of_a_test_that_a_service_does(api: Api, factory: Factory, ann: Person, book: Dataset) -> None:
    """It is a job of the same kind, and of another shape."""
    told = {"training": "x", "labelling": "y", "label": 0, "dataset": "z", "agent": "w"}
    about = {"kind": JobKind.EVALUATION, "status": JobStatus.COMPLETED, "engine": "service", "parameters": told}
    async with factory.works() as work:
        await work.jobs.add(a_job(ann, **about), "mine")
    model = encode("Model", (await a_model(factory, ann, dataset_id=book.id)).id)
    refused = await begun(api, ann, model, idempotencyKey="mine")
    assert refused["errors"] == [{"code": "INVALID", "field": ["idempotencyKey"]}]
    assert await none_begun(api, ann)


async def test_the_other_way_round(api: Api, factory: Factory, ann: Person, book: Dataset) -> None:
    model = encode("Model", (await a_model(factory, ann, dataset_id=book.id)).id)
    assert (await begun(api, ann, model, idempotencyKey="mine"))["errors"] == []
    wish = {"labellingId": encode("Job", new_id()), "label": 0, "idempotencyKey": "mine"}
    refused = await api.do("startDynamicsTest", ann, wish, "job { id } errors { code field }")
    assert refused == {"job": None, "errors": [{"code": "INVALID", "field": ["idempotencyKey"]}]}
