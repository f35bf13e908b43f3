"""The executor of trainings: gives an engine what it needs, tells the job what the engine says, keeps the model."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from domain.blobs import Blobs, BlobStorage, Content, Owner, content_of_file
from domain.catalogue import AlgorithmName, TaskType
from domain.clock import Clock
from domain.ids import new_id
from domain.jobs.events import Result
from domain.jobs.model import Job
from domain.jobs.running import Executors, Finish, JobFailed, Run
from domain.jobs.status import JobKind
from domain.models.model import KIND as MODEL
from domain.models.model import Model, Part, Stage
from domain.trainings.model import INPUT, JOB, Order
from domain.work import UnitOfWork, Works
from workers.engines.port import Engine, EngineEvent, InSession, Moved, Said, Saved, Trained, Wish, Working

NO_ENGINE = "ENGINE_MISSING"


class Trainings:
    """An attempt that is broken off leaves nothing behind but its checkpoint and what it told."""

    def __init__(
        self,
        *,
        works: Works,
        blobs: Blobs,
        storage: BlobStorage,
        engines: Mapping[str, Engine],
        scratch: Path,
        clock: Clock,
    ) -> None:
        self._works = works
        self._blobs = blobs
        self._storage = storage
        self._engines = engines
        self._scratch = scratch
        self._clock = clock

    def executors(self) -> Executors:
        return {JobKind.TRAINING: self.train}

    async def train(self, job: Job, run: Run) -> Finish:
        order = Order.of(job)
        async with AsyncExitStack() as stack:
            wish = await self._wish(job, run, order, stack)
            trained = await self._listen(job, run, self._engine(job), wish)
            card = _card(trained)
            kept = {Part(name): await self._keep(path) for name, path in trained.files.items()}
        # Before the job is over, which ends its log.
        await run.tell(Result(trained.body))
        return self._finish(job, order, trained, kept, card)

    def _engine(self, job: Job) -> Engine:
        engine = self._engines.get(job.engine or "")
        if engine is None:
            raise JobFailed(NO_ENGINE, f"This worker has no engine of the name {job.engine!r}. Ask the operator.")
        return engine

    async def _wish(self, job: Job, run: Run, order: Order, stack: AsyncExitStack) -> Wish:
        async with self._works() as work:
            data = await work.blobs.of(Owner(JOB, job.id, INPUT))
            session = await work.jobs.session_of(job.id)
        if data is None:
            raise JobFailed("DATA_GONE", "The data of this training is gone. Start a new one.")
        return Wish(
            job_id=job.id,
            task=order.task,
            algorithm=order.algorithm,
            config=order.config,
            seeds=order.seeds,
            symbol=order.symbol,
            data=await stack.enter_async_context(self._storage.as_file(data)),
            data_sha256=data.sha256,
            papers=order.papers(),
            folder=await stack.enter_async_context(self._folder()),
            checkpoint=await stack.enter_async_context(run.last_checkpoint()),
            session=session,
        )

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="training-") as folder:
            yield Path(folder)

    async def _listen(self, job: Job, run: Run, engine: Engine, wish: Wish) -> Trained:
        async with aclosing(engine.train(wish)) as events:
            async for event in events:
                if isinstance(event, Trained):
                    return event
                await self._take(job, run, event)
        raise RuntimeError("The engine came to its end without a result.")

    async def _take(self, job: Job, run: Run, event: EngineEvent) -> None:
        match event:
            case Said(fact, number):
                await run.tell(fact, number=number)
            case Moved(progress):
                await run.progress(progress)
            case Saved(path, checkpoint):
                await run.checkpoint(path, checkpoint)
            case Working(group):
                await run.process(group)
            case InSession(id_):
                async with self._works() as work:
                    await work.jobs.remember_session(job.id, job.attempt, id_)

    async def _keep(self, path: Path) -> Content:
        content = await asyncio.to_thread(content_of_file, path)
        await self._blobs.keep(path, content)
        return content

    def _finish(
        self, job: Job, order: Order, trained: Trained, kept: Mapping[Part, Content], card: Mapping[str, Any]
    ) -> Finish:
        async def finish(work: UnitOfWork) -> None:
            await work.blobs.release(JOB, job.id)
            if Part.WEIGHTS not in kept:
                return
            model = self._model(job, order, trained, kept[Part.WEIGHTS])
            await work.models.add(model, card)
            for part, content in kept.items():
                await work.blobs.use(Owner(MODEL, model.id, part), content)

        return finish

    def _model(self, job: Job, order: Order, trained: Trained, weights: Content) -> Model:
        now = self._clock()
        return Model(
            id=new_id(),
            owner_id=job.owner_id,
            job_id=job.id,
            strategy_id=job.strategy_id,
            dataset_id=job.dataset_id,
            name=job.name,
            task_type=TaskType(order.task),
            algorithm=AlgorithmName(order.algorithm),
            size=weights.size,
            sha256=weights.sha256,
            hyperparameters=dict(order.config),
            measures=trained.body["measures"],
            score=trained.body["score"],
            best_score=trained.body["best_score"],
            stage=Stage.NONE,
            created_at=now,
            updated_at=now,
        )


def _card(trained: Trained) -> Mapping[str, Any]:
    card: Mapping[str, Any] = json.loads(trained.files[Part.CARD].read_bytes()) if Part.CARD in trained.files else {}
    return card
