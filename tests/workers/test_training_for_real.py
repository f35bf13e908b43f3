"""One training with nothing in a real part's place: made data, the engine in its child process, a model that acts."""

from __future__ import annotations

import json
import math

import pytest

from app.client.round import MARKET, STEPS
from app.factory import Factory
from app.storage import storage_for
from domain.blobs import Owner
from domain.models.model import KIND, Part
from tests.support.api import Api
from tests.support.datasets import jobs_done, uuid_of
from tests.support.people import a_person

WISH = {"request": MARKET | {"rows": 600}, "steps": list(STEPS)}
FIELDS = """
  status attempt error { code message } result hasCheckpoint
  model { id score bestScore measures { split name value } card }
  logs(last: 50) { nodes { message } }
  performanceAnalysis { key bars figures { totalReturn turnover trades } }
  metrics(names: ["sharpe"], splits: [VALID]) { count points { step value } }
"""


async def test_a_strategy_and_data_become_a_model(api: Api, factory: Factory) -> None:
    ann = await a_person(factory, "ann")
    made = await api.do("importDataset", ann, {"name": "Market", **WISH}, "dataset { id } errors { message }")
    strategy = await api.do(
        "createStrategy",
        ann,
        {"name": "DQN", "taskType": "ALGORITHMIC_TRADING", "algorithm": "DQN", "config": {"epochs": 5}},
        "strategy { id } errors { message }",
    )
    await jobs_done(factory)
    ids = {"strategyId": strategy["strategy"]["id"], "datasetId": made["dataset"]["id"]}
    started = await api.do("startTraining", ann, {**ids, "seeds": [1, 2]}, "job { id } errors { message }")
    assert started["errors"] == []
    await jobs_done(factory)

    document = f"query($id: ID!) {{ node(id: $id) {{ ... on Job {{ {FIELDS} }} }} }}"
    job = (await api.data(document, ann, id=started["job"]["id"]))["node"]
    assert (job["status"], job["attempt"], job["error"]) == ("COMPLETED", 1, None)
    assert [seed["seed"] for seed in job["result"]["seeds"]] == [1, 2]
    assert job["model"]["bestScore"] == max(seed["best_score"] for seed in job["result"]["seeds"])
    assert {one["split"] for one in job["model"]["measures"]} == {"TRAIN", "VALID", "TEST"}
    assert all(math.isfinite(one["value"]) for one in job["model"]["measures"])
    assert any("made up" in line["message"] for line in job["logs"]["nodes"])
    assert all(series["count"] == len(series["points"]) > 0 for series in job["metrics"])
    assert job["model"]["card"]["data"]["sha256"] == await _sha256(factory, made["dataset"]["id"])
    await _card_is_kept(factory, job["model"])
    told = {one["name"]: one["value"] for one in job["model"]["measures"] if one["split"] == "TEST"}
    assert (job["performanceAnalysis"]["key"], job["performanceAnalysis"]["bars"]) == ("model", 120)
    assert job["performanceAnalysis"]["figures"] == {
        "totalReturn": pytest.approx(told["total_return"], abs=1e-9),
        "turnover": pytest.approx(told["turnover"], abs=1e-9),
        "trades": told["trades"],
    }


async def _sha256(factory: Factory, dataset: str) -> str:
    async with factory.works() as work:
        kept = await work.datasets.hold(uuid_of(dataset))
    assert kept is not None
    assert kept.sha256 is not None
    return kept.sha256


async def _card_is_kept(factory: Factory, model: dict[str, object]) -> None:
    async with factory.works() as work:
        content = await work.blobs.of(Owner(KIND, uuid_of(str(model["id"])), Part.CARD))
    assert content is not None
    kept = b"".join([piece async for piece in storage_for(factory.settings).read(content)])
    assert json.loads(kept) == model["card"]
