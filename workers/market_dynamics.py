"""Executors of labellings and dynamics tests, which a TradeMaster service does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from domain.blobs import Blobs
from domain.jobs.events import Level, Log, Result
from domain.jobs.model import CHECKPOINT, Job
from domain.jobs.model import KIND as JOB
from domain.jobs.running import Executors, Finish, JobFailed, Run
from domain.jobs.status import JobKind
from domain.labellings.model import LABELLED_ANEW, DynamicsTestOrder, LabellingOrder
from domain.work import UnitOfWork, Works
from workers.data.jobs import DatasetJobs
from workers.engines.port import ENGINE_MISSING
from workers.engines.trademaster.dynamics import LABELLED, MarketDynamics
from workers.engines.trademaster.errand import AWAY, Errand, Events, carried_out, is_away
from workers.engines.trademaster.events import Event, Failed, Place, Stage, Trouble
from workers.engines.trademaster.known import dynamics_test_doubts
from workers.engines.trademaster.labelling_offer import Labelling
from workers.engines.trademaster.service import Service
from workers.engines.trademaster.upload import UploadRow
from workers.listening import Listening
from workers.scratch import scratch

LOST = "LOST"


class DynamicsJobs:
    """An attempt that is broken off leaves nothing behind but its checkpoint and what it told."""

    def __init__(
        self, *, works: Works, blobs: Blobs, services: Sequence[Service], datasets: DatasetJobs, scratch: Path
    ) -> None:
        self._works = works
        self._listening = Listening(works=works, blobs=blobs)
        self._services: Mapping[str, Service] = {service.name: service for service in services}
        self._datasets = datasets
        self._scratch = scratch

    def executors(self) -> Executors:
        return {JobKind.LABELLING: self.label, JobKind.EVALUATION: self.test}

    async def label(self, job: Job, run: Run) -> Finish:
        order, service = LabellingOrder.of(job), self._service(job)
        async with AsyncExitStack() as stack:
            errand = await self._errand(job, run, service, stack)
            dynamics = MarketDynamics(**service.flow(errand.holder))
            place = errand.place(Stage.LABELLING)
            events = _again(dynamics, place) if place else await self._begun(job, run, order, dynamics, errand)
            trained = await self._listening.to(carried_out(service, errand, events, place=place), job, run)
            taken_in = await self._datasets.take_in(
                job, run, trained.files[LABELLED], symbol=order.symbol, ours=order.training is None
            )
        await run.tell(Result(trained.body))
        return _finish(job, taken_in)

    async def test(self, job: Job, run: Run) -> Finish:
        order, service = DynamicsTestOrder.of(job), self._service(job)
        session = await self._session(UUID(order.training))
        async with AsyncExitStack() as stack:
            errand = await self._errand(job, run, service, stack)
            dynamics = MarketDynamics(**service.flow(errand.holder))
            # Its own session is that of the training: only a checkpoint says that the test has begun.
            place = Place.unpacked(errand.checkpoint.read_text()) if errand.checkpoint else None
            if place is None and (doubts := dynamics_test_doubts(order.dataset, order.agent)):
                await run.tell(Log(Level.WARNING, doubts))
            events = _again(dynamics, place) if place else lambda: self._tested(dynamics, session, order)
            trained = await self._listening.to(carried_out(service, errand, events, place=place), job, run)
        await run.tell(Result(trained.body))
        return _finish(job)

    async def _begun(
        self, job: Job, run: Run, order: LabellingOrder, dynamics: MarketDynamics, errand: Errand
    ) -> Callable[[], Events]:
        if order.training is not None:
            session = await self._session(UUID(order.training))
            wanted = Labelling(dataset=order.dataset or "", **order.settings)
            return lambda: dynamics.label(wanted, session)
        bars = await self._datasets.bars(job, run, errand.folder / "bars.json", order.symbol)
        rows, upload = await asyncio.to_thread(_rows, bars), Labelling(dataset="", **order.settings)
        # The name over there is made of the id.
        return lambda: dynamics.label_upload(job.id, rows, upload)

    def _service(self, job: Job) -> Service:
        service = self._services.get(job.engine or "")
        if service is None:
            raise JobFailed(ENGINE_MISSING, f"This worker has no service of the name {job.engine!r}. Ask the operator.")
        return service

    async def _session(self, training: UUID) -> str:
        async with self._works() as work:
            session = await work.jobs.session_of(training)
        if session is None:
            raise JobFailed(LOST, "The training that this is about is gone, and with it its session on the service.")
        return session

    async def _tested(
        self, dynamics: MarketDynamics, session: str, order: DynamicsTestOrder
    ) -> AsyncGenerator[Event, None]:
        # Only now that it has its seat: until then the session may have been labelled.
        if await self._labelled_since(UUID(order.labelling)):
            yield Failed(Trouble.LOST, LABELLED_ANEW)
            return
        async for event in dynamics.test(session, order.label):
            yield event

    async def _labelled_since(self, id: UUID) -> bool:
        async with self._works() as work:
            labelling = await work.jobs.get(id)
            return labelling is not None and await work.jobs.labelled_since(labelling)

    async def _errand(self, job: Job, run: Run, service: Service, stack: AsyncExitStack) -> Errand:
        async with self._works() as work:
            session = await work.jobs.session_of(job.id)
        errand = Errand(
            holder=f"{job.id}:{job.series_from}",
            folder=await stack.enter_async_context(self._folder()),
            checkpoint=await stack.enter_async_context(run.last_checkpoint()),
            session=session,
            attempt=job.attempt,
        )
        if errand.checkpoint is None and await is_away(service):
            await run.tell(Log(Level.WARNING, AWAY))
        return errand

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[Path]:
        with scratch(self._scratch, "dynamics") as folder:
            yield folder


def _again(dynamics: MarketDynamics, place: Place) -> Callable[[], Events]:
    return lambda: dynamics.resume(place)


def _rows(bars: Path) -> list[UploadRow]:
    found = json.loads(bars.read_text())
    return [_row(*bar) for bar in found]


def _row(at: str, open_: float, high: float, low: float, close: float) -> UploadRow:
    return UploadRow(datetime.fromisoformat(at), close, open_, high, low, close)


def _finish(job: Job, then: Finish | None = None) -> Finish:
    async def finish(work: UnitOfWork) -> None:
        await work.blobs.release(JOB, job.id, CHECKPOINT)
        if then:
            await then(work)

    return finish
