"""Regimes: of our data and of the service's, and agents tested in them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from io import BytesIO

import polars as pl
import pytest

from app.storage import storage_for
from domain.datasets.model import Dataset, DatasetStatus, Part
from domain.datasets.rules import Words
from domain.datasets.states import part_of
from domain.errors import Code, Refused
from domain.jobs.events import Log, Metric
from domain.jobs.model import Job
from domain.jobs.status import JobKind, JobStatus
from domain.labellings.model import DynamicsTestWish, LabellingSettings, LabellingWish
from tests.support.artefacts import artefacts_of
from tests.support.datasets import ready_frame
from tests.support.jobs import events_of, the_job
from tests.support.people import Person, a_person
from tests.support.trademaster.lab import Lab
from tests.support.trademaster.recorded import answer
from tests.support.trademaster.runs import ANALYSIS, PNG
from tests.workers.helpers import eventually
from workers.engines.trademaster.errand import AWAY

LABELLED = pl.read_csv(BytesIO(answer("download_csv_custom")["data"].encode()))
TIMES = LABELLED.get_column("timestamp").str.to_datetime(time_zone="UTC").to_list()


def bars() -> pl.DataFrame:
    """The labelled days, and some before them that get no label."""
    times = [TIMES[0] - timedelta(days=day) for day in range(60, 0, -1)] + TIMES
    prices = [100.0 + number for number in range(len(times))]
    values = dict.fromkeys(("open", "high", "low", "close", "volume"), prices)
    return pl.DataFrame({"time": times, "symbol": ["$(id)"] * len(times), **values})


async def ours(lab: Lab, who: Person) -> Dataset:
    return await ready_frame(lab.factory, who, bars())


async def job_of(lab: Lab, who: Person, dataset: Dataset) -> Job:
    (job,) = await lab.factory.reads.jobs.latest_of_datasets(who.viewer, [dataset.id])
    assert job is not None
    return job


async def asked(lab: Lab, who: Person, **values: object) -> tuple[Dataset, Job]:
    wish = LabellingWish(words=Words(name="Regimes"), **values)
    dataset = await lab.factory.use.trainings.dynamics.label(who.viewer, wish)
    return dataset, await job_of(lab, who, dataset)


async def now(lab: Lab, who: Person, dataset: Dataset) -> Dataset:
    (found,) = await lab.factory.reads.datasets.by_ids(who.viewer, [dataset.id])
    assert found is not None
    return found


async def data_of(lab: Lab, dataset: Dataset) -> pl.DataFrame:
    async with lab.factory.works() as work:
        content = await work.blobs.of(part_of(dataset, Part.CANONICAL))
    assert content is not None
    parts = [part async for part in storage_for(lab.factory.settings).read(content)]
    return pl.read_parquet(BytesIO(b"".join(parts)))


async def trained(lab: Lab, who: Person) -> Job:
    job = await lab.worked_at(await lab.asked(who))
    assert job.status is JobStatus.COMPLETED
    return job


async def test_our_data_comes_back_with_a_label_on_each_bar(lab: Lab, ann: Person) -> None:
    parent = await ours(lab, ann)
    settings = LabellingSettings(regimes=4, min_length=12)
    dataset, job = await asked(lab, ann, dataset_id=parent.id, settings=settings)
    assert (dataset.status, dataset.parent_id, job.kind) == (DatasetStatus.PROCESSING, parent.id, JobKind.LABELLING)
    done = await lab.worked_at(job)
    assert done.status is JobStatus.COMPLETED, done.error_message
    made = await now(lab, ann, dataset)
    assert (made.status, made.row_count) == (DatasetStatus.READY, len(TIMES))
    frame = await data_of(lab, dataset)
    assert frame.get_column("label_regime").to_list() == LABELLED.get_column("label").to_list()
    # Our own numbers, and nothing that has seen the future.
    assert frame.get_column("close").to_list() == bars().get_column("close").to_list()[60:]
    assert set(frame.columns) == {"time", "symbol", "open", "high", "low", "close", "volume", "label_regime"}
    kept = await artefacts_of(lab.factory, job.id, "regimes.png", "analysis.csv", "labelled.csv")
    assert (kept["regimes.png"], kept["analysis.csv"], len(kept)) == (PNG, ANALYSIS, 3)
    facts = [event.fact for event in await events_of(lab.factory.engine, job.id)]
    metrics = [fact for fact in facts if isinstance(fact, Metric)]
    assert [one.values.get("labelling.distance_mean") for one in metrics] == [0.21359, 0.22281, None]
    assert metrics[-1].values == {"labelling.rounds": 2.0, "labelling.segments": 47.0}
    assert await lab.seats_taken() == 0


async def test_what_is_sent_is_ours_under_a_name_that_says_nothing(lab: Lab, ann: Person) -> None:
    parent = await ours(lab, ann)
    _, job = await asked(lab, ann, dataset_id=parent.id, symbol="$(id)", settings=LabellingSettings(regimes=4))
    await lab.worked_at(job)
    sent = {name: body for name, body in lab.fake.calls if name in {"upload_csv", "start_market_dynamics_labeling"}}
    rows = json.loads(sent["upload_csv"]["file"])
    assert len(rows) == bars().height
    assert rows[-1] == {
        "timestamp": f"{TIMES[-1]:%Y-%m-%d %H:%M:%S}",
        "tic": "data",
        **dict.fromkeys(("key_indicator", "open", "high", "low", "close"), 100.0 + bars().height - 1),
    }
    assert sent["upload_csv"]["file_name"] == f"tmw_{job.id.hex}.csv"
    assert sent["start_market_dynamics_labeling"]["number_of_market_style"] == "4"
    assert "$(id)" not in f"{lab.fake.calls}"


async def test_an_agent_is_tested_in_a_regime_of_its_data(lab: Lab, ann: Person) -> None:
    training = await trained(lab, ann)
    dataset, labelling = await asked(lab, ann, training_id=training.id, settings=LabellingSettings(regimes=3))
    assert (await lab.worked_at(labelling)).status is JobStatus.COMPLETED
    assert (await now(lab, ann, dataset)).status is DatasetStatus.READY
    frame = await data_of(lab, dataset)
    assert frame.get_column("time").dt.to_string("%Y-%m-%d").to_list() == ["2015-10-01", "2015-10-02", "2015-10-03"]
    assert frame.get_column("label_regime").to_list() == [2, 2, 2]
    test = await lab.factory.use.trainings.dynamics.test(
        ann.viewer, DynamicsTestWish(labelling_id=labelling.id, label=1)
    )
    assert (test.kind, test.strategy_id, test.engine) == (JobKind.EVALUATION, training.strategy_id, "trademaster")
    done = await lab.worked_at(test)
    assert done.status is JobStatus.COMPLETED, done.error_message
    assert len(lab.fake.sessions) == 1
    assert await artefacts_of(lab.factory, test.id, "radar.png") == {"radar.png": PNG}
    facts = [event.fact for event in await events_of(lab.factory.engine, test.id)]
    metrics = [fact for fact in facts if isinstance(fact, Metric)]
    assert len(metrics) == 37
    assert metrics[0].values["total_return_percent"] == -16.0007
    assert metrics[1].values["blind_bid.total_return_percent"] == 2.426984
    assert metrics[-1].values["scores.sharpe_ratio"] == 32.867415
    assert "dynamics test end" in [fact.message for fact in facts if isinstance(fact, Log)]
    assert await lab.seats_taken() == 0


async def test_only_the_regimes_of_the_last_labelling_can_be_tested(lab: Lab, ann: Person) -> None:
    training, use = await trained(lab, ann), lab.factory.use.trainings.dynamics
    labellings = []
    for regimes in (3, 4):
        _, job = await asked(lab, ann, training_id=training.id, settings=LabellingSettings(regimes=regimes))
        labellings.append(await lab.worked_at(job))
        if len(labellings) == 1:
            early = await use.test(ann.viewer, DynamicsTestWish(labelling_id=job.id, label=1))
    first, last = labellings
    with pytest.raises(Refused) as caught:
        await use.test(ann.viewer, DynamicsTestWish(labelling_id=first.id, label=1))
    assert (caught.value.problems[0].code, caught.value.problems[0].field) == (Code.WRONG_STATE, ("labelling_id",))
    failed = await lab.worked_at(early)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "LOST")
    assert lab.fake.called("run_dynamics_test") == 0
    test = await use.test(ann.viewer, DynamicsTestWish(labelling_id=last.id, label=1))
    assert (await lab.worked_at(test)).status is JobStatus.COMPLETED


async def test_a_worker_that_dies_is_followed_by_another(lab: Lab, ann: Person) -> None:
    dataset, job = await asked(lab, ann, dataset_id=(await ours(lab, ann)).id)
    lab.fake.mood.silent_after = 20
    running = asyncio.create_task(lab.worked_at(job))

    async def has_begun() -> bool:
        return (await the_job(lab.factory.works, job.id)).has_checkpoint

    await eventually(has_begun)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    lab.fake.mood.silent_after = None
    assert (await lab.worked_at(job)).status is JobStatus.COMPLETED
    assert (await now(lab, ann, dataset)).status is DatasetStatus.READY
    assert (lab.fake.called("upload_csv"), lab.fake.called("start_market_dynamics_labeling")) == (1, 1)


async def test_a_cancelled_labelling_leaves_a_dataset_without_data(lab: Lab, ann: Person) -> None:
    dataset, job = await asked(lab, ann, dataset_id=(await ours(lab, ann)).id)
    await lab.factory.use.jobs.cancel(ann.viewer, job.id)
    assert (await now(lab, ann, dataset)).status is DatasetStatus.BAD
    assert lab.fake.called("upload_csv") == 0


async def test_a_labelling_that_fails_leaves_a_dataset_that_says_so(lab: Lab, ann: Person) -> None:
    lab.fake.mood.crash_after = 5
    dataset, job = await asked(lab, ann, dataset_id=(await ours(lab, ann)).id)
    failed = await lab.worked_at(job)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "FAILED")
    assert (await now(lab, ann, dataset)).status is DatasetStatus.BAD


async def test_results_that_come_late_are_waited_for(lab: Lab, ann: Person) -> None:
    lab.fake.mood.late_results = 2
    _, job = await asked(lab, ann, dataset_id=(await ours(lab, ann)).id)
    assert (await lab.worked_at(job)).status is JobStatus.COMPLETED


async def test_what_cannot_be_labelled_is_refused(lab: Lab, ann: Person) -> None:
    parent, training = await ours(lab, ann), await trained(lab, ann)
    bob = await a_person(lab.factory, "bob")
    use = lab.factory.use.trainings.dynamics

    async def codes(**values: object) -> set[tuple[Code, tuple[str, ...]]]:
        with pytest.raises(Refused) as caught:
            await asked(lab, ann, **values)
        return {(one.code, one.field) for one in caught.value.problems}

    assert await codes() == {(Code.REQUIRED, ("dataset_id",))}
    assert await codes(dataset_id=parent.id, training_id=training.id) == {(Code.REQUIRED, ("dataset_id",))}
    assert await codes(dataset_id=parent.id, engine="trademaster:none") == {(Code.UNKNOWN, ("engine",))}
    assert await codes(dataset_id=parent.id, settings=LabellingSettings(regimes=1, min_length=0)) == {
        (Code.OUT_OF_RANGE, ("regimes",)),
        (Code.OUT_OF_RANGE, ("min_length",)),
    }
    assert await codes(training_id=ann.user.id) == {(Code.NOT_FOUND, ("training_id",))}
    dataset, labelling = await asked(lab, ann, dataset_id=parent.id)
    assert await codes(training_id=labelling.id) == {(Code.INVALID, ("training_id",))}
    assert await codes(dataset_id=dataset.id) == {(Code.WRONG_STATE, ("dataset_id",))}
    await lab.worked_at(labelling)
    for label, id_, code in ((0, labelling.id, Code.WRONG_STATE), (0, training.id, Code.INVALID)):
        with pytest.raises(Refused) as caught:
            await use.test(ann.viewer, DynamicsTestWish(labelling_id=id_, label=label))
        assert caught.value.problems[0].code is code
    with pytest.raises(Refused):
        await use.label(bob.viewer, LabellingWish(words=Words(name="x"), training_id=training.id))


async def test_a_labelling_says_that_it_waits_for_a_service_that_is_away(lab: Lab, ann: Person) -> None:
    _, job = await asked(lab, ann, dataset_id=(await ours(lab, ann)).id)
    lab.fake.mood.broken = 1
    assert (await lab.worked_at(job)).status is JobStatus.COMPLETED
    facts = [event.fact for event in await events_of(lab.factory.engine, job.id)]
    assert [fact.message for fact in facts if isinstance(fact, Log)][:2] == ["Started.", AWAY]


async def test_the_same_key_is_the_same_labelling(lab: Lab, ann: Person) -> None:
    parent = await ours(lab, ann)
    first, _ = await asked(lab, ann, dataset_id=parent.id, key="k")
    second, _ = await asked(lab, ann, dataset_id=parent.id, key="k")
    assert first.id == second.id
