"""Trainings, from the wish to the model."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.factory import Factory
from app.storage import scratch_folder, storage_for
from domain.blobs import Blobs, Content, Owner
from domain.jobs.events import Checkpoint, Level, Log, Metric, Progress, Result, Split, Status
from domain.jobs.model import Job
from domain.jobs.running import JobFailed
from domain.jobs.status import JobKind, JobStatus
from domain.models.model import KIND, Part, Stage
from domain.trainings.model import INPUT, JOB
from domain.trainings.wish import TrainingWish
from persistence.tables.models import models
from tests.support.jobs import HERE, events_of, the_job
from tests.support.people import Person, a_person
from tests.support.trainings import a_dataset_of, a_trading_strategy
from workers.engines.port import EngineEvent, Moved, Said, Saved, Trained, Wish, Working
from workers.jobs import JobRunner
from workers.tasks import PutOff
from workers.training import Trainings

WEIGHTS = b"weights"
CARD = {"architecture": "two layers", "data": {"sha256": "abc"}}
BODY = {
    "best_step": 200,
    "best_score": 1.5,
    "score": "sharpe",
    "measures": {"train": {"sharpe": 2.0}, "valid": {"sharpe": 1.5}, "test": {"sharpe": 0.5}},
    "baselines": {},
    "verdict": {"good": False, "sentences": ["No."]},
}
Script = Callable[[Wish], Sequence[EngineEvent | Exception | asyncio.Event]]


class ScriptedEngine:
    """Says what it is told, waits where an event stands, and remembers what it was asked."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.wishes: list[Wish] = []
        self.data: list[bytes] = []
        self.ended = 0
        self.waits = asyncio.Event()

    async def train(self, wish: Wish) -> AsyncGenerator[EngineEvent, None]:
        self.wishes.append(wish)
        assert wish.data is not None
        self.data.append(wish.data.read_bytes())
        try:
            for event in self._script(wish):
                if isinstance(event, Exception):
                    raise event
                if isinstance(event, asyncio.Event):
                    self.waits.set()
                    await event.wait()
                else:
                    yield event
        finally:
            self.ended += 1


def whole(wish: Wish) -> Sequence[EngineEvent]:
    """A training as it goes when nothing goes wrong."""
    return (
        Working(4_242),
        Said(Log(Level.INFO, "It begins."), 1),
        Moved(Progress(percent=50, epoch=1, epochs=2)),
        Said(Metric(1, 100, Split.VALID, {"sharpe": 1.5}), 2),
        Saved(_file(wish, "state", b"half way"), Checkpoint(100)),
        Working(None),
        Trained(
            BODY,
            {"weights": _file(wish, "w", WEIGHTS), "card": _file(wish, "c", json.dumps(CARD).encode())},
        ),
    )


def _file(wish: Wish, name: str, content: bytes) -> Path:
    path = wish.folder / name
    path.write_bytes(content)
    return path


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def job(factory: Factory, ann: Person) -> Job:
    strategy = await a_trading_strategy(factory, ann, epochs=2)
    dataset = await a_dataset_of(factory, ann, "AAA")
    wish = TrainingWish(strategy_id=strategy.id, dataset_id=dataset.id, seeds=[7])
    return await factory.use.trainings.service.start(ann.viewer, wish)


@pytest.fixture
async def scratch(factory: Factory) -> AsyncIterator[Path]:
    """Nothing may be left there."""
    folder = scratch_folder(factory.settings)
    yield folder
    assert [path.name for path in folder.glob("training-*")] == []


@pytest.fixture
def run(factory: Factory, scratch: Path) -> Callable[..., Any]:
    storage = storage_for(factory.settings)

    async def attempt(job: Job, engine: ScriptedEngine | None) -> None:
        trainings = Trainings(
            works=factory.works,
            blobs=Blobs(works=factory.works, storage=storage),
            storage=storage,
            engines={"embedded": engine} if engine else {},
            scratch=scratch,
            clock=factory.clock,
        )
        runner = JobRunner(
            works=factory.works,
            executors=trainings.executors(),
            endings={},
            storage=storage,
            process=HERE,
            clock=factory.clock,
            time_limits=dict.fromkeys(JobKind, timedelta(hours=1)),
            look_s=0.01,
        )
        await runner({"job": str(job.id)})

    return attempt


async def contents(factory: Factory, job: Job) -> list[Content | None]:
    async with factory.works() as work:
        return [await work.blobs.of(Owner(JOB, job.id, part)) for part in (INPUT, "checkpoint")]


async def models_made(factory: Factory) -> int:
    async with factory.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(models))).scalar_one())


async def test_a_whole_training_leaves_a_model_with_its_papers(
    factory: Factory, ann: Person, job: Job, run: Callable[..., Any]
) -> None:
    engine = ScriptedEngine(whole)
    await run(job, engine)

    done = await the_job(factory.works, job.id)
    assert (done.status, done.progress, done.result) == (JobStatus.COMPLETED, 100.0, BODY)
    (model,) = await factory.reads.models.of_jobs(ann.viewer, [job.id])
    assert model is not None
    assert (model.score, model.best_score, model.stage, model.size) == ("sharpe", 1.5, Stage.NONE, len(WEIGHTS))
    assert (model.strategy_id, model.dataset_id, model.measures) == (job.strategy_id, job.dataset_id, BODY["measures"])
    assert await factory.reads.models.cards(ann.viewer, [model.id]) == [CARD]
    async with factory.works() as work:
        weights = await work.blobs.of(Owner(KIND, model.id, Part.WEIGHTS))
    assert weights is not None
    assert weights.sha256 == model.sha256
    assert b"".join([piece async for piece in storage_for(factory.settings).read(weights)]) == WEIGHTS
    # What it took to make it is no longer needed.
    assert await contents(factory, job) == [None, None]


async def test_the_engine_gets_the_whole_order(factory: Factory, job: Job, run: Callable[..., Any]) -> None:
    engine = ScriptedEngine(whole)
    await run(job, engine)
    (wish,) = engine.wishes
    assert (wish.task, wish.algorithm, list(wish.seeds)) == ("algorithmic_trading", "dqn", [7])
    assert wish.config == job.parameters["config"]
    assert wish.papers["dataset"] == job.parameters["dataset"]
    assert (wish.checkpoint, wish.session) == (None, None)
    assert engine.data[0][:4] == b"PAR1"


async def test_what_the_engine_says_is_kept_in_order(factory: Factory, job: Job, run: Callable[..., Any]) -> None:
    await run(job, ScriptedEngine(whole))
    facts = [event.fact for event in await events_of(factory.engine, job.id)]
    told = [fact for fact in facts if not isinstance(fact, Status | Progress)]
    assert told[1:] == [
        Log(Level.INFO, "It begins."),
        Metric(1, 100, Split.VALID, {"sharpe": 1.5}),
        Checkpoint(100),
        Result(BODY),
    ]
    assert facts[-1] == Status(JobStatus.COMPLETED, 1)


async def test_an_attempt_goes_on_from_the_checkpoint_and_repeats_nothing(
    factory: Factory, job: Job, run: Callable[..., Any]
) -> None:
    def breaks_off(wish: Wish) -> Sequence[EngineEvent | Exception]:
        return (*whole(wish)[:-2], RuntimeError("broke"))

    with pytest.raises(PutOff):
        await run(job, ScriptedEngine(breaks_off))
    read: list[bytes] = []

    def goes_on(wish: Wish) -> Sequence[EngineEvent]:
        assert wish.checkpoint is not None
        read.append(wish.checkpoint.read_bytes())
        return whole(wish)

    await run(job, ScriptedEngine(goes_on))
    assert read == [b"half way"]
    events = await events_of(factory.engine, job.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert sum(event.fact == Log(Level.INFO, "It begins.") for event in events) == 1
    assert sum(isinstance(event.fact, Metric) for event in events) == 1
    assert await models_made(factory) == 1


async def test_what_cannot_succeed_fails_with_the_engine_s_words_and_may_be_tried_again(
    factory: Factory, job: Job, run: Callable[..., Any]
) -> None:
    engine = ScriptedEngine(lambda _: [JobFailed("TOO_FEW_ROWS", "Bring more rows.")])
    await run(job, engine)
    failed = await the_job(factory.works, job.id)
    assert (failed.status, failed.error_code, failed.error_message) == (
        JobStatus.FAILED,
        "TOO_FEW_ROWS",
        "Bring more rows.",
    )
    assert engine.ended == 1
    assert await models_made(factory) == 0
    assert (await contents(factory, job))[0] is not None


async def test_a_cancelled_training_has_ended_its_engine_and_leaves_no_model(
    factory: Factory, ann: Person, job: Job, run: Callable[..., Any]
) -> None:
    engine = ScriptedEngine(lambda wish: (*whole(wish)[:2], asyncio.Event()))
    running = asyncio.create_task(run(job, engine))
    await engine.waits.wait()
    await factory.use.jobs.cancel(ann.viewer, job.id)
    await running
    assert (await the_job(factory.works, job.id)).status is JobStatus.CANCELLED
    assert engine.ended == 1
    assert await models_made(factory) == 0


async def test_a_worker_without_the_engine_says_so(factory: Factory, job: Job, run: Callable[..., Any]) -> None:
    await run(job, None)
    failed = await the_job(factory.works, job.id)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "ENGINE_MISSING")


async def test_a_training_whose_data_is_gone_says_so(factory: Factory, job: Job, run: Callable[..., Any]) -> None:
    async with factory.works() as work:
        await work.blobs.release(JOB, job.id)
    engine = ScriptedEngine(whole)
    await run(job, engine)
    assert (await the_job(factory.works, job.id)).error_code == "DATA_GONE"
    assert engine.wishes == []


async def test_a_job_that_is_gone_does_nothing(run: Callable[..., Any], factory: Factory, job: Job) -> None:
    async with factory.works() as work:
        await work.jobs.delete(job.id)
    engine = ScriptedEngine(whole)
    await run(job, engine)
    assert engine.wishes == []
