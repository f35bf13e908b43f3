"""One training with nothing in a real part's place: made data, the engine in its child process, a model that acts."""

from __future__ import annotations

import asyncio
import json
import math

import pytest

from app.client.round import MARKET, STEPS
from app.factory import Factory
from app.jobs import job_runner
from app.storage import storage_for
from domain.blobs import Owner
from domain.jobs.status import JobStatus
from domain.models.model import KIND, Part
from domain.trainings.wish import TrainingWish
from tests.support.api import Api
from tests.support.datasets import jobs_done, ready_frame, uuid_of
from tests.support.jobs import the_job
from tests.support.people import a_person
from tests.support.trainings import a_trading_strategy
from tests.workers.engines.embedded.trading_markets import made
from tests.workers.helpers import NEVER_S, eventually

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


async def test_a_worker_that_is_told_to_stop_keeps_how_far_a_training_came(factory: Factory) -> None:
    ann, stopping = await a_person(factory, "ann"), asyncio.Event()
    strategy = await a_trading_strategy(factory, ann, epochs=500)
    dataset = await ready_frame(factory, ann, made("planted_signal", rows=400))
    wish = TrainingWish(strategy_id=strategy.id, dataset_id=dataset.id)
    job = await factory.use.trainings.service.start(ann.viewer, wish)
    settings = factory.settings.model_copy(update={"checkpoint_every_s": NEVER_S})
    runner = job_runner(settings, works=factory.works, clock=factory.clock, stopping=stopping)
    running = asyncio.create_task(runner({"job": str(job.id)}))

    async def learns() -> bool:
        return (await the_job(factory.works, job.id)).progress > 0

    async def is_kept() -> bool:
        return (await the_job(factory.works, job.id)).has_checkpoint

    await eventually(learns)
    assert not await is_kept()
    stopping.set()
    await eventually(is_kept)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await the_job(factory.works, job.id)).status is JobStatus.RUNNING


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
