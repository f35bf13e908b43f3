"""How many models were tried before one was chosen: settled when an evaluation is asked for, by what is seen then."""

from __future__ import annotations

import math
from statistics import stdev
from typing import Any

import pytest

from app.factory import Factory
from domain.evaluations import service
from domain.models.model import Model
from graph.ids import encode
from tests.support.api import JSON, Api
from tests.support.people import Person, a_person
from tests.support.strategies import project_row
from tests.support.trainings import a_dataset_of, a_model, a_trading_strategy

COSTS = {"transaction_cost": 0.001, "slippage": 0.0}


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


async def tried(factory: Factory, owner: Person, sharpe: float | None, **values: Any) -> Model:
    """Its Sharpe ratio is of a year of 252 bars."""
    measures = {"valid": {"sharpe": 3.0}, "test": {} if sharpe is None else {"sharpe": sharpe}}
    model = await a_model(factory, owner, measures=measures, hyperparameters=COSTS, **values)
    async with factory.engine.begin() as connection:
        statement = 'UPDATE models SET card = \'{"market": {"bars_per_year": 252}}\' WHERE id = $1'
        await connection.exec_driver_sql(statement, (model.id,))
    return model


async def order(api: Api, who: Person, *models: Model, **wish: Any) -> JSON:
    kind = "BACKTEST" if len(models) == 1 else "COMPARISON"
    wanted = {"kind": kind, "modelIds": [encode("Model", model.id) for model in models]} | wish
    payload = await api.do("startEvaluation", who, wanted, "evaluation { parameters trials } errors { code field }")
    assert payload["errors"] == []
    assert payload["evaluation"]["trials"] is None
    parameters: JSON = payload["evaluation"]["parameters"]
    return parameters


def as_told(*ratios: float) -> JSON:
    spread = stdev([ratio / math.sqrt(252) for ratio in ratios]) if len(ratios) > 1 else 0.0
    return {"count": len(ratios), "spread": pytest.approx(spread, rel=1e-12)}


async def test_those_of_the_same_strategy_count(api: Api, factory: Factory, ann: Person) -> None:
    data = await a_dataset_of(factory, ann, "AAA")
    strategy, other = [await a_trading_strategy(factory, ann, name) for name in ("one", "other")]
    for sharpe in (1.0, 2.0, None):
        await tried(factory, ann, sharpe, strategy=strategy, dataset_id=data.id)
    await tried(factory, ann, 5.0, strategy=other, dataset_id=data.id)
    model = await tried(factory, ann, -1.0, strategy=strategy, dataset_id=data.id)
    assert (await order(api, ann, model))["tried"] == as_told(1.0, 2.0, -1.0)
    # What comes later does not matter to it; what is asked for again is the same.
    first = await order(api, ann, model, idempotencyKey="k")
    await tried(factory, ann, 7.0, strategy=strategy, dataset_id=data.id)
    assert await order(api, ann, model, idempotencyKey="k") == first
    assert (await order(api, ann, model))["tried"]["count"] == 4
    # A walk-forward trains anew, so nobody has chosen what it judges.
    assert (await order(api, ann, model, kind="WALK_FORWARD"))["tried"] is None


async def test_without_a_strategy_those_of_the_owner_on_the_same_data_count(
    api: Api, factory: Factory, ann: Person
) -> None:
    data, elsewhere = await a_dataset_of(factory, ann, "AAA"), await a_dataset_of(factory, ann, "AAA", name="Other")
    await tried(factory, ann, 2.0, dataset_id=data.id)
    await tried(factory, ann, 4.0, dataset_id=elsewhere.id)
    await tried(factory, await a_person(factory, "bob"), 9.0, dataset_id=data.id)
    model = await tried(factory, ann, 1.0, dataset_id=data.id)
    assert (await order(api, ann, model))["tried"] == as_told(2.0, 1.0)
    # Of a model whose data is gone, only the models themselves are known.
    alone = await tried(factory, ann, 3.0)
    assert (await order(api, ann, alone, datasetId=encode("Dataset", data.id)))["tried"] == as_told(3.0)
    assert (await order(api, ann, model, alone, datasetId=encode("Dataset", data.id)))["tried"] == as_told(2, 1, 3)


async def test_what_one_does_not_see_is_not_counted(api: Api, factory: Factory, ann: Person) -> None:
    bob = await a_person(factory, "bob")
    project = await project_row(factory, ann, bob)
    strategy = await a_trading_strategy(factory, ann, project=project)
    data = await a_dataset_of(factory, bob, "AAA")
    await tried(factory, ann, 2.0, strategy=strategy)
    his = await tried(factory, bob, 1.0, strategy=strategy, dataset_id=data.id)
    assert (await order(api, bob, his))["tried"] == as_told(2.0, 1.0)
    removal = {"projectId": encode("Project", project.id), "userId": bob.id}
    assert (await api.do("removeMember", ann, removal))["errors"] == []
    assert (await order(api, bob, his))["tried"] == as_told(1.0)


async def test_only_the_latest_ones_are_looked_at(
    api: Api, factory: Factory, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_TRIED", 2)
    data = await a_dataset_of(factory, ann, "AAA")
    oldest = await tried(factory, ann, 1.0, dataset_id=data.id)
    for sharpe in (2.0, 3.0, 4.0):
        youngest = await tried(factory, ann, sharpe, dataset_id=data.id)
    assert (await order(api, ann, youngest))["tried"] == as_told(3.0, 4.0)
    # The one that is judged counts, however old it is.
    assert (await order(api, ann, oldest))["tried"] == as_told(1.0, 3.0, 4.0)


async def test_where_nothing_is_known_nothing_is_said(api: Api, factory: Factory, ann: Person) -> None:
    data = await a_dataset_of(factory, ann, "AAA")
    model = await a_model(factory, ann, dataset_id=data.id, hyperparameters=COSTS)
    assert (await order(api, ann, model))["tried"] is None
