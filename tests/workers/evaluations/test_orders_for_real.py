"""Models of order books with nothing in a real part's place: trained, judged, compared and read through the graph."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest

from app.factory import Factory
from tests.support.api import JSON, Api
from tests.support.datasets import jobs_done
from tests.support.people import Person, a_person

BOOK = {
    "request": {"source": "synthetic", "generator": "order_book", "rows": 700, "symbol": "BOOK", "seed": 3},
    "steps": [{"kind": "split", "train": 0.6, "valid": 0.2}],
}
SMALL = {"epochs": 2, "lookback": 3}
ORDERS = {**SMALL, "horizon": 10, "transaction_cost": 0.0002}
FIGURES = "mean low high median deviation worst cost filled participation beatsTwap beatsVwap"
ALL = f"""
  status bars from to comparison {{ winner }} regimes {{ regime }} byRegime {{ regime }} scenarios {{ scenario }}
  entries {{ key name isBaseline model {{ id }} warnings performance {{ sharpe totalReturn }} risk {{ maxDrawdown }}
    monthlyReturns {{ value }} drawdowns {{ depth }} }}
  execution {{ orders side quantity horizon entries {{ key name {FIGURES} }}
    comparison {{ ranking winner differences {{ first second value low high p correctedP real }} }} }}
  job {{ status error {{ code message }} result logs(last: 20) {{ nodes {{ message }} }} }}
"""


async def a_book(api: Api, factory: Factory, ann: Person) -> str:
    made = await api.do("importDataset", ann, {"name": "Book", **BOOK}, "dataset { id } errors { message }")
    await jobs_done(factory)
    return str(made["dataset"]["id"])


async def trained(
    api: Api, factory: Factory, ann: Person, book: str, task: str, algorithm: str, config: dict[str, Any]
) -> JSON:
    basis = {"name": algorithm, "taskType": task, "algorithm": algorithm, "config": config}
    strategy = await api.do("createStrategy", ann, basis, "strategy { id } errors { message }")
    ids = {"strategyId": strategy["strategy"]["id"], "datasetId": book}
    started = await api.do("startTraining", ann, {**ids, "seeds": [1]}, "job { id } errors { message }")
    assert started["errors"] == []
    await jobs_done(factory)
    document = "query($id: ID!) { node(id: $id) { ... on Job { model { id measures { split name value } } } } }"
    model: JSON = (await api.data(document, ann, id=started["job"]["id"]))["node"]["model"]
    return model


async def judged(api: Api, factory: Factory, who: Person, **wish: Any) -> JSON:
    started = await api.do("startEvaluation", who, wish, "evaluation { id } errors { code field message }")
    assert started["errors"] == []
    await jobs_done(factory)
    document = f"query($id: ID!) {{ node(id: $id) {{ id ... on Evaluation {{ {ALL} }} }} }}"
    found: JSON = (await api.data(document, who, id=started["evaluation"]["id"]))["node"]
    assert found["job"]["error"] is None
    assert found["status"] == "COMPLETED"
    return found


def said_of(model: JSON) -> dict[str, float]:
    """By its training, of the part that it never saw."""
    return {each["name"]: each["value"] for each in model["measures"] if each["split"] == "TEST"}


async def test_orders_are_judged_and_compared(api: Api, factory: Factory) -> None:
    ann = await a_person(factory, "ann")
    book = await a_book(api, factory, ann)
    eteo = await trained(api, factory, ann, book, "ORDER_EXECUTION", "ETEO", ORDERS)
    pd = await trained(api, factory, ann, book, "ORDER_EXECUTION", "PD", {**ORDERS, "teacher_epochs": 1})

    found = await judged(api, factory, ann, kind="BACKTEST", modelIds=[eteo["id"]])
    costs = {each["key"]: each for each in found["execution"]["entries"]}
    assert list(costs) == ["model-1", "twap", "vwap", "arrival"]
    assert costs["model-1"]["mean"] == pytest.approx(said_of(eteo)["cost_bps"], abs=1e-6)
    assert costs["model-1"]["beatsTwap"] == pytest.approx(said_of(eteo)["win_rate"])
    assert costs["model-1"]["low"] < costs["model-1"]["mean"] < costs["model-1"]["high"]
    assert (found["execution"]["side"], found["execution"]["horizon"]) == ("SELL", 10)
    own = found["entries"][0]
    assert (own["model"]["id"], own["performance"], own["risk"], own["warnings"]) == (eteo["id"], None, None, [])
    assert (own["monthlyReturns"], own["drawdowns"], found["comparison"], found["regimes"]) == ([], [], None, [])
    assert found["job"]["result"]["entries"][0]["key"] == "model-1"
    await _files(api, ann, found)

    both = await judged(api, factory, ann, kind="COMPARISON", modelIds=[eteo["id"], pd["id"]], name="Both")
    assert [each["key"] for each in both["execution"]["entries"]] == ["model-1", "model-2", *list(costs)[1:]]
    assert len(both["execution"]["comparison"]["differences"]) == 10
    assert both["execution"]["entries"][1]["mean"] == pytest.approx(said_of(pd)["cost_bps"], abs=1e-6)
    await _refused(api, ann, eteo["id"], found["id"])


async def _files(api: Api, ann: Person, found: JSON) -> None:
    document = "query($id: ID!) { evaluationTrades(evaluationId: $id, count: 3) { columns rows total } }"
    trades = (await api.data(document, ann, id=found["id"]))["evaluationTrades"]
    assert trades["columns"] == ["time", "symbol", "order", "side", "quantity", "price", "cost"]
    wish = {"id": found["id"], "part": "ORDERS"}
    payload = await api.do("requestEvaluationDownload", ann, wish, "link { url } errors { code }")
    orders = pl.read_parquet(io.BytesIO((await api.client.get(payload["link"]["url"])).content))
    assert orders.height == found["execution"]["orders"]
    assert orders.get_column("shortfall.twap").mean() == pytest.approx(found["execution"]["entries"][1]["mean"])


async def _refused(api: Api, ann: Person, model: str, over: str) -> None:
    """What there is no sense in, each by its field."""
    for more, field in (
        ({"kind": "STRESS_TEST"}, ["kind"]),
        ({"kind": "BACKTEST", "latencyBars": 1}, ["latencyBars"]),
        ({"kind": "BACKTEST", "maxPosition": 1.0}, ["maxPosition"]),
    ):
        payload = await api.do("startEvaluation", ann, {"modelIds": [model], **more})
        assert payload["errors"] == [{"code": "INVALID", "field": field}]
    payload = await api.do("requestEvaluationDownload", ann, {"id": over, "part": "SERIES"})
    assert payload["errors"] == [{"code": "INVALID", "field": ["part"]}]
    series = 'query($id: ID!) { evaluationSeries(evaluationId: $id, key: "model-1", name: EQUITY) { values } }'
    assert await api.codes(series, ann, id=over) == ["BAD_USER_INPUT"]
    assert (await api.data("{ evaluations { totalCount } }", ann))["evaluations"]["totalCount"] == 2


async def test_who_trades_on_the_book_earns_what_the_training_said(api: Api, factory: Factory) -> None:
    ann = await a_person(factory, "ann")
    book = await a_book(api, factory, ann)
    config = {**SMALL, "warmup_steps": 200, "initial_capital": 50_000}
    model = await trained(api, factory, ann, book, "HIGH_FREQUENCY_TRADING", "DDQN", config)
    found = await judged(api, factory, ann, kind="BACKTEST", modelIds=[model["id"]])
    own, said = found["entries"][0], said_of(model)
    assert own["performance"]["totalReturn"] == pytest.approx(said["total_return"], abs=1e-6)
    assert (own["performance"]["sharpe"] or 0.0) == pytest.approx(said["sharpe"], rel=1e-6, abs=1e-6)
    assert found["execution"] is None
    stress = [{"scenario": "COSTS"}, {"scenario": "DROUGHT"}, {"scenario": "VOLATILITY"}]
    hard = await judged(api, factory, ann, kind="STRESS_TEST", modelIds=[model["id"]], scenarios=stress)
    assert [each["scenario"] for each in hard["scenarios"]] == ["COSTS", "DROUGHT", "VOLATILITY"]
