"""The executor of trainings: gives an engine what it needs, tells the job what the engine says, keeps the model."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from domain.blobs import Blobs, BlobStorage, Content, Owner
from domain.catalogue import AlgorithmName, TaskType
from domain.clock import Clock
from domain.ids import new_id
from domain.jobs.events import Result
from domain.jobs.model import CHECKPOINT, Job
from domain.jobs.running import Executors, Finish, JobFailed, Run
from domain.jobs.status import JobKind
from domain.models.model import KIND as MODEL
from domain.models.model import Model, Part, Stage
from domain.trainings.model import INPUT, JOB, Order
from domain.trainings.remote import is_remote
from domain.work import UnitOfWork, Works
from workers.engines.port import ENGINE_MISSING, Engine, Trained, Wish
from workers.listening import Listening
from workers.scratch import scratch


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
        self._listening = Listening(works=works, blobs=blobs)
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
            trained = await self._listening.to(self._engine(job).train(wish), job, run)
            card = _card(trained)
            kept = {Part(name): await self._listening.keep(path) for name, path in trained.files.items()}
        # Before the job is over, which ends its log.
        await run.tell(Result(trained.body))
        return self._finish(job, order, trained, kept, card)

    def _engine(self, job: Job) -> Engine:
        engine = self._engines.get(job.engine or "")
        if engine is None:
            raise JobFailed(ENGINE_MISSING, f"This worker has no engine of the name {job.engine!r}. Ask the operator.")
        return engine

    async def _wish(self, job: Job, run: Run, order: Order, stack: AsyncExitStack) -> Wish:
        async with self._works() as work:
            data = await work.blobs.of(Owner(JOB, job.id, INPUT))
            session = await work.jobs.session_of(job.id)
        if data is None and not is_remote(job.engine):
            raise JobFailed("DATA_GONE", "The data of this training is gone. Start a new one.")
        return Wish(
            job_id=job.id,
            task=order.task,
            algorithm=order.algorithm,
            config=order.config,
            seeds=order.seeds,
            symbol=order.symbol,
            data=await stack.enter_async_context(self._storage.as_file(data)) if data else None,
            data_sha256=data.sha256 if data else None,
            papers=order.papers(),
            folder=await stack.enter_async_context(self._folder()),
            checkpoint=await stack.enter_async_context(run.last_checkpoint()),
            session=session,
            run=f"{job.id}:{job.series_from}",
            attempt=job.attempt,
        )

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        with scratch(self._scratch, "training") as folder:
            yield folder

    def _finish(
        self, job: Job, order: Order, trained: Trained, kept: Mapping[Part, Content], card: Mapping[str, Any]
    ) -> Finish:
        async def finish(work: UnitOfWork) -> None:
            for part in (INPUT, CHECKPOINT):
                await work.blobs.release(JOB, job.id, part)
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
