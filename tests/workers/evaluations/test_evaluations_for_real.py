"""An evaluation with nothing in a real part's place: a trained model, its data, the child process, files, the graph."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest

from app.client.round import MARKET, STEPS
from app.factory import Factory
from tests.support.api import JSON, Api
from tests.support.datasets import jobs_done
from tests.support.people import Person, a_person

WISH = {"request": MARKET | {"rows": 600}, "steps": list(STEPS)}
FIGURES = "performance { totalReturn sharpe costs trades beta finalEquity } risk { maxDrawdown valueAtRisk }"
ENTRY = f"""
  key name isBaseline model {{ id }} {FIGURES} monthlyReturns {{ year month value }} yearlyReturns {{ year value }}
  drawdowns {{ depth peak trough recovery }}
"""
ALL = f"""
  id kind name status bars from to finishedAt parameters entries {{ {ENTRY} }}
  comparison {{ ranking winner differences {{ first second value low high p correctedP real }} }}
  regimes {{ regime from to }} byRegime {{ regime bars entries {{ key totalReturn sharpe }} }}
  scenarios {{ scenario strength entries {{ key worst median best outcomes {{ totalReturn maxDrawdown costs }} }} }}
  models {{ id }} job {{ status error {{ code message }} evaluation {{ id }} logs(last: 20) {{ nodes {{ message }} }} }}
  dataset {{ id }}
"""


async def a_model(api: Api, factory: Factory, ann: Person, epochs: int = 3) -> JSON:
    """Trained for real, with its dataset."""
    made = await api.do("importDataset", ann, {"name": "Market", **WISH}, "dataset { id } errors { message }")
    basis = {
        "name": f"DQN {epochs}",
        "taskType": "ALGORITHMIC_TRADING",
        "algorithm": "DQN",
        "config": {"epochs": epochs},
    }
    strategy = await api.do("createStrategy", ann, basis, "strategy { id } errors { message }")
    await jobs_done(factory)
    ids = {"strategyId": strategy["strategy"]["id"], "datasetId": made["dataset"]["id"]}
    started = await api.do("startTraining", ann, {**ids, "seeds": [1]}, "job { id } errors { message }")
    await jobs_done(factory)
    document = "query($id: ID!) { node(id: $id) { ... on Job { model { id measures { split name value } } } } }"
    model = (await api.data(document, ann, id=started["job"]["id"]))["node"]["model"]
    return {**model, "dataset": made["dataset"]["id"]}


async def shown(api: Api, who: Person, id: str, fields: str = ALL) -> Any:
    return (await api.data(f"query($id: ID!) {{ node(id: $id) {{ ... on Evaluation {{ {fields} }} }} }}", who, id=id))[
        "node"
    ]


async def begun(api: Api, who: Person, wish: dict[str, Any]) -> str:
    payload = await api.do("startEvaluation", who, wish, "evaluation { id status } errors { code field message }")
    assert payload["errors"] == []
    assert payload["evaluation"]["status"] == "QUEUED"
    return str(payload["evaluation"]["id"])


async def test_a_model_is_judged(api: Api, factory: Factory) -> None:
    ann = await a_person(factory, "ann")
    model = await a_model(api, factory, ann)
    wish = {"kind": "BACKTEST", "modelIds": [model["id"]]}
    first, second = [await begun(api, ann, wish) for _ in range(2)]
    empty = await shown(api, ann, first)
    assert (empty["entries"], empty["bars"], empty["comparison"]) == ([], None, None)
    await jobs_done(factory)

    found = await shown(api, ann, first)
    assert found["job"]["error"] is None
    assert (found["status"], found["kind"], found["comparison"], found["scenarios"]) == (
        "COMPLETED",
        "BACKTEST",
        None,
        [],
    )
    assert found["job"]["evaluation"]["id"] == first
    assert [each["key"] for each in found["entries"]] == ["model-1", "buy_and_hold", "equal_weight", "random", "flat"]
    own, held = found["entries"][:2]
    assert (own["model"]["id"], own["isBaseline"], held["model"], held["isBaseline"]) == (
        model["id"],
        False,
        None,
        True,
    )
    said = {(each["split"], each["name"]): each["value"] for each in model["measures"]}
    assert own["performance"]["totalReturn"] == pytest.approx(said["TEST", "total_return"], abs=1e-12)
    assert held["performance"]["beta"] == pytest.approx(1.0)

    await _series_and_trades(api, ann, first, own)
    await _listed(api, ann, model["id"], [second, first])
    again = await shown(api, ann, second)
    assert {name: again[name] for name in ("entries", "regimes", "byRegime")} == {
        name: found[name] for name in ("entries", "regimes", "byRegime")
    }
    assert await _file(api, ann, first, "SERIES") == await _file(api, ann, second, "SERIES")
    assert await _file(api, ann, first, "TRADES") == await _file(api, ann, second, "TRADES")


async def _series_and_trades(api: Api, ann: Person, id: str, own: JSON) -> None:
    document = """query($id: ID!) {
      equity: evaluationSeries(evaluationId: $id, key: "model-1", name: EQUITY, points: 50) { column times values }
      held: evaluationSeries(evaluationId: $id, key: "buy_and_hold", name: DRAWDOWN) { values }
      evaluationPositions(evaluationId: $id, key: "model-1", points: 20) { column values }
      evaluationTrades(evaluationId: $id, count: 3) { columns rows total offset }
    }"""
    found = await api.data(document, ann, id=id)
    assert (len(found["equity"]["values"]), found["equity"]["values"][0]) == (50, 100_000.0)
    assert found["equity"]["values"][-1] == own["performance"]["finalEquity"]
    assert max(found["held"]["values"]) == 0.0
    assert [len(line["values"]) for line in found["evaluationPositions"]] == [20]
    trades = found["evaluationTrades"]
    assert trades["columns"] == ["time", "symbol", "side", "quantity", "price", "cost", "profit"]
    assert trades["total"] == own["performance"]["trades"]


async def _listed(api: Api, ann: Person, model: str, ids: list[str]) -> None:
    document = """query($id: ID!) {
      evaluations(filter: {modelId: $id, kind: BACKTEST}) { nodes { id } totalCount }
      node(id: $id) { ... on Model { evaluations(first: 5) { nodes { id } totalCount } } }
    }"""
    found = await api.data(document, ann, id=model)
    for listed in (found["evaluations"], found["node"]["evaluations"]):
        assert ([each["id"] for each in listed["nodes"]], listed["totalCount"]) == (ids, 2)


async def _file(api: Api, who: Person, id: str, part: str) -> bytes:
    payload = await api.do(
        "requestEvaluationDownload", who, {"id": id, "part": part}, "link { url } errors { code message }"
    )
    assert payload["errors"] == []
    fetched = await api.client.get(payload["link"]["url"])
    assert fetched.status_code == 200
    assert pl.read_parquet(io.BytesIO(fetched.content)).columns[0] == "time"
    return fetched.content


async def test_models_are_compared_and_stressed(api: Api, factory: Factory) -> None:
    ann = await a_person(factory, "ann")
    one, other = await a_model(api, factory, ann), await a_model(api, factory, ann, epochs=2)
    compared = await begun(
        api,
        ann,
        {
            "kind": "COMPARISON",
            "modelIds": [one["id"], other["id"]],
            "datasetId": one["dataset"],
            "latencyBars": 1,
            "from": "2021-01-01",
            "to": "2021-06-01T00:00:00Z",
        },
    )
    stressed = await begun(
        api,
        ann,
        {
            "kind": "STRESS_TEST",
            "modelIds": [one["id"]],
            "scenarios": [{"scenario": "CRASH", "strength": 0.5}, {"scenario": "BOOTSTRAP", "runs": 3}],
        },
    )
    await jobs_done(factory)
    found = await shown(api, ann, compared)
    assert (found["status"], found["from"][:7], found["to"][:7]) == ("COMPLETED", "2021-01", "2021-05")
    assert len(found["comparison"]["differences"]) == 15
    assert [each["id"] for each in found["models"]] == [one["id"], other["id"]]
    assert len({each["name"] for each in found["entries"]}) >= 5
    hard = await shown(api, ann, stressed)
    assert hard["job"]["error"] is None
    crash, shuffled = hard["scenarios"]
    assert (crash["scenario"], crash["strength"], shuffled["strength"]) == ("CRASH", 0.5, 20.0)
    held = next(each for each in crash["entries"] if each["key"] == "buy_and_hold")
    assert held["worst"] < -0.3
    assert [len(each["outcomes"]) for each in shuffled["entries"]] == [3] * 5
