"""What people do with jobs that exist. Starting one belongs to the noun it is about."""

from __future__ import annotations

from uuid import UUID

from domain.audit import Action
from domain.clock import Clock
from domain.errors import Code, Forbidden, Refused
from domain.ids import new_id
from domain.jobs.model import Job
from domain.jobs.running import Endings, put_right
from domain.jobs.status import JobKind, JobStatus
from domain.models.model import Stage
from domain.viewer import Viewer
from domain.work import Queue, Task, UnitOfWork, Works

RUN = "job.run"
"""The task that runs a job; its payload names it."""
IN_USE = frozenset({Stage.STAGING, Stage.PRODUCTION})


_QUEUES = {JobKind.TRAINING: Queue.TRAINING, JobKind.EVALUATION: Queue.EVALUATION}


async def enqueue(work: UnitOfWork, job: Job, queue: Queue) -> None:
    """Keep the job and wake a worker, both with the transaction that asks for it."""
    await work.jobs.add(job)
    await work.enqueue(_task(job, queue))


def _task(job: Job, queue: Queue) -> Task:
    return Task(RUN, {"job": str(job.id)}, queue, owner_id=job.owner_id, priority=job.priority)


def new_job(
    viewer: Viewer,
    kind: JobKind,
    name: str,
    clock: Clock,
    *,
    dataset_id: UUID | None = None,
    strategy_id: UUID | None = None,
    engine: str | None = None,
    priority: int = 0,
    parameters: dict[str, object] | None = None,
) -> Job:
    now = clock()
    return Job(
        id=new_id(),
        owner_id=viewer.id,
        kind=kind,
        dataset_id=dataset_id,
        strategy_id=strategy_id,
        name=name,
        engine=engine,
        priority=priority,
        status=JobStatus.QUEUED,
        progress=0.0,
        epoch=None,
        epochs=None,
        step=None,
        steps=None,
        steps_per_second=None,
        seconds_left=None,
        parameters=parameters or {},
        result=None,
        attempt=0,
        last_seq=0,
        series_from=0,
        has_checkpoint=False,
        error_code=None,
        error_message=None,
        cancel_requested_at=None,
        queued_at=now,
        started_at=None,
        finished_at=None,
        created_at=now,
        updated_at=now,
    )


class Jobs:
    """Cancel jobs; begin again those that did not succeed, or delete them."""

    def __init__(self, *, works: Works, clock: Clock, endings: Endings) -> None:
        self._works = works
        self._clock = clock
        self._endings = endings

    async def cancel(self, viewer: Viewer, id: UUID) -> Job:
        """A queued job is cancelled at once; a running one when its worker has stopped, which takes a moment."""
        async with self._works() as work:
            job = await self._own(work, viewer, id)
            marked = await work.jobs.request_cancel(id, self._clock())
            if marked is None:
                raise Refused.because(Code.WRONG_STATE, f"This job is {job.status.value} already.", "id")
            if marked.status.is_over:
                await put_right(work, marked, self._endings)
        return marked

    async def retry(self, viewer: Viewer, id: UUID) -> Job:
        """From scratch, as it was asked for."""
        async with self._works() as work:
            job = await self._own(work, viewer, id)
            _must_have_failed(job)
            return await self._again(work, job, from_scratch=True)

    async def resume(self, viewer: Viewer, id: UUID) -> Job:
        """From its checkpoint."""
        async with self._works() as work:
            job = await self._own(work, viewer, id)
            _must_have_failed(job)
            if not job.has_checkpoint:
                message = "This job has no checkpoint to go on from. Retry it, which begins at the beginning."
                raise Refused.because(Code.WRONG_STATE, message, "id")
            return await self._again(work, job, from_scratch=False)

    async def delete(self, viewer: Viewer, id: UUID) -> Job:
        """Its model goes with it, unless that is in use."""
        async with self._works() as work:
            job = await self._own(work, viewer, id)
            if not job.status.is_over:
                raise Refused.because(Code.WRONG_STATE, f"This job is {job.status.value}. Cancel it first.", "id")
            if any(model.stage in IN_USE for model in await work.models.of_job(id)):
                message = "The model of this job is in staging or in production. Give it another stage first."
                raise Refused.because(Code.WRONG_STATE, message, "id")
            await work.jobs.delete(id)
            before = {"name": job.name, "kind": job.kind.value, "status": job.status.value}
            await work.audit.record(viewer, Action.JOB_DELETED, of="Job", id=id, before=before)
        return job

    async def _again(self, work: UnitOfWork, job: Job, *, from_scratch: bool) -> Job:
        waiting = await work.jobs.requeue(job.id, self._clock(), from_scratch=from_scratch)
        if waiting is None:
            raise Refused.because(Code.WRONG_STATE, "This job has changed meanwhile. Look at it again.", "id")
        await work.enqueue(_task(waiting, _QUEUES[job.kind]))
        return waiting

    async def _own(self, work: UnitOfWork, viewer: Viewer, id: UUID) -> Job:
        job = await work.jobs.lock(viewer, id)
        if job.owner_id != viewer.id and not viewer.is_admin:
            raise Forbidden("Only who started a job may do this.")
        return job


def _must_have_failed(job: Job) -> None:
    if job.kind not in _QUEUES:
        message = "A job about a dataset is not begun again. Ask for it anew at its dataset."
    elif not job.status.is_over:
        message = f"This job is {job.status.value}. Cancel it first."
    elif job.status is JobStatus.COMPLETED:
        message = "This job is completed, so there is nothing left to do. Start a new one."
    else:
        return
    raise Refused.because(Code.WRONG_STATE, message, "id")
