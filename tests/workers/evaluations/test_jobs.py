"""The executor of evaluations around its real child process: killed, cancelled, and out of what it needs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.engines import embedded_engine
from app.factory import Factory
from app.storage import scratch_folder, storage_for
from domain.analysis.names import Scenario
from domain.blobs import Blobs, Content, Owner
from domain.evaluations.model import DATA, JOB, Evaluation, EvaluationKind, card_part, weights_part
from domain.evaluations.wish import EvaluationWish, StressWish
from domain.jobs.events import Log
from domain.jobs.running import JobFailed
from domain.jobs.status import JobKind, JobStatus
from tests.support.evaluations import a_judged_model, files_of
from tests.support.jobs import HERE, facts_of, the_job
from tests.support.patience import PATIENCE_S
from tests.support.people import Person, a_person
from tests.workers.evaluations.trained import a_trader
from workers.engines.embedded.parent import OUT_OF_MEMORY
from workers.engines.port import EngineEvent, Said, Working
from workers.evaluations.jobs import Evaluations
from workers.jobs import JobRunner
from workers.tasks import PutOff


@pytest.fixture(scope="module")
def trader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_trader(tmp_path_factory.mktemp("trader"))


@pytest.fixture
async def ann(factory: Factory) -> Person:
    return await a_person(factory, "ann")


@pytest.fixture
async def start(factory: Factory, ann: Person, trader: Path) -> Callable[[], Any]:
    model, _ = await a_judged_model(factory, ann, trader)

    async def started() -> Evaluation:
        # So much of it that there is time to interfere.
        much = (StressWish(Scenario.BOOTSTRAP, runs=50),)
        wish = EvaluationWish(kind=EvaluationKind.STRESS_TEST, model_ids=(model.id,), stress=much)
        return await factory.use.evaluations.service.start(ann.viewer, wish)

    return started


class Watched:
    """The real child; at its first line of log something is done to it."""

    def __init__(self, factory: Factory, then: Callable[[int], Awaitable[None]] | None = None) -> None:
        self._engine = embedded_engine(factory.settings)
        self._then = then

    async def ask(self, request: Mapping[str, Any], folder: Path) -> AsyncGenerator[EngineEvent, None]:
        group = 0
        async with aclosing(self._engine.ask(request, folder)) as events:
            async for event in events:
                if isinstance(event, Working):
                    group = event.group or 0
                yield event
                if isinstance(event, Said) and self._then:
                    await self._then(group)


@pytest.fixture
async def run(factory: Factory) -> AsyncIterator[Callable[..., Any]]:
    scratch, storage = scratch_folder(factory.settings), storage_for(factory.settings)

    async def attempt(evaluation: Evaluation, child: Any) -> None:
        evaluations = Evaluations(
            works=factory.works,
            blobs=Blobs(works=factory.works, storage=storage),
            storage=storage,
            child=child,
            scratch=scratch,
            clock=factory.clock,
        )
        runner = JobRunner(
            works=factory.works,
            executors=evaluations.executors(),
            endings={},
            storage=storage,
            process=HERE,
            clock=factory.clock,
            time_limits=dict.fromkeys(JobKind, timedelta(hours=1)),
            look_s=0.01,
        )
        await runner({"job": str(evaluation.job_id)})

    yield attempt
    assert [path.name for path in scratch.glob("*evaluation-*")] == []


async def now(factory: Factory, ann: Person, id: Any) -> Evaluation:
    (found,) = await factory.reads.evaluations.by_ids(ann.viewer, [id])
    assert found is not None
    return found


async def contents(factory: Factory, evaluation: Evaluation) -> list[Content | None]:
    async with factory.works() as work:
        return [await work.blobs.of(owner) for owner in files_of(evaluation.id)]


async def inputs(factory: Factory, evaluation: Evaluation) -> list[Content | None]:
    parts = (DATA, weights_part(0), card_part(0))
    async with factory.works() as work:
        return [await work.blobs.of(Owner(JOB, evaluation.job_id, part)) for part in parts]


async def test_killed_with_9_it_begins_again_and_ends_the_same(
    factory: Factory, ann: Person, start: Callable[[], Any], run: Callable[..., Any]
) -> None:
    calm, hunted = await start(), await start()
    await run(calm, Watched(factory))

    async def kill(group: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)

    with pytest.raises(PutOff):
        await run(hunted, Watched(factory, kill))
    assert (await the_job(factory.works, hunted.job_id)).status is JobStatus.QUEUED
    assert None not in await inputs(factory, hunted)
    await run(hunted, Watched(factory))
    one, other = await now(factory, ann, calm.id), await now(factory, ann, hunted.id)
    assert one.result == other.result
    assert one.result is not None
    assert None not in await contents(factory, calm)
    assert await contents(factory, calm) == await contents(factory, hunted)
    lines = [fact.message for fact in await facts_of(factory.engine, hunted.job_id) if isinstance(fact, Log)]
    assert sum("1 model on" in line for line in lines) == 1
    assert await inputs(factory, hunted) == [None, None, None]


async def test_cancelled_its_process_is_gone(
    factory: Factory, ann: Person, start: Callable[[], Any], run: Callable[..., Any]
) -> None:
    evaluation, working = await start(), asyncio.get_running_loop().create_future()

    async def wait(group: int) -> None:
        if not working.done():
            working.set_result(group)
        await asyncio.Event().wait()

    running = asyncio.create_task(run(evaluation, Watched(factory, wait)))
    group = await working
    await factory.use.jobs.cancel(ann.viewer, evaluation.job_id)
    async with asyncio.timeout(PATIENCE_S):
        await running
    assert (await the_job(factory.works, evaluation.job_id)).status is JobStatus.CANCELLED
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    assert (await now(factory, ann, evaluation.id)).result is None
    assert await contents(factory, evaluation) == [None, None, None]


async def test_retried_it_ends(
    factory: Factory, ann: Person, start: Callable[[], Any], run: Callable[..., Any]
) -> None:
    evaluation = await start()
    await factory.use.jobs.cancel(ann.viewer, evaluation.job_id)
    await factory.use.jobs.retry(ann.viewer, evaluation.job_id)
    await run(evaluation, Watched(factory))
    found = await now(factory, ann, evaluation.id)
    assert found.result is not None
    assert found.finished_at is not None
    (own,) = (await factory.reads.evaluations.models_of(ann.viewer, [evaluation.id]))[0]
    assert own.measures is not None
    assert own.measures["sharpe"] == found.result["entries"][0]["performance"]["sharpe"]


async def test_too_much_for_its_memory(factory: Factory, start: Callable[[], Any], run: Callable[..., Any]) -> None:
    class Small:
        async def ask(self, request: Mapping[str, Any], folder: Path) -> AsyncGenerator[EngineEvent, None]:
            yield Working(None)
            raise JobFailed(OUT_OF_MEMORY, "The training needed more.")

    evaluation = await start()
    await run(evaluation, Small())
    failed = await the_job(factory.works, evaluation.job_id)
    assert (failed.status, failed.error_code) == (JobStatus.FAILED, OUT_OF_MEMORY)
    assert (failed.error_message or "").startswith("The evaluation")


async def test_without_its_data_it_says_so(factory: Factory, start: Callable[[], Any], run: Callable[..., Any]) -> None:
    evaluation = await start()
    async with factory.works() as work:
        await work.blobs.release(JOB, evaluation.job_id)
    await run(evaluation, Watched(factory))
    assert (await the_job(factory.works, evaluation.job_id)).error_code == "DATA_GONE"


async def test_a_job_that_is_deleted_takes_all_along(
    factory: Factory, ann: Person, start: Callable[[], Any], run: Callable[..., Any]
) -> None:
    evaluation = await start()
    await run(evaluation, Watched(factory))
    await factory.use.jobs.delete(ann.viewer, evaluation.job_id)
    assert await factory.reads.evaluations.by_ids(ann.viewer, [evaluation.id]) == [None]
    assert await contents(factory, evaluation) == [None, None, None]
