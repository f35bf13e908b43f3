"""Trainings on a TradeMaster service, from the wish to the pictures."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Code, Refused
from domain.jobs.events import Checkpoint, Level, Log, Metric, Result, Split
from domain.jobs.model import Job
from domain.jobs.status import JobStatus
from tests.support.artefacts import artefacts_of
from tests.support.jobs import events_of, the_job
from tests.support.people import Person
from tests.support.trademaster.lab import Lab
from tests.support.trademaster.recorded import log, sent
from tests.support.trademaster.runs import PNG
from tests.workers.helpers import eventually
from workers.engines.trademaster.errand import AWAY
from workers.engines.trademaster.logs.parser import shown
from workers.tasks import PutOff

# As the service itself printed them.
RESULT = {
    "total_return_percent": 17.242411,
    "sharpe_ratio": 0.462133,
    "volatility_percent": 2.00939,
    "max_drawdown_percent": 46.642089,
}
PICTURES = ("validation.png", "test.png")
CRASH = "KeyError: 'market_features_dict'"


async def facts(lab: Lab, job: Job) -> list[object]:
    return [event.fact for event in await events_of(lab.factory.engine, job.id)]


async def lines(lab: Lab, job: Job) -> list[str]:
    return [fact.message for fact in await facts(lab, job) if isinstance(fact, Log)]


async def metrics(lab: Lab, job: Job) -> list[Metric]:
    return [fact for fact in await facts(lab, job) if isinstance(fact, Metric)]


async def begun(lab: Lab, job: Job, events: int = 5) -> bool:
    """The service is at it, and so much of it is known here."""
    return (await the_job(lab.factory.works, job.id)).last_seq > events


def printed() -> list[str]:
    names = ("deepscalper_train", "deepscalper_test")
    return [shown(line) for name in names for line in sent(log(name)).split("\n")[:-1]]


async def test_a_whole_training(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann)
    assert (job.engine, job.dataset_id, job.name) == ("trademaster", None, "Train Trade 1 on algorithmic_trading:BTC")
    done = await lab.worked_at(job)
    assert (done.status, done.progress, done.epoch, done.epochs) == (JobStatus.COMPLETED, 100.0, 20, 20)
    measured = await metrics(lab, job)
    assert [one.split for one in measured] == [*[Split.TRAIN, Split.VALID] * 20, Split.TEST]
    assert [one.step for one in measured if one.split is Split.VALID] == list(range(1, 21))
    assert (measured[0].values, measured[1].values) == (
        {"total_return_percent": -177.96433},
        {"total_return_percent": -193.080913},
    )
    assert measured[-1].values == RESULT
    assert done.result is not None
    assert done.result["measures"] == {"test": RESULT}
    assert (done.result["choice"]["dataset"], done.result["choice"]["agent"]) == (
        "algorithmic_trading:BTC",
        "algorithmic_trading:deepscalper",
    )
    assert await artefacts_of(lab.factory, job.id, *PICTURES) == dict.fromkeys(PICTURES, PNG)
    assert [line for line in await lines(lab, job) if line in set(printed())] == printed()
    assert await lab.seats_taken() == 0
    assert not (await the_job(lab.factory.works, job.id)).has_checkpoint


async def test_what_the_strategy_says_goes_unless_the_training_says_otherwise(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann, {"dataset": "FX", "start": "2001-01-01", "end": "2010-12-31"})
    await lab.worked_at(job)
    (body,) = [body for name, body in lab.fake.calls if name == "train"]
    assert body == {
        "task_name": "algorithmic_trading",
        "dataset_name": "algorithmic_trading:FX",
        "agent_name": "algorithmic_trading:deepscalper",
        "optimizer_name": "adam",
        "loss_name": "mse",
        "start_date": "2001-01-01",
        "end_date": "2010-12-31",
    }


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"dataset": "JPM"}, Code.INVALID, "dataset"),
        ({"dataset": "x; rm -rf ~"}, Code.UNKNOWN, "dataset"),
        ({"dataset": "BTC", "agent": "portfolio_management:eiie"}, Code.INVALID, "agent"),
        ({"dataset": "BTC", "optimizer": "sgd`id`"}, Code.UNKNOWN, "optimizer"),
        ({"dataset": "BTC", "loss": "../mse"}, Code.UNKNOWN, "loss"),
        ({"dataset": "BTC", "start": "2021-01-01", "end": "2020-01-01"}, Code.OUT_OF_RANGE, "end"),
        ({"dataset": "BTC", "start": "1. 1. 2020", "end": "2020-01-02"}, Code.INVALID, "start"),
        ({"dataset": ["BTC"]}, Code.INVALID, "dataset"),
        ({"dataset": "BTC", "session_id": "x"}, Code.UNKNOWN, "session_id"),
        ({"agent": "deepscalper"}, Code.REQUIRED, "dataset"),
        ({"dataset": "BTC", "task": "order_execution"}, Code.INVALID, "task"),
    ],
)
async def test_what_the_service_cannot_do_is_refused_at_once(
    lab: Lab, ann: Person, parameters: dict[str, object], code: Code, field: str
) -> None:
    with pytest.raises(Refused) as caught:
        await lab.asked(ann, parameters)
    assert (code, ("parameters", field)) in {(one.code, one.field) for one in caught.value.problems}
    # Nothing of what was written there went out.
    assert {name for name, _ in lab.fake.calls} <= {"getParameters", "healthcheck"}


async def test_names_of_ours_never_reach_the_service(lab: Lab, ann: Person) -> None:
    await lab.worked_at(await lab.asked(ann, name="$(touch /tmp/pwned)"))
    assert "pwned" not in f"{lab.fake.calls}"


async def test_what_is_for_other_engines_is_refused(lab: Lab, ann: Person) -> None:
    with pytest.raises(Refused) as caught:
        await lab.asked(ann, dataset_id=ann.user.id, symbol="AAA", seeds=[1, 2], version=1)
    assert {one.field for one in caught.value.problems} == {("dataset_id",), ("symbol",), ("seeds",), ("version",)}


async def test_a_crash_fails_with_the_last_line_of_the_traceback(lab: Lab, ann: Person) -> None:
    lab.fake.mood.crash_after = 57
    failed = await lab.worked_at(await lab.asked(ann))
    assert (failed.status, failed.error_code, failed.error_message) == (JobStatus.FAILED, "FAILED", CRASH)
    assert await lab.seats_taken() == 0


async def test_a_lost_session_fails_as_lost(lab: Lab, ann: Person) -> None:
    lab.fake.mood.silent_after = 57
    job = await lab.asked(ann)
    running = asyncio.create_task(lab.worked_at(job))
    await eventually(lambda: begun(lab, job))
    lab.fake.restart()
    failed = await running
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "LOST")
    assert await lab.seats_taken() == 0


async def test_silence_is_warned_of_and_then_fails_as_stalled(lab: Lab, ann: Person) -> None:
    lab.fake.mood.silent_after = 57
    job = await lab.asked(ann)
    service = replace(lab.service, stalls={"algorithmic_trading": timedelta(seconds=0.5)})
    failed = await lab.worked_at(job, service=service)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "STALLED")
    warned = [fact for fact in await facts(lab, job) if isinstance(fact, Log) and fact.level is Level.WARNING]
    assert [fact.message.startswith("The service has printed nothing") for fact in warned] == [False, True]
    # Nobody knows whether it goes on.
    assert await lab.seats_taken() == 1


async def test_a_service_that_breaks_for_a_while_is_asked_again(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann)
    lab.fake.mood.broken = 4
    assert (await lab.worked_at(job)).status is JobStatus.COMPLETED


async def test_a_service_that_is_away_is_tried_again_and_then_failed(lab: Lab, ann: Person) -> None:
    job = await lab.asked(ann)
    away = replace(lab.service, pace=replace(lab.service.pace, away=timedelta(seconds=0.2)))
    lab.fake.mood.broken = 100_000
    with pytest.raises(PutOff):
        await lab.worked_at(job, service=away)
    assert (await the_job(lab.factory.works, job.id)).status is JobStatus.QUEUED
    assert (await lines(lab, job))[:2] == ["Started.", AWAY]
    failed = await lab.worked_at(job, service=away)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "UNREACHABLE")


async def test_who_cannot_be_asked_at_the_start_is_asked_by_the_worker(lab: Lab, ann: Person) -> None:
    lab.fake.mood.broken = 1_000
    job = await lab.asked(ann, {"dataset": "nothing of the sort"})
    lab.fake.mood.broken = 0
    failed = await lab.worked_at(job)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "UNKNOWN")
    assert "no such dataset" in (failed.error_message or "")
    assert lab.fake.called("train") == 0


async def test_more_lines_than_the_service_shows_are_owned_up_to(lab: Lab, ann: Person) -> None:
    lab.fake.mood.extra_lines, lab.fake.mood.lines_per_poll = 5_000, 2_400
    job = await lab.asked(ann)
    done = await lab.worked_at(job)
    assert done.status is JobStatus.COMPLETED
    assert any("some are missing here" in line for line in await lines(lab, job))
    assert (await metrics(lab, job))[-1].values == RESULT


async def test_pictures_that_come_late_are_waited_for(lab: Lab, ann: Person) -> None:
    lab.fake.mood.late_results = 2
    job = await lab.asked(ann)
    assert (await lab.worked_at(job)).status is JobStatus.COMPLETED
    assert await artefacts_of(lab.factory, job.id, *PICTURES) == dict.fromkeys(PICTURES, PNG)


@pytest.mark.parametrize("lines_heard", [5, 60, 200])
async def test_a_worker_that_dies_is_followed_by_another_that_loses_and_doubles_nothing(
    lab: Lab, ann: Person, lines_heard: int
) -> None:
    job = await lab.asked(ann)
    running = asyncio.create_task(lab.worked_at(job))
    await eventually(lambda: begun(lab, job, lines_heard))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await the_job(lab.factory.works, job.id)).status is JobStatus.RUNNING
    done = await lab.worked_at(job)
    assert done.status is JobStatus.COMPLETED
    assert [line for line in await lines(lab, job) if line in set(printed())] == printed()
    assert len(await metrics(lab, job)) == 41
    assert sum(isinstance(fact, Result) for fact in await facts(lab, job)) == 1
    assert any(isinstance(fact, Checkpoint) for fact in await facts(lab, job))
    assert await lab.seats_taken() == 0
    assert lab.fake.called("train") == 1
